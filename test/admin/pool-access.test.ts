import { test } from "tap";
import { FailureLimit } from "../../src/admin/pool/failure-limit.ts";
import { POOL_ROUTES } from "../../src/admin/pool/table.ts";
import { ADMIN, CERT, READER } from "./fake-desk.ts";
import { ask, isProblem, serving } from "./pool-server.ts";

function concrete(path: string): string {
	return `/api/v1${path.replace(/\{\w+\}/g, "some.example")}`;
}

test("no route of the pool answers without a token", async (t) => {
	const { port, desk, lines } = await serving(t);
	for (const { method, path } of POOL_ROUTES) {
		const reply = await ask(port, concrete(path), { method, token: null });
		isProblem(t, reply, 401, /Authorization: Bearer TOKEN/);
		t.equal(reply.headers["www-authenticate"], 'Bearer realm="cordon"', path);
	}
	t.same(desk.asked, []);
	t.same(lines, []);
});

test("a wrong token is refused and logged; the token is not", async (t) => {
	const { api, lines, desk } = await serving(t);
	const reply = await api("/members", { token: "guessed-it" });
	isProblem(t, reply, 401, /nobody has this token.*cordon member add/);
	t.equal(reply.headers["www-authenticate"], 'Bearer realm="cordon", error="invalid_token"');
	t.match(lines[0], /WARN {2}refused a wrong token; .* address=127\.0\.0\.1\n/);
	t.notMatch(lines.join(""), /guessed-it/);
	t.same(desk.asked, []);
});

test("what is no bearer token", async (t) => {
	const { api } = await serving(t);
	for (const authorization of [
		"Basic Y2VydDp4",
		"Bearer",
		ADMIN,
		`Bearer ${ADMIN} x`,
		`Bearer ${"a".repeat(600)}`,
	]) {
		const reply = await api("/members", { token: null, headers: { authorization } });
		isProblem(t, reply, 401, /must be: Bearer TOKEN/);
	}
	t.equal(
		(await api("/members", { token: null, headers: { authorization: `bearer  ${ADMIN}` } })).status,
		200,
	);
});

test("who tries too often is told to wait; who has a good token never is", async (t) => {
	let now = Date.UTC(2026, 10, 23);
	const { api, lines } = await serving(t, { now: () => now });
	const tries = await Promise.all(Array.from({ length: 11 }, () => api("/members", { token: "wrong" })));
	t.same(tries.map(({ status }) => status).sort(), [...Array.from({ length: 10 }, () => 401), 429]);
	const limited = await api("/members", { token: "wrong" });
	isProblem(t, limited, 429, /too many like it came from this address/);
	t.equal(limited.headers["retry-after"], "60");
	t.equal((await api("/members")).status, 200);
	now += 60_000;
	t.equal((await api("/members", { token: "wrong" })).status, 401);
	t.ok(lines.length <= 11, "the log is not filled");
});

test("failures are counted by address, of IPv6 by /64, and of so many addresses at most", async (t) => {
	const limit = new FailureLimit(1, 1000);
	t.equal(limit.fail("192.0.2.1", 0), 0);
	t.equal(limit.fail("::ffff:192.0.2.1", 100), 900);
	t.equal(limit.fail("192.0.2.2", 100), 0);
	t.equal(limit.fail("2001:db8::1", 0), 0);
	t.equal(limit.fail("2001:db8:0:0:ffff::1", 400), 600);
	t.equal(limit.fail("2001:db8:0:1::1", 400), 0);
	t.equal(limit.fail("192.0.2.1", 1000), 0, "a new window");
	for (let i = 0; i < FailureLimit.maxAddresses; i++) limit.fail(`198.51.${i >> 8}.${i & 255}`, 1000);
	t.equal(limit.fail("192.0.2.1", 1001), 0, "forgotten to make room");
});

test("roles are the desk's to judge", async (t) => {
	const { api } = await serving(t);
	const body = { domain: "a.example", category: "malware" };
	isProblem(t, await api("/contributions", { token: READER, body }), 403, /a reader may not contribute/);
	isProblem(t, await api("/members", { token: CERT, body: { name: "isp" } }), 403, /only an admin/);
	isProblem(t, await api("/contributions?member=admin", { token: CERT, body }), 403, /only an admin/);
	t.equal((await api("/contributions?member=cert", { body })).status, 201);
});

test("a revoked member is nobody", async (t) => {
	const { api } = await serving(t);
	t.equal((await api("/members", { token: CERT })).status, 200);
	t.match(await api("/members/cert", { method: "DELETE" }), { status: 204, body: "" });
	t.equal((await api("/members", { token: CERT })).status, 401);
});

test("without a pool every route says so, whoever asks", async (t) => {
	const { port } = await serving(t, { withoutPool: true });
	for (const { method, path } of POOL_ROUTES) {
		isProblem(t, await ask(port, concrete(path), { method }), 404, /pool\.store is off/);
	}
	t.equal((await ask(port, "/api/v1/openapi.json", { token: null })).status, 200);
});

test("a stranger's Host is refused before the token is looked at", async (t) => {
	const { api, desk } = await serving(t);
	const headers = { host: "evil.example" };
	isProblem(t, await api("/members", { headers }), 403, /Host header/);
	isProblem(t, await api("/contributions", { headers, body: { domain: "a.example" } }), 403, /Host header/);
	t.same(desk.asked, []);
});
