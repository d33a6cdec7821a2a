/** A query over HTTPS (RFC 8484): HTTP/2 where the server speaks it, HTTP/1.1 otherwise. */
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import type { Readable } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Attempt, Received } from "./attempt.ts";
import { formatServer } from "./server.ts";
import { connect } from "./stream.ts";

const MEDIA_TYPE = "application/dns-message";
/** No DNS message is longer. */
const MAX_BODY = 65_535;

interface HttpAnswer {
	readonly status: number;
	readonly type: string;
	readonly location: string | undefined;
	readonly body: Readable;
}

/** Posts the query. */
export async function exchangeHttps(attempt: Attempt): Promise<Received> {
	const socket = connect(attempt, ["h2", "http/1.1"]);
	if (!(socket instanceof TLSSocket)) throw new TypeError("https:// without TLS");
	const stop = () => socket.destroy(new Error("timeout"));
	attempt.signal.addEventListener("abort", stop, { once: true });
	try {
		await once(socket, "secureConnect");
		const address = socket.remoteAddress ?? attempt.server.host;
		const answer = await (socket.alpnProtocol === "h2" ? postHttp2 : postHttp1)(socket, attempt);
		const message = await readBody(answer);
		if (!attempt.accept(message)) throw new Error("the HTTP answer is no answer to this query");
		return { message, address };
	} finally {
		attempt.signal.removeEventListener("abort", stop);
		socket.destroy();
	}
}

function headers(query: Attempt["query"]): Record<string, string | number> {
	return { accept: MEDIA_TYPE, "content-type": MEDIA_TYPE, "content-length": query.message.length };
}

function postHttp1(socket: TLSSocket, { server, query }: Attempt): Promise<HttpAnswer> {
	const { host, port, path } = server;
	return new Promise((resolve, reject) => {
		const post = request({
			method: "POST",
			host,
			port,
			path,
			headers: headers(query),
			createConnection: () => socket,
		});
		post.on("error", reject);
		post.on("response", (response) => {
			resolve({
				status: response.statusCode ?? 0,
				type: response.headers["content-type"] ?? "",
				location: response.headers.location,
				body: response,
			});
		});
		post.end(query.message);
	});
}

function postHttp2(socket: TLSSocket, { server, query }: Attempt): Promise<HttpAnswer> {
	const origin = new URL(formatServer(server)).origin;
	return new Promise((resolve, reject) => {
		const session = connectHttp2(origin, { createConnection: () => socket });
		session.on("error", reject);
		const stream = session.request({ ":method": "POST", ":path": server.path, ...headers(query) });
		stream.on("error", reject);
		stream.on("close", () => reject(new Error("the server closed the connection without an answer")));
		stream.on("response", (fields) => {
			resolve({
				status: fields[":status"] ?? 0,
				type: fields["content-type"] ?? "",
				location: fields.location,
				body: stream,
			});
		});
		stream.end(query.message);
	});
}

async function readBody({ status, type, location, body }: HttpAnswer): Promise<Buffer> {
	if (status >= 300 && status < 400 && location !== undefined) {
		throw new Error(`HTTP ${status}: the server has moved to ${JSON.stringify(location)}; ask there`);
	}
	if (status !== 200) throw new Error(`HTTP ${status} instead of an answer; is the path right?`);
	if (type.split(";")[0]?.trim().toLowerCase() !== MEDIA_TYPE) {
		throw new Error(
			`HTTP 200, but of type ${JSON.stringify(type)} instead of ${MEDIA_TYPE}; is the path right?`,
		);
	}
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of body) {
		length += chunk.length;
		if (length > MAX_BODY) throw new Error(`the HTTP answer is longer than ${MAX_BODY} bytes`);
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
