/** What commands say to a running server, through its admin address. */
import {
	type ClientRequest,
	type IncomingMessage,
	request as overHttp,
	type RequestOptions,
} from "node:http";
import { request as overHttps } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const TIMEOUT_MS = 5000;
/** How long a server may take to ask for the body. */
const CONTINUE_MS = 3000;
/** An answer that is read as a whole. */
const MOST_BYTES = 64 * 1024 ** 2;
const ADVICE =
	"Is Cordon running? Start it with npm start, or name its listen.admin with --admin or --config";

/** Nobody answers there, or a stranger does. */
export class NotReachable extends Error {
	override readonly name = "NotReachable";
}

/** The server answered with a problem; the message is its own. */
export class Refused extends Error {
	override readonly name = "Refused";
	/** Of HTTP. */
	readonly status: number;

	constructor(status: number, detail: string) {
		super(detail);
		this.status = status;
	}
}

export type Json = Readonly<Record<string, unknown>>;

export interface Sending {
	readonly method?: "GET" | "POST" | "DELETE";
	/** Sent as JSON. */
	readonly json?: unknown;
	/** Sent as it comes, with the Content-Type of `headers`. */
	readonly body?: AsyncIterable<string | Buffer>;
	readonly headers?: Readonly<Record<string, string>>;
	/** How long the server may be silent, in milliseconds. */
	readonly timeoutMs?: number;
}

function whyUnreachable(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const { code } = error as NodeJS.ErrnoException;
	if (code === "ECONNREFUSED") return "nothing listens there";
	if (code === "ECONNRESET") return "the connection broke off";
	return error.message;
}

function parseJson(body: string): Json | undefined {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === "object" && value !== null ? (value as Json) : undefined;
	} catch {
		return undefined;
	}
}

async function textOf(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > MOST_BYTES) throw new Error("its answer is too large");
		chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString("utf8");
}

export class AdminClient {
	readonly #base: URL;
	readonly #token: string | undefined;

	/** @param token undefined: for what needs none. */
	constructor(base: URL, token?: string) {
		this.#base = base;
		this.#token = token;
	}

	get origin(): string {
		return this.#base.origin;
	}

	/** The answer as JSON. Rejects with NotReachable or Refused. */
	async get(path: string, timeoutMs = TIMEOUT_MS): Promise<Json> {
		return (await this.send(path, { timeoutMs })) ?? {};
	}

	/** The answer as JSON, undefined when there is none (204). Rejects with NotReachable or Refused. */
	async send(path: string, sending: Sending): Promise<Json | undefined> {
		const response = await this.open(path, sending);
		const said = await this.#whole(response);
		if (response.statusCode === 204) return undefined;
		const value = parseJson(said);
		if (value === undefined) throw this.stranger();
		return value;
	}

	/** The answer as it comes, once it is known to be a good one. Rejects with NotReachable or Refused. */
	async open(path: string, sending: Sending): Promise<IncomingMessage> {
		const response = await this.#exchange(path, sending);
		const { statusCode = 0 } = response;
		if (statusCode >= 200 && statusCode < 300) return response;
		const problem = parseJson(await this.#whole(response));
		if (typeof problem?.detail !== "string") throw this.stranger();
		throw new Refused(statusCode, problem.detail);
	}

	stranger(): NotReachable {
		return new NotReachable(`what answers on ${this.origin} is not the admin server of Cordon. ${ADVICE}`);
	}

	/** What went wrong with the connection, for people. */
	brokenOff(error: unknown): NotReachable {
		const why = whyUnreachable(error);
		return new NotReachable(`cannot ask ${this.origin}: ${why}. ${ADVICE}`, { cause: error });
	}

	async #whole(response: IncomingMessage): Promise<string> {
		try {
			return await textOf(response);
		} catch (error) {
			throw this.brokenOff(error);
		}
	}

	#exchange(path: string, sending: Sending): Promise<IncomingMessage> {
		const { method = "GET", json, body, headers = {}, timeoutMs = TIMEOUT_MS } = sending;
		const payload = json === undefined ? undefined : JSON.stringify(json);
		const options: RequestOptions = {
			method,
			agent: false,
			headers: {
				accept: "application/json",
				...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
				...(payload === undefined ? {} : { "content-type": "application/json" }),
				// What is going to be refused need not be sent.
				...(body === undefined ? {} : { expect: "100-continue" }),
				...headers,
			},
		};
		return new Promise((resolve, reject) => {
			const request = (this.#base.protocol === "https:" ? overHttps : overHttp)(
				new URL(path, this.#base),
				options,
			);
			let answered = false;
			request.on("response", (response) => {
				answered = true;
				resolve(response);
			});
			request.on("error", (error) => {
				// A server that refuses in the middle of the body closes behind its answer.
				if (!answered) reject(this.brokenOff(error));
			});
			request.setTimeout(timeoutMs, () => {
				request.destroy(new Error(`it did not answer within ${timeoutMs / 1000} s`));
			});
			if (body === undefined) request.end(payload);
			else this.#feed(request, body, reject);
		});
	}

	#feed(
		request: ClientRequest,
		body: AsyncIterable<string | Buffer>,
		reject: (error: unknown) => void,
	): void {
		let fault: unknown;
		async function* watched(): AsyncGenerator<string | Buffer> {
			try {
				yield* body;
			} catch (error) {
				fault = error;
				throw error;
			}
		}
		const start = (): void => {
			clearTimeout(waiting);
			request.off("continue", start);
			pipeline(Readable.from(watched(), { objectMode: false }), request).catch(() => {
				// What cannot be sent, the request tells itself.
				if (fault !== undefined) reject(fault);
			});
		};
		// A proxy between us may not know how to ask for the body (RFC 9110, section 10.1.1).
		const waiting = setTimeout(start, CONTINUE_MS);
		request.on("continue", start);
		request.once("close", () => clearTimeout(waiting));
		request.once("response", (response) => {
			clearTimeout(waiting);
			// Answered before all was sent: it was refused.
			response.once("end", () => {
				if (!request.writableFinished) request.destroy();
			});
		});
		request.flushHeaders();
	}
}
