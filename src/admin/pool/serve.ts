/** The pool's routes, as Fastify serves them: all that is checked before a route is asked, and how it answers. */
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../../observe/log.ts";
import { DeskError, type PoolDesk } from "../../pool/desk.ts";
import { PoolUnavailable } from "../../pool/store.ts";
import type { Node } from "../node.ts";
import { PROBLEM_TYPE, problem, sendProblem } from "../problem.ts";
import { Access } from "./access.ts";
import { hasBody } from "./arrival.ts";
import { type Fields, readFields, shown, type Values } from "./field.ts";
import { INTAKE_LIMITS, Intake, type IntakeLimits, JSON_TYPE } from "./intake.ts";
import { HungUp, Refusal } from "./refusal.ts";
import type { Answer, PoolRoute } from "./route.ts";
import { API, POOL_ROUTES } from "./table.ts";
import { Turnstile } from "./turnstile.ts";

export interface PoolParts {
	/** Undefined: there is no pool. */
	readonly desk: PoolDesk | undefined;
	readonly node: Node;
	readonly log: Log;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	readonly limits?: Partial<IntakeLimits>;
	/** How long a connection may be silent while nothing is done for it, in milliseconds. */
	readonly idleMs: number;
}

/** How long a client may take nothing of an answer. */
const UNREAD_MS = 60_000;
const RETRY_AFTER_S = "10";
const OFF =
	"this node has no pool: pool.store is off in its configuration. Set it to embedded or redis and restart";

/** Of a request's path: the parameters come decoded. */
function fastifyPath(path: string): string {
	return API + path.replace(/\{(\w+)\}/g, ":$1");
}

async function bodyFields(route: PoolRoute, request: FastifyRequest, reply: FastifyReply, intake: Intake) {
	if (route.takesContributions) return {};
	if (route.bodyFields === undefined) {
		if (!hasBody(request.raw)) return {};
		throw new Refusal(400, `${route.method} ${API}${route.path} takes no body; leave it out`);
	}
	const value = (await intake.json(request.raw, reply.raw, route.bodyOptional)) ?? {};
	if (typeof value !== "object" || Array.isArray(value)) {
		throw new Refusal(400, `the body must be a JSON object, and is ${shown(value)}`);
	}
	return readFields(route.bodyFields, value as Record<string, unknown>, "field");
}

/** Only those that the route knows: a request has other headers as well. */
function headerValues(fields: Fields, headers: Readonly<Record<string, unknown>>): Values<Fields> {
	const known = Object.entries(headers).filter(([name]) => Object.hasOwn(fields, name));
	return readFields(fields, Object.fromEntries(known), "header");
}

/** The first piece is made before anything is sent, so that what fails at once is still answered with a problem. */
async function begun(
	chunks: AsyncIterable<string>,
	onFault: (error: unknown) => void,
): Promise<AsyncGenerator<string, void>> {
	const iterator = chunks[Symbol.asyncIterator]();
	const first = await iterator.next();
	return (async function* () {
		try {
			if (first.done) return;
			yield first.value;
			for (;;) {
				const next = await iterator.next();
				if (next.done) return;
				yield next.value;
			}
		} catch (error) {
			onFault(error);
			throw error;
		} finally {
			await iterator.return?.();
		}
	})();
}

async function send(answer: Answer, request: FastifyRequest, reply: FastifyReply, log: Log): Promise<void> {
	request.raw.socket.setTimeout(UNREAD_MS);
	switch (answer.kind) {
		case "nothing":
			await reply.code(204).send();
			return;
		case "json":
			await reply.code(answer.status).type(`${JSON_TYPE}; charset=utf-8`).send(JSON.stringify(answer.value));
			return;
		case "problem": {
			const body = { ...problem(answer.status, answer.detail), ...answer.more };
			await reply.code(answer.status).type(PROBLEM_TYPE).send(JSON.stringify(body));
			return;
		}
		case "stream": {
			const pieces = await begun(answer.chunks, (error) => {
				log.error("an answer broke off: its reader has to ask again", {
					path: request.routeOptions.url ?? "",
					error,
				});
			});
			// Fastify would read a stream to its end to answer HEAD.
			if (request.method === "HEAD") await pieces.return();
			await reply
				.code(200)
				.type(answer.type)
				.send(Readable.from(pieces, { objectMode: false }));
		}
	}
}

/** What the error means to the client; undefined when it is a fault of ours. */
function refusalOf(error: unknown): Refusal | undefined {
	if (error instanceof Refusal) return error;
	if (error instanceof DeskError) return new Refusal(error.status, error.message);
	if (error instanceof PoolUnavailable) {
		// Some are sentences, with their dot.
		return new Refusal(503, `${error.message.replace(/\.+$/, "")}. Nothing was changed; try again later`, {
			"retry-after": RETRY_AFTER_S,
		});
	}
	// Fastify's own: a Content-Type that is none.
	const { statusCode, code } = error as { readonly statusCode?: number; readonly code?: string };
	if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
		return new Refusal(415, "the Content-Type cannot be read; send application/json");
	}
	return statusCode !== undefined && statusCode < 500
		? new Refusal(statusCode, (error as Error).message)
		: undefined;
}

export async function servePool(app: FastifyInstance, parts: PoolParts): Promise<void> {
	const { desk, node, log, now, limits, idleMs } = parts;
	const intake = new Intake({ ...INTAKE_LIMITS, ...limits });
	const turnstile = new Turnstile();
	const access = desk === undefined ? undefined : new Access(desk, log, now);
	// Bodies are read by the routes, after they know who sends them.
	app.removeAllContentTypeParsers();
	app.addContentTypeParser("*", (_request, _payload, done) => done(null));
	app.setErrorHandler((error, request, reply) => {
		if (error instanceof HungUp) {
			log.debug("a client hung up", { path: request.routeOptions.url ?? "" });
			request.raw.socket.destroy();
			return;
		}
		const refusal = refusalOf(error);
		if (refusal === undefined) throw error;
		sendProblem(reply.headers(refusal.headers), refusal.status, refusal.message);
	});
	for (const route of POOL_ROUTES) {
		app.route({
			method: route.method,
			url: fastifyPath(route.path),
			handler: async (request, reply) => {
				if (desk === undefined || access === undefined) throw new Refusal(404, OFF);
				const actor = await access.admit(request.raw);
				// From here on it is the body's pace and the pool's deadlines that count, not the silence of the socket.
				const { socket } = request.raw;
				socket.setTimeout(0);
				reply.raw.once("close", () => socket.setTimeout(idleMs));
				const path = readFields(
					route.pathFields,
					request.params as Record<string, unknown>,
					"path parameter",
				);
				const query = readFields(route.queryFields, request.query as Record<string, unknown>, "parameter");
				const headers = headerValues(route.headerFields, request.headers);
				const body = await bodyFields(route, request, reply, intake);
				const call = { desk, node, log, actor, path, query, headers, body, intake, turnstile, now: now() };
				const answer = await route.handle({ ...call, raw: request.raw, response: reply.raw });
				await send(answer, request, reply, log);
				return reply;
			},
		});
	}
}
