/** An admin server with a pool behind it, and a client that can ask it anything. */
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { Test } from "tap";
import { type AdminOptions, createAdmin } from "../../src/admin/server.ts";
import { createLog } from "../../src/observe/log.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { FakeNode } from "../observe/fake-node.ts";
import { ADMIN, FakeDesk } from "./fake-desk.ts";

export interface Reply {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
	/** The body as JSON; undefined when it is none. */
	readonly json: Record<string, unknown> | undefined;
}

export interface Asking {
	readonly method?: string;
	/** `null`: none. The admin's when absent. */
	readonly token?: string | null;
	readonly headers?: Readonly<Record<string, string>>;
	/** Anything but text or bytes is sent as JSON. */
	readonly body?: unknown;
}

function parsed(body: string): Record<string, unknown> | undefined {
	try {
		return JSON.parse(body) as Record<string, unknown>;
	} catch {
		return undefined;
	}
}

export function ask(port: number, path: string, asking: Asking = {}): Promise<Reply> {
	const { token = ADMIN, headers = {}, body, method = body === undefined ? "GET" : "POST" } = asking;
	const raw = typeof body === "string" || Buffer.isBuffer(body);
	const type = body === undefined ? {} : { "content-type": "application/json" };
	const payload = body === undefined || raw ? body : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const request = httpRequest(
			{
				...{ host: "127.0.0.1", port, path, method, agent: false },
				headers: { ...type, ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
			},
			(response) => {
				const chunks: Buffer[] = [];
				response.on("data", (chunk: Buffer) => chunks.push(chunk));
				response.on("error", reject);
				response.on("end", () => {
					const text = Buffer.concat(chunks).toString();
					resolve({
						...{ status: response.statusCode ?? 0, headers: response.headers },
						...{ body: text, json: parsed(text) },
					});
				});
			},
		);
		request.on("error", reject).end(payload as string | Buffer | undefined);
	});
}

export function isProblem(t: Test, reply: Reply, status: number, detail: RegExp): void {
	t.equal(reply.status, status, reply.body.slice(0, 200));
	t.equal(reply.headers["content-type"], "application/problem+json; charset=utf-8");
	t.equal(reply.json?.status, status);
	t.match(reply.json?.detail, detail);
}

type ServingOptions = Omit<Partial<AdminOptions>, "pool"> & { readonly withoutPool?: boolean };

export async function serving(t: Test, { withoutPool = false, ...options }: ServingOptions = {}) {
	const desk = new FakeDesk();
	const lines: string[] = [];
	const log = createLog({ level: "debug", format: "text", write: (line) => lines.push(line) });
	const node = new FakeNode();
	const metrics = createMetrics({ view: node, process: false });
	const admin = createAdmin({ view: node, metrics, log, ...(withoutPool ? {} : { pool: desk }), ...options });
	const { port } = await admin.listen("127.0.0.1", 0);
	t.teardown(() => admin.close());
	const api = (path: string, asking?: Asking): Promise<Reply> => ask(port, `/api/v1${path}`, asking);
	return { desk, node, lines, admin, port, api };
}

/** Resolves when it holds, and rejects when it does not within some seconds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
	const deadline = Date.now() + 10_000;
	while (!holds()) {
		if (Date.now() > deadline) throw new Error(`it never came to be that ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
}
