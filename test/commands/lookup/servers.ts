/** Small real servers on port 0 that send whatever a test wants, over every transport. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createSecureServer } from "node:http2";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";

/** The messages that answer a query, in the order in which they are sent. */
export type Answer = (query: Buffer) => readonly Buffer[];

export interface Running {
	readonly port: number;
	close(): void;
}

const tlsFile = (name: string) => readFile(new URL(`../../../../test/fixtures/tls/${name}`, import.meta.url));

export async function startUdp(answer: Answer, port = 0): Promise<Running> {
	const socket = createSocket("udp4");
	socket.on("message", (query, { port: from, address }) => {
		for (const message of answer(query)) socket.send(message, from, address);
	});
	socket.bind(port, "127.0.0.1");
	await once(socket, "listening");
	return { port: socket.address().port, close: () => socket.close() };
}

/** `chunk`: how many bytes are written at once, so that the client has to put messages together. */
function serveStream(socket: Socket, answer: Answer, chunk: number): void {
	let pending = Buffer.alloc(0);
	socket.on("error", () => socket.destroy());
	socket.on("data", (data) => {
		pending = Buffer.concat([pending, data]);
		if (pending.length < 2 || pending.length < 2 + pending.readUInt16BE(0)) return;
		const messages = answer(pending.subarray(2, 2 + pending.readUInt16BE(0)));
		if (messages.length === 0) return void socket.end();
		const bytes = Buffer.concat(
			messages.flatMap((message) => [Buffer.of(message.length >> 8, message.length & 255), message]),
		);
		for (let at = 0; at < bytes.length; at += chunk) socket.write(bytes.subarray(at, at + chunk));
	});
}

async function listening(server: Server, port: number): Promise<Running> {
	const sockets = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
	});
	server.listen(port, "127.0.0.1");
	await once(server, "listening");
	return {
		port: (server.address() as AddressInfo).port,
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}

export async function startTcp(answer: Answer, port = 0, chunk = 65_537): Promise<Running> {
	return listening(
		createTcp((socket) => serveStream(socket, answer, chunk)),
		port,
	);
}

export async function startTls(answer: Answer): Promise<Running> {
	const options = { key: await tlsFile("test.key"), cert: await tlsFile("test.crt"), ALPNProtocols: ["dot"] };
	return listening(
		createTls(options, (socket) => serveStream(socket, answer, 65_537)),
		0,
	);
}

export interface HttpAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
}

/** A DoH server; without `http2` it speaks HTTP/1.1 alone. */
export async function startHttps(
	answer: (query: Buffer, path: string) => HttpAnswer,
	{ http2 }: { http2: boolean },
): Promise<Running> {
	const server = createSecureServer({
		key: await tlsFile("test.key"),
		cert: await tlsFile("test.crt"),
		allowHTTP1: true,
		ALPNProtocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"],
	});
	server.on("request", async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const { status, headers, body } = answer(Buffer.concat(chunks), request.url);
		response.writeHead(status, headers);
		response.end(body);
	});
	return listening(server, 0);
}
