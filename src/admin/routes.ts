import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Metrics } from "../observe/metrics.ts";
import type { NodeView } from "../observe/status.ts";
import { summarise } from "../observe/summary.ts";
import { readVersion } from "../version.ts";
import { DOCS_HTML, DOCS_STYLE } from "./docs-page.ts";
import { DOCS_SCRIPT } from "./docs-script.ts";
import { apiDocument } from "./openapi.ts";
import { PAGE_HTML, PAGE_ICON } from "./page.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { POOL_ROUTES } from "./pool/table.ts";
import { sendProblem } from "./problem.ts";

/** A name of 255 octets with each of them written as \DDD. */
const MAX_NAME_LENGTH = 1020;

const JSON_TYPE = "application/json; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";

/** The one `name` of the query string; undefined when there is none, or more than one. */
function nameAsked(request: FastifyRequest): string | undefined {
	const { name } = request.query as Record<string, unknown>;
	return typeof name === "string" && name.trim() !== "" ? name.trim() : undefined;
}

/** `explain` says by an Error that it cannot read a name; its kinds that engines throw are faults of ours. */
function isFault(error: unknown): boolean {
	return !(error instanceof Error) || error instanceof TypeError || error instanceof ReferenceError;
}

export function addRoutes(app: FastifyInstance, view: NodeView, metrics: Metrics): void {
	app.get("/metrics", async (_request, reply) => {
		const { contentType, body } = await metrics.scrape();
		return reply.type(contentType).send(body);
	});

	app.get("/healthz", (_request, reply) => {
		reply.type(TEXT_TYPE).send("ok\n");
	});

	app.get("/readyz", (_request, reply) => {
		const { ready, waitingFor } = view.status();
		if (ready) reply.type(TEXT_TYPE).send("ok\n");
		else sendProblem(reply, 503, `not ready: ${waitingFor ?? "still starting"}`);
	});

	app.get("/api/v1/status", (_request, reply) => {
		reply.type(JSON_TYPE).send(JSON.stringify(view.status()));
	});

	app.get("/api/v1/summary", (_request, reply) => {
		reply.type(JSON_TYPE).send(JSON.stringify(summarise(view)));
	});

	app.get("/api/v1/explain", (request, reply) => {
		const name = nameAsked(request);
		if (name === undefined) {
			sendProblem(reply, 400, "which name? Ask with one name: /api/v1/explain?name=example.org");
			return;
		}
		if (name.length > MAX_NAME_LENGTH) {
			sendProblem(reply, 400, `the name has ${name.length} characters; no domain name has more than 253`);
			return;
		}
		try {
			reply.type(JSON_TYPE).send(JSON.stringify(view.explain(name)));
		} catch (error) {
			if (isFault(error)) throw error;
			sendProblem(reply, 400, (error as Error).message);
		}
	});

	let written: string | undefined;
	app.get("/api/v1/openapi.json", (_request, reply) => {
		written ??= JSON.stringify(apiDocument(POOL_ROUTES, readVersion()));
		reply.type(JSON_TYPE).send(written);
	});

	for (const [path, type, body] of [
		["/", "text/html; charset=utf-8", PAGE_HTML],
		["/page.js", "text/javascript; charset=utf-8", PAGE_SCRIPT],
		["/page.css", "text/css; charset=utf-8", PAGE_STYLE],
		["/icon.svg", "image/svg+xml", PAGE_ICON],
		["/api/docs", "text/html; charset=utf-8", DOCS_HTML],
		["/api/docs.js", "text/javascript; charset=utf-8", DOCS_SCRIPT],
		["/api/docs.css", "text/css; charset=utf-8", DOCS_STYLE],
	] as const) {
		app.get(path, (_request, reply) => {
			reply.type(type).send(body);
		});
	}
}
