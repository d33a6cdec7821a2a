import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { PoolDesk } from "../pool/desk.ts";
import { SECURITY_HEADERS } from "./headers.ts";
import { isOurHost, normalHost } from "./host.ts";
import { listenProblem } from "./listen-problem.ts";
import type { Node } from "./node.ts";
import type { IntakeLimits } from "./pool/intake.ts";
import { PROBLEM_TYPE, problem, sendProblem } from "./problem.ts";

export interface AdminOptions {
	readonly view: Node;
	readonly metrics: Metrics;
	readonly log: Log;
	/** Host names, beside localhost and IP addresses, by which browsers may ask for us; none by default. */
	readonly allowedHosts?: readonly string[];
	/** Undefined: there is no pool, and the API says so. */
	readonly pool?: PoolDesk;
	/** Milliseconds since the epoch; the clock of the system by default. */
	readonly now?: () => number;
	/** What bodies may be, where that differs from what docs/api.md says. */
	readonly intake?: Partial<IntakeLimits>;
}

/** The HTTP server for operators: metrics, health, the page, and the API, through which alone anything is changed. */
export interface Admin {
	/**
	 * Rejects with a message for people when the address cannot be had. Port 0 takes a free one. `open` gives a descriptor
	 * that listens there, for the server to own; without it Node opens one.
	 */
	listen(address: string, port: number, open?: () => number): Promise<{ readonly port: number }>;
	/** Finishes what is in flight, but waits no longer than half a second for it. */
	close(): Promise<void>;
}

/** For a header to arrive, and for a connection to be silent. */
const IDLE_TIMEOUT_MS = 10_000;
/** For a whole request: a million lines take their time. Slow bodies are cut off long before (pool/arrival.ts). */
const REQUEST_TIMEOUT_MS = 600_000;
/** For what is left of a body when its answer has been given. */
const LINGER_MS = 3000;
const CLOSE_TIMEOUT_MS = 500;
const READING: readonly string[] = ["GET", "HEAD"];

/** For what Node itself refuses, before there is a request: RFC 9112 framing, sizes, times. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
	if (error.code === "ECONNRESET" || !socket.writable) {
		socket.destroy();
		return;
	}
	const { status, title, detail } =
		error.code === "HPE_HEADER_OVERFLOW"
			? problem(431, "the request header is too large")
			: error.code === "ERR_HTTP_REQUEST_TIMEOUT"
				? problem(408, "the request took too long to arrive")
				: problem(400, "this is not a well-formed HTTP request");
	const body = JSON.stringify({ status, title, detail });
	socket.end(
		`HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: ${PROBLEM_TYPE}\r\n` +
			`content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
}

type MethodsAt = (path: string) => readonly string[] | undefined;

function refuseMethod(request: FastifyRequest, reply: FastifyReply, methods: readonly string[]): void {
	reply.header("allow", methods.join(", "));
	const what =
		methods.length === READING.length && methods.every((method) => READING.includes(method))
			? "everything is read with GET"
			: `possible are ${methods.join(", ")}`;
	sendProblem(reply, 405, `${request.method} is not possible here; ${what}`);
}

function pathOf(request: FastifyRequest): string {
	return request.url.split("?", 1)[0];
}

function guard(app: FastifyInstance, allowed: ReadonlySet<string>, log: Log, methodsAt: MethodsAt): void {
	app.addHook("onRequest", (request, reply, next) => {
		reply.headers(SECURITY_HEADERS);
		if (!isOurHost(request.headers.host, allowed)) {
			log.warn(
				"refused a request that names another host; if that name is meant, add it to listen.adminHosts",
				{ host: request.headers.host },
			);
			sendProblem(
				reply,
				403,
				"this server goes by its IP address or by localhost, and the Host header names something else. " +
					"Ask for it by address, such as http://127.0.0.1:8053/, or through a proxy that sends that Host",
			);
			return;
		}
		const methods = READING.includes(request.method) ? undefined : (methodsAt(pathOf(request)) ?? READING);
		if (methods === undefined || methods.includes(request.method)) next();
		else refuseMethod(request, reply, methods);
	});
	app.addHook("onResponse", (request, _reply, next) => {
		lingerOver(request.raw);
		next();
	});
}

/**
 * A client that still sends when it has its answer would find the connection broken, and never read it. What it sends is
 * thrown away for a moment.
 */
function lingerOver(raw: IncomingMessage): void {
	if (raw.complete || raw.socket.destroyed) return;
	const { socket } = raw;
	const timer = setTimeout(() => {
		if (!raw.complete) socket.destroy();
	}, LINGER_MS).unref();
	raw.once("close", () => clearTimeout(timer));
	raw.resume();
}

function answerErrors(app: FastifyInstance, log: Log, methodsAt: MethodsAt): void {
	app.setNotFoundHandler((request, reply) => {
		const methods = methodsAt(pathOf(request));
		if (methods !== undefined && !methods.includes(request.method)) {
			refuseMethod(request, reply, methods);
			return;
		}
		sendProblem(
			reply,
			404,
			"nothing lives at this path. See /, /metrics, /healthz, /readyz, and /api/docs for the API",
		);
	});
	app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
		const status = error.statusCode ?? 500;
		if (status < 500) {
			sendProblem(reply, status, error.message);
			return;
		}
		log.error("a request failed, which is a fault in Cordon; report it", {
			path: request.routeOptions.url ?? "",
			error,
		});
		sendProblem(reply, 500, "this is a fault in Cordon; its log says more");
	});
}

async function build(options: AdminOptions): Promise<FastifyInstance> {
	const { view, metrics, log, allowedHosts = [], pool, now = Date.now, intake = {} } = options;
	// Loaded on demand: without an admin server nobody pays for it.
	const [{ fastify }, { addRoutes }, { servePool }, { methodsAt }] = await Promise.all([
		import("fastify"),
		import("./routes.ts"),
		import("./pool/serve.ts"),
		import("./pool/table.ts"),
	]);
	const app = fastify({
		logger: false,
		bodyLimit: 1024,
		connectionTimeout: IDLE_TIMEOUT_MS,
		requestTimeout: REQUEST_TIMEOUT_MS,
		http: { maxHeaderSize: 8192, headersTimeout: IDLE_TIMEOUT_MS, connectionsCheckingInterval: 5000 },
		// A domain may be written with three characters for each octet.
		routerOptions: { maxParamLength: 1100 },
		clientErrorHandler: refuseClient,
		frameworkErrors: (error, _request, reply) => {
			reply.headers(SECURITY_HEADERS);
			const isLong = error.statusCode === 414;
			sendProblem(
				reply as never,
				isLong ? 414 : 400,
				isLong ? "a part of the path is longer than any name" : "the percent-encoding of the path is broken",
			);
		},
	});
	app.server.maxConnections = 256;
	// Otherwise Node would ask for the body before we know whose it is.
	app.server.on("checkContinue", app.routing);
	guard(app, new Set(allowedHosts.map(normalHost)), log, methodsAt);
	answerErrors(app, log, methodsAt);
	addRoutes(app, view, metrics);
	await app.register(async (scope) => {
		await servePool(scope, { desk: pool, node: view, log, now, limits: intake, idleMs: IDLE_TIMEOUT_MS });
	});
	return app;
}

export function createAdmin(options: AdminOptions): Admin {
	let app: FastifyInstance | undefined;
	return {
		async listen(address, port, open) {
			app = await build(options);
			try {
				await app.listen({ host: address, port, ...(open === undefined ? {} : { fd: open() }) });
			} catch (error) {
				throw listenProblem(error, address, port);
			}
			app.server.on("error", (error) =>
				options.log.error("the admin server failed; reload, or restart when it stays away", { error }),
			);
			return { port: (app.server.address() as AddressInfo).port };
		},
		async close() {
			const closing = app;
			app = undefined;
			if (closing === undefined) return;
			const timer = setTimeout(() => closing.server.closeAllConnections(), CLOSE_TIMEOUT_MS);
			await closing.close();
			clearTimeout(timer);
		},
	};
}
