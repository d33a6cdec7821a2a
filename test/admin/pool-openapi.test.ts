import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import { type Test, test } from "tap";
import { DOCS_HTML, DOCS_STYLE } from "../../src/admin/docs-page.ts";
import { DOCS_SCRIPT } from "../../src/admin/docs-script.ts";
import { apiDocument } from "../../src/admin/openapi.ts";
import { methodsAt, POOL_ROUTES } from "../../src/admin/pool/table.ts";
import type { FakeDesk } from "./fake-desk.ts";
import { type Asking, ask, type Reply, serving } from "./pool-server.ts";
import { schemaFaults } from "./schema-faults.ts";

const API = apiDocument(POOL_ROUTES, "0.1.0");
const METHODS = ["get", "post", "delete"];

interface Operation {
	readonly operationId: string;
	readonly summary: string;
	readonly tags: readonly string[];
	readonly security?: readonly unknown[];
	readonly parameters: readonly {
		readonly name: string;
		readonly in: string;
		readonly description: string;
	}[];
	readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

function operations(): { readonly path: string; readonly method: string; readonly operation: Operation }[] {
	return Object.entries(API.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({
			path,
			method,
			operation: operation as unknown as Operation,
		})),
	);
}

function schemaOf({ operation }: { operation: Operation }, status: number, type = "application/json") {
	const content = operation.responses[String(status)]?.content?.[type];
	return (content as { schema?: Record<string, unknown> } | undefined)?.schema;
}

test("every route of the pool is in the document, and all that is in the document is served", async (t) => {
	const { port } = await serving(t);
	const described = new Set(operations().map(({ path, method }) => `${method.toUpperCase()} ${path}`));
	for (const { method, path } of POOL_ROUTES) t.ok(described.has(`${method} /api/v1${path}`), path);
	for (const { path, method, operation } of operations()) {
		const asked = path.replace(/\{\w+\}/g, "some.example");
		const reply = await ask(port, asked, { method: method.toUpperCase(), token: null });
		const isOpen = operation.security?.length === 0;
		t.ok(isOpen ? reply.status < 401 : reply.status === 401, `${method} ${path}: ${reply.status}`);
		if (isOpen) continue;
		t.ok(methodsAt(asked)?.includes(method.toUpperCase()), `${method} ${path}`);
	}
	t.equal(new Set(operations().map(({ operation }) => operation.operationId)).size, operations().length);
});

test("a method that the document does not name for a path is refused with those that it does", async (t) => {
	const { port } = await serving(t);
	for (const path of Object.keys(API.paths).filter((one) => one.startsWith("/api/v1/"))) {
		const asked = path.replace(/\{\w+\}/g, "some.example");
		// Its last part is taken for a domain as well.
		if (path.endsWith("/export")) continue;
		for (const method of METHODS.filter((one) => !Object.hasOwn(API.paths[path], one))) {
			const reply = await ask(port, asked, { method: method.toUpperCase() });
			t.equal(reply.status, 405, `${method} ${path}`);
			const allowed = Object.keys(API.paths[path]).flatMap((one) =>
				one === "get" ? ["GET", "HEAD"] : [one.toUpperCase()],
			);
			t.same(reply.headers.allow?.split(", ").sort(), allowed.sort(), path);
		}
	}
});

test("everything is said: parameters in paths, references, types", async (t) => {
	const references = [...JSON.stringify(API).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
		([, name]) => name,
	);
	for (const name of references) t.ok(Object.hasOwn(API.components.schemas, name), name);
	for (const name of Object.keys(API.components.schemas)) t.ok(references.includes(name), `${name} is used`);
	for (const { path, method, operation } of operations()) {
		const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
		const described = operation.parameters.filter((one) => one.in === "path").map((one) => one.name);
		t.same(described, inPath, `${method} ${path}`);
		t.ok(operation.parameters.every((one) => one.description.length > 3));
		t.ok(operation.summary.length > 10);
	}
	t.match(API.openapi, /^3\.1\./);
});

/** What each operation is asked, and what is there before. */
const GOOD: Readonly<Record<string, { path?: string; asking?: Asking; before?: (desk: FakeDesk) => void }>> =
	{
		contribute: { asking: { body: { domain: "new.example", category: "malware" } } },
		withdraw: { path: "/contributions/bad.example" },
		readOpinion: { path: "/opinion?name=bad.example" },
		dispute: { asking: { body: { domain: "bad.example", reason: "ours" } } },
		undispute: { path: "/disputes/argued.example" },
		approve: { path: "/held/protected:bad.example:admin/approve" },
		reject: { path: "/held/protected:bad.example:admin/reject" },
		setLogLevel: { asking: { body: { level: "debug", for: "10m" } } },
		flushCache: { asking: { body: { name: "www.example.org", scope: "subtree" } } },
		addMember: { asking: { body: { name: "isp-b" } } },
		revokeMember: { path: "/members/cert" },
	};

async function filled(t: Test) {
	const found = await serving(t);
	await found.api("/contributions", { body: { domain: "bad.example", category: "malware" } });
	await found.api("/disputes", { body: { domain: "argued.example", reason: "ours" } });
	const contribution = [...found.desk.kept.values()][0];
	const id = "protected:bad.example:admin";
	const dispute = found.desk.objections[0];
	found.desk.waiting.set(id, {
		...{ id, kind: "protected", reason: "popular", since: 1, approvalsNeeded: 2, approvals: [] },
		...{ contribution, disputes: [dispute] },
	});
	const entry = { id: "1-0", at: 1, actor: "cert", node: "n1", from: "127.0.0.1", action: "add" };
	found.desk.entries.push({ ...entry, details: { domain: "bad.example" } });
	return found;
}

function answered(t: Test, one: { path: string; method: string; operation: Operation }, reply: Reply): void {
	const name = `${one.method} ${one.path}`;
	t.ok(reply.status < 300, `${name}: ${reply.status} ${reply.body}`);
	t.ok(Object.hasOwn(one.operation.responses, reply.status), `${name}: ${reply.status} is in the document`);
	const type = reply.headers["content-type"]?.split(";")[0];
	if (reply.status === 204) {
		t.equal(reply.body, "");
		return;
	}
	const schema = schemaOf(one, reply.status, type);
	t.ok(schema, `${name}: ${type} is in the document`);
	if (schema === undefined) return;
	const values = type === "application/x-ndjson" ? reply.body.trim().split("\n") : [reply.body];
	for (const value of values)
		t.same(schemaFaults(schema, JSON.parse(value), API.components.schemas), [], name);
}

test("every route answers what the document says", async (t) => {
	for (const one of operations().filter(({ operation }) => operation.security === undefined)) {
		const { api } = await filled(t);
		const { path = one.path.slice("/api/v1".length), asking = {} } = GOOD[one.operation.operationId] ?? {};
		answered(t, one, await api(path, { method: one.method.toUpperCase(), ...asking }));
	}
});

test("docs/api.md names every route, and no other", async (t) => {
	const page = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");
	const named = [...page.matchAll(/^\| `((?:GET|POST|DELETE) \/[^`]*)` \|/gm)].map(([, name]) => name);
	t.same(named.toSorted(), POOL_ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted());
});

test("an answer that the document does not have is seen", async (t) => {
	const schemas = API.components.schemas;
	const good = { domain: "a.example", member: "cert", reason: "", created: 1 };
	t.same(schemaFaults({ $ref: "#/components/schemas/Dispute" }, good, schemas), []);
	for (const bad of [{ ...good, more: 1 }, { ...good, created: "1" }, { domain: "a.example" }, [], null]) {
		t.not(schemaFaults({ $ref: "#/components/schemas/Dispute" }, bad, schemas).length, 0);
	}
});

test("the document and its page are served without a token, and bring everything themselves", async (t) => {
	const { port } = await serving(t);
	const document = await ask(port, "/api/v1/openapi.json", { token: null });
	t.equal(document.headers["content-type"], "application/json; charset=utf-8");
	t.same(Object.keys(document.json?.paths as object), Object.keys(API.paths));
	for (const [path, type] of [
		["/api/docs", "text/html; charset=utf-8"],
		["/api/docs.js", "text/javascript; charset=utf-8"],
		["/api/docs.css", "text/css; charset=utf-8"],
	]) {
		const reply = await ask(port, path, { token: null });
		t.match(reply, { status: 200, headers: { "content-type": type } });
		t.match(reply.headers["content-security-policy"], /default-src 'none'/);
		t.notMatch(reply.body, /https?:\/\/|<style|\sstyle=|\son[a-z]+=|<script(?! src=)/, path);
	}
});

test("the page's script is JavaScript, sets data as text alone, and finds its elements", async (t) => {
	t.ok(new Script(DOCS_SCRIPT));
	t.notMatch(DOCS_SCRIPT, /innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|\.style\b/);
	const ids = new Set([...DOCS_HTML.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));
	for (const [, id] of DOCS_SCRIPT.matchAll(/\bat\("([^"]+)"/g)) t.ok(ids.has(id), id);
	for (const [, id] of DOCS_STYLE.matchAll(/#([a-z][a-z-]+)[\s:.]/g)) t.ok(ids.has(id), id);
});
