import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { connect, createServer } from "node:net";
import { type Test, test } from "tap";
import { type AdminOptions, createAdmin } from "../../src/admin/server.ts";
import { createLog } from "../../src/observe/log.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { parseExposition } from "../observe/exposition.ts";
import { FakeNode, STATUS } from "../observe/fake-node.ts";

interface Reply {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

/** Not fetch, which lets nobody choose the Host header. */
function ask(port: number, path: string, options: RequestOptions = {}): Promise<Reply> {
	return new Promise((resolve, reject) => {
		const request = httpRequest({ host: "127.0.0.1", port, path, agent: false, ...options }, (response) => {
			const chunks: Buffer[] = [];
			response.on("data", (chunk: Buffer) => chunks.push(chunk));
			response.on("end", () =>
				resolve({
					status: response.statusCode ?? 0,
					headers: response.headers,
					body: Buffer.concat(chunks).toString(),
				}),
			);
		});
		request.on("error", reject).end();
	});
}

/** Bytes as they are, and all that comes back until the server hangs up. */
function raw(port: number, bytes: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
		socket.on("data", (chunk) => chunks.push(chunk));
		socket.on("close", () => resolve(Buffer.concat(chunks).toString()));
		socket.on("error", reject);
	});
}

async function serving(t: Test, options: Partial<AdminOptions> = {}) {
	const node = new FakeNode();
	const lines: string[] = [];
	const log = createLog({ level: "debug", format: "text", write: (line) => lines.push(line) });
	const admin = createAdmin({
		view: node,
		metrics: createMetrics({ view: node, process: false }),
		log,
		...options,
	});
	const { port } = await admin.listen("127.0.0.1", 0);
	t.teardown(() => admin.close());
	return { node, lines, admin, port };
}

function isProblem(t: Test, reply: Reply, status: number, detail: RegExp): void {
	t.equal(reply.status, status);
	t.equal(reply.headers["content-type"], "application/problem+json; charset=utf-8");
	const problem = JSON.parse(reply.body) as { status: number; title: string; detail: string };
	t.equal(problem.status, status);
	t.type(problem.title, "string");
	t.match(problem.detail, detail);
}

test("metrics", async (t) => {
	const { port, node } = await serving(t);
	node.workers[0].query(0, 1);
	const reply = await ask(port, "/metrics");
	t.equal(reply.status, 200);
	t.equal(reply.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
	t.equal(parseExposition(reply.body).get("cordon_queries_total")?.samples[0]?.value, 1);
});

test("health and readiness", async (t) => {
	const { port, node } = await serving(t);
	t.match(await ask(port, "/healthz"), { status: 200, body: "ok\n" });
	t.match(await ask(port, "/readyz"), { status: 200, body: "ok\n" });
	node.current = { ...STATUS, ready: false, waitingFor: "the first version of the list malicious" };
	isProblem(t, await ask(port, "/readyz"), 503, /^not ready: the first version of the list malicious$/);
	t.match(await ask(port, "/healthz"), { status: 200, body: "ok\n" });
});

test("status and summary", async (t) => {
	const { port } = await serving(t);
	const status = await ask(port, "/api/v1/status");
	t.equal(status.headers["content-type"], "application/json; charset=utf-8");
	t.same(JSON.parse(status.body), STATUS);
	t.match(JSON.parse((await ask(port, "/api/v1/summary")).body), {
		queries: 0,
		shareBlocked: 0,
		upstreams: [{}, {}],
	});
});

test("explain", async (t) => {
	const { port, lines } = await serving(t);
	const reply = await ask(port, "/api/v1/explain?name=ads.example.org");
	t.match(JSON.parse(reply.body), { name: "ads.example.org", blocked: true, rules: [{ line: 17 }] });
	isProblem(t, await ask(port, "/api/v1/explain?name=a..b"), 400, /^a\.\.b has an empty label/);
	isProblem(t, await ask(port, "/api/v1/explain"), 400, /which name\?/);
	isProblem(t, await ask(port, "/api/v1/explain?name="), 400, /which name\?/);
	isProblem(t, await ask(port, "/api/v1/explain?name=a&name=b"), 400, /which name\?/);
	isProblem(t, await ask(port, `/api/v1/explain?name=${"a".repeat(2000)}`), 400, /2000 characters/);
	t.same(lines, []);
	isProblem(t, await ask(port, "/api/v1/explain?name=fault.example.org"), 500, /its log says more/);
	t.match(
		lines[0],
		/ERROR a request failed, .*; report it path=\/api\/v1\/explain error="undefined is not a function" at=/,
	);
});

test("the page brings everything itself", async (t) => {
	const { port } = await serving(t);
	const page = await ask(port, "/");
	t.match(page, { status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
	t.match(await ask(port, "/page.js"), {
		status: 200,
		headers: { "content-type": "text/javascript; charset=utf-8" },
	});
	t.match(await ask(port, "/page.css"), {
		status: 200,
		headers: { "content-type": "text/css; charset=utf-8" },
	});
	t.match(await ask(port, "/icon.svg"), { status: 200, headers: { "content-type": "image/svg+xml" } });
	t.notMatch(
		page.body,
		/https?:|<style|\sstyle=|\son[a-z]+=|<script(?! src=)/,
		"nothing inline, nothing from elsewhere",
	);
});

test("security headers on everything, errors too", async (t) => {
	const { port } = await serving(t);
	for (const [path, options] of [
		["/", {}],
		["/metrics", {}],
		["/nowhere", {}],
		["/%zz", {}],
		["/", { method: "POST" }],
		["/", { headers: { host: "evil.example" } }],
	] as const) {
		const { headers } = await ask(port, path, options);
		t.match(headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'/, path);
		t.notMatch(headers["content-security-policy"], /unsafe/, path);
		t.match(headers, {
			"x-content-type-options": "nosniff",
			"referrer-policy": "no-referrer",
			"cross-origin-resource-policy": "same-origin",
			"cache-control": "no-store",
		});
		t.notOk(headers["access-control-allow-origin"], path);
	}
});

test("only reading is possible", async (t) => {
	const { port } = await serving(t);
	for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]) {
		const reply = await ask(port, "/api/v1/status", { method });
		isProblem(t, reply, 405, new RegExp(`^${method} `));
		t.equal(reply.headers.allow, "GET, HEAD");
	}
	for (const path of [
		"/",
		"/metrics",
		"/healthz",
		"/readyz",
		"/api/v1/status",
		"/api/v1/explain?name=a.example",
	]) {
		const head = await ask(port, path, { method: "HEAD" });
		t.match(head, { status: 200, body: "" }, `HEAD ${path}`);
		t.ok(Number(head.headers["content-length"]) > 0, path);
	}
	isProblem(t, await ask(port, "/nowhere"), 404, /nothing lives at this path/);
	isProblem(t, await ask(port, "/%zz"), 400, /./);
});

test("a Host that is not ours is refused", async (t) => {
	const { port, lines } = await serving(t, { allowedHosts: ["Cordon.example.org."] });
	for (const host of [
		"127.0.0.1",
		`127.0.0.1:${port}`,
		"192.0.2.7:8053",
		"[2001:db8::1]:8053",
		"[::1]",
		"localhost",
		"LOCALHOST.:8053",
		"cordon.example.org",
		"CORDON.example.org.:80",
	]) {
		t.equal((await ask(port, "/readyz", { headers: { host } })).status, 200, host);
	}
	t.same(lines, []);
	for (const host of [
		"evil.example",
		"evil.example:8053",
		"localhost.evil.example",
		"127.0.0.1.evil.example",
		"x.cordon.example.org",
		"127.0.0.1@evil.example",
		"[evil.example]",
		"2130706433",
		"0x7f.1",
		"a b",
	]) {
		isProblem(t, await ask(port, "/readyz", { headers: { host } }), 403, /http:\/\/127\.0\.0\.1:8053\//);
	}
	t.match(
		lines[0],
		/WARN {2}refused a request that names another host; .*listen.adminHosts host=evil\.example\n/,
	);
	t.match(await raw(port, "GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /, "a probe without the header");
});

test("what is no HTTP gets a problem and a closed connection", async (t) => {
	const { port, lines } = await serving(t);
	t.match(
		await raw(port, "\x16\x03\x01\x02\x00\r\n\r\n"),
		/^HTTP\/1\.1 400 .*not a well-formed HTTP request/s,
	);
	t.match(
		await raw(port, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"a".repeat(20_000)}\r\n\r\n`),
		/^HTTP\/1\.1 431 .*application\/problem\+json.*too large/s,
	);
	t.same(lines, []);
	t.equal((await ask(port, "/healthz")).status, 200, "and it serves on");
});

test("a taken port says which one and what to do", async (t) => {
	const { port, node } = await serving(t);
	const log = createLog({ level: "info", format: "text", write: () => {} });
	const admin = createAdmin({ view: node, metrics: createMetrics({ view: node, process: false }), log });
	await t.rejects(admin.listen("127.0.0.1", port), {
		message: new RegExp(
			`cannot serve the admin page on 127\\.0\\.0\\.1:${port}: the port is taken.*listen\\.admin`,
		),
	});
	await t.rejects(admin.listen("192.0.2.77", 8053), {
		message: /192\.0\.2\.77:8053: this machine has no such address/,
	});
	await admin.close();
});

test("listens over IPv6", async (t) => {
	const node = new FakeNode();
	const log = createLog({ level: "info", format: "text", write: () => {} });
	const admin = createAdmin({ view: node, metrics: createMetrics({ view: node, process: false }), log });
	const probe = createServer();
	const hasIPv6 = await new Promise<boolean>((resolve) => {
		probe.once("error", () => resolve(false)).listen(0, "::1", () => probe.close(() => resolve(true)));
	});
	if (!hasIPv6) return t.pass("this machine has no IPv6");
	const { port } = await admin.listen("::1", 0);
	t.teardown(() => admin.close());
	t.equal((await ask(port, "/healthz", { host: "::1" })).status, 200);
});

test("close ends, though a connection hangs", async (t) => {
	const { port, admin } = await serving(t);
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	await new Promise<void>((resolve) => socket.write("GET / HTTP/1.1\r\n", () => resolve()));
	t.equal((await ask(port, "/healthz")).status, 200);
	const before = performance.now();
	await admin.close();
	t.ok(performance.now() - before < 5000, "long before the request would time out");
	await t.rejects(ask(port, "/healthz"), { code: "ECONNREFUSED" });
	await admin.close();
});
