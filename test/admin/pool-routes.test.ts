import { test } from "tap";
import { ADMIN, CERT } from "./fake-desk.ts";
import { isProblem, serving } from "./pool-server.ts";

const CONTRIBUTION = { domain: "bad.example", category: "malware" };

test("members are added, listed and revoked", async (t) => {
	const { api, desk } = await serving(t);
	const added = await api("/members", { body: { name: "isp-b", role: "reader" } });
	t.match(added, { status: 201, json: { name: "isp-b", role: "reader", token: "cordon_isp-b-token" } });
	t.equal((await api("/members", { body: { name: "isp-c" } })).json?.role, "contributor", "the default");
	const listed = (await api("/members")).json?.members as { name: string }[];
	t.same(
		listed.map(({ name }) => name),
		["admin", "cert", "eyes", "isp-b", "isp-c"],
	);
	t.notMatch(JSON.stringify(listed), /token"/, "no token is shown again");
	isProblem(t, await api("/members", { body: { name: "isp-b" } }), 409, /there is a member isp-b/);
	t.equal((await api("/members/isp-b", { method: "DELETE" })).status, 204);
	isProblem(t, await api("/members/nobody", { method: "DELETE" }), 404, /no member nobody/);
	isProblem(
		t,
		await api("/members/No%20body", { method: "DELETE" }),
		400,
		/^name must be a member's name.*"No body"/,
	);
	t.same(desk.asked.at(-1), ["revokeMember", "nobody", "admin"], "what is no name never reached the desk");
});

test("every field of a body, wrong in every way", async (t) => {
	const { api, desk } = await serving(t);
	const wrong: [string, unknown, RegExp][] = [
		["/members", {}, /^name is missing: it must be a member's name/],
		["/members", { name: 7 }, /^name must be .*and is 7$/],
		["/members", { name: null }, /and is null$/],
		["/members", { name: "" }, /and is ""$/],
		["/members", { name: "Isp" }, /and is "Isp"$/],
		["/members", { name: "-isp" }, /and is "-isp"$/],
		["/members", { name: "isp\tb" }, /and is "isp\\tb"$/],
		["/members", { name: "a".repeat(64) }, /and is "a{56}…$/],
		["/members", { name: ["isp"] }, /and is \["isp"\]$/],
		[
			"/members",
			{ name: "isp", role: "king" },
			/^role must be one of admin, contributor, reader, and is "king"$/,
		],
		["/members", { name: "isp", role: 1 }, /and is 1$/],
		["/members", { name: "isp", rolle: "admin" }, /^there is no field "rolle"; did you mean "role"\?$/],
		["/members", { nam: "isp", rolle: "x" }, /"nam"; did you mean "name"\?\. .*"rolle".*\. name is missing/],
		["/members", { name: "isp", constructor: 1 }, /there is no field "constructor"/],
		["/members", '{"name":"isp","__proto__":{"role":"admin"}}', /there is no field "__proto__"/],
		["/members", [], /must be a JSON object, and is \[\]$/],
		["/members", "7", /must be a JSON object, and is 7$/],
		["/members", "null", /^name is missing/],
		["/members", '{"name":', /^the body is not JSON: /],
		["/members", "", /^the body is missing/],
		["/members", "  ", /^the body is empty/],
		["/members", Buffer.from('{"name":"\xff"}', "latin1"), /^the body is not UTF-8$/],
		["/disputes", { domain: "a.example" }, /^reason is missing/],
		["/disputes", { domain: "a.example", reason: "" }, /^reason must be text of 1 to 1000 characters/],
		["/disputes", { domain: "a.example", reason: "a\u001b[2J" }, /^reason must be text/],
		["/disputes", { domain: "a.example", reason: "a".repeat(1001) }, /^reason must be text/],
		["/disputes", { domain: "", reason: "ours" }, /^domain must be a domain name/],
		["/disputes", { domain: 5, reason: "ours" }, /and is 5$/],
		["/held/pool/reject", { reason: 5 }, /^reason must be text of 0 to 1000/],
		["/held/pool/reject", { why: "x" }, /there is no field "why"/],
		["/held/pool/approve", { yes: true }, /takes no body/],
		["/pool/restore", {}, /takes no body/],
	];
	for (const [path, body, detail] of wrong)
		isProblem(t, await api(path, { method: "POST", body }), 400, detail);
	t.same(desk.asked, []);
});

test("every parameter, wrong in every way", async (t) => {
	const { api, desk } = await serving(t);
	const wrong: [string, RegExp][] = [
		["/contributions?limit=0", /^limit must be a whole number from 1 to 1000, and is "0"$/],
		["/contributions?limit=1001", /and is "1001"$/],
		["/contributions?limit=-1", /and is "-1"$/],
		["/contributions?limit=1e2", /and is "1e2"$/],
		["/contributions?limit=", /and is ""$/],
		["/contributions?limit=5&limit=6", /^limit is given more than once$/],
		["/contributions?limt=5", /^there is no parameter "limt"; did you mean "limit"\?$/],
		[
			"/contributions?__proto__=5",
			/there is no parameter "__proto__"; there is: domain, member, category, after, limit$/,
		],
		["/contributions?category=ads", /^category must be one of malware, .*and is "ads"$/],
		["/contributions?member=A&domain=", /^domain must be .*\. member must be /],
		["/contributions?after=a.example", /^after must be the `next` of the page before/],
		["/contributions?after=a%09b%09c", /^after must be/],
		[
			"/contributions/export?tlp=white",
			/^tlp must be one of clear, green, amber, amber\+strict, red, and is "white"$/,
		],
		["/opinion", /^name is missing/],
		["/opinion?name=%00", /^name must be a domain name/],
		["/opinion?name=a..b", /"a\.\.b" is no name/],
		["/audit?limit=x", /^limit must be/],
		["/audit?after=%0a", /^after must be/],
		[
			"/sightings?since=yesterday",
			/^since must be a duration such as 12h or 7d, at most 366d, and is "yesterday"$/,
		],
		["/sightings?since=9999d", /^since must be/],
		["/sightings?member=%2e", /^member must be/],
		["/members?all=1", /there is no parameter "all": none is taken here/],
		["/held?x", /none is taken here/],
		["/disputes?x=", /none is taken here/],
		["/pool?x=1", /none is taken here/],
		["/pool/verify?x=1", /none is taken here/],
	];
	for (const [path, detail] of wrong) isProblem(t, await api(path), 400, detail);
	t.same(desk.asked, [["opinion", "a..b"]]);
});

test("paths that are hostile", async (t) => {
	const { api, desk } = await serving(t);
	isProblem(t, await api("/contributions/%zz", { method: "DELETE" }), 400, /percent-encoding/);
	isProblem(t, await api("/contributions/a%00b", { method: "DELETE" }), 400, /^domain must be/);
	isProblem(t, await api(`/contributions/${"a".repeat(1050)}`, { method: "DELETE" }), 400, /^domain must be/);
	isProblem(
		t,
		await api(`/contributions/${"a".repeat(5000)}`, { method: "DELETE" }),
		414,
		/^a part of the path/,
	);
	isProblem(t, await api("/contributions/", { method: "DELETE" }), 400, /^domain must be/);
	isProblem(t, await api("/members/..%2f..%2fetc", { method: "DELETE" }), 400, /^name must be/);
	isProblem(t, await api("/held/a%0ab/approve", { method: "POST" }), 400, /^id must be/);
	t.same(desk.asked, []);
});

test("contributions are read page by page", async (t) => {
	const { api, desk } = await serving(t);
	const domains = ["c.example", "a.example", "b.example"];
	await api("/contributions", { body: domains.map((domain) => ({ domain, category: "malware" })) });
	const first = await api("/contributions?limit=2");
	t.match(first.json, {
		contributions: [{ domain: "a.example" }, { domain: "b.example" }],
		next: "b.example\tadmin",
	});
	const second = await api(`/contributions?limit=2&after=${encodeURIComponent(String(first.json?.next))}`);
	t.match(second.json, { contributions: [{ domain: "c.example" }] });
	t.notOk(Object.hasOwn(second.json ?? {}, "next"));
	await api("/contributions?domain=a.example&member=admin&category=malware", { token: CERT });
	const query = { domain: "a.example", member: "admin", category: "malware", limit: 100 };
	t.strictSame(desk.asked.at(-1), ["contributions", query, "cert"]);
	await api("/contributions");
	t.strictSame(desk.asked.at(-1), ["contributions", { limit: 100 }, "admin"]);
});

test("opinion, disputes, and taking them back", async (t) => {
	const { api } = await serving(t);
	await api("/contributions", { body: CONTRIBUTION });
	t.match((await api("/opinion?name=BAD.example.")).json, {
		domain: "bad.example",
		sum: 80,
		verdict: { subtree: { action: "block" } },
	});
	const disputed = await api("/disputes", {
		token: CERT,
		body: { domain: "bad.example", reason: "our customer" },
	});
	t.match(disputed, { status: 201, json: { domain: "bad.example", member: "cert", reason: "our customer" } });
	t.match((await api("/disputes")).json, { disputes: [{ member: "cert" }] });
	t.match((await api("/opinion?name=bad.example")).json, { heldBecause: "disputed by cert" });
	isProblem(t, await api("/disputes/bad.example", { method: "DELETE" }), 404, /admin does not dispute/);
	t.equal((await api("/disputes/bad.example", { method: "DELETE", token: CERT })).status, 204);
	t.same((await api("/disputes")).json, { disputes: [] });
});

test("what waits is approved by two, or rejected", async (t) => {
	const { api, desk } = await serving(t);
	desk.people.set("second", { role: "admin", token: "second-token" });
	const id = "protected:bad.example:cert";
	const entry = {
		id,
		kind: "protected",
		reason: "popular",
		since: 1,
		approvalsNeeded: 2,
		approvals: [],
	} as const;
	desk.waiting.set(id, entry);
	t.match((await api("/held")).json, { held: [{ id, approvals: [] }] });
	t.match((await api(`/held/${id}/approve`, { method: "POST" })).json, { waiting: { approvals: ["admin"] } });
	isProblem(t, await api(`/held/${id}/approve`, { method: "POST" }), 409, /approved .* before/);
	isProblem(t, await api(`/held/${id}/approve`, { method: "POST", token: CERT }), 403, /only an admin/);
	const second = await api(`/held/${encodeURIComponent(id)}/approve`, {
		method: "POST",
		token: "second-token",
	});
	t.match(second, { status: 200, json: {} });
	t.notOk(second.json?.waiting);
	isProblem(t, await api(`/held/${id}/approve`, { method: "POST" }), 404, /nothing waits/);
	desk.waiting.set(id, entry);
	t.equal((await api(`/held/${id}/reject`, { body: { reason: "wrong" } })).status, 204);
	t.same(desk.asked.at(-1), ["reject", id, "wrong", "admin"]);
	desk.waiting.set(id, entry);
	t.equal((await api(`/held/${id}/reject`, { method: "POST" })).status, 204, "the reason may be left out");
});

test("audit, sightings, state", async (t) => {
	const now = Date.UTC(2026, 10, 23);
	const { api, desk } = await serving(t, { now: () => now });
	const about = { at: 1, actor: "cert", node: "n1", from: "127.0.0.1", action: "add", details: {} };
	for (let i = 1; i <= 3; i++) desk.entries.push({ id: `${i}-0`, ...about });
	const first = (await api("/audit?limit=2")).json;
	t.match(first, { entries: [{ id: "1-0" }, { id: "2-0" }], next: "2-0" });
	const second = (await api("/audit?limit=2&after=2-0")).json;
	t.match(second, { entries: [{ id: "3-0" }] });
	t.notOk(second?.next);
	t.notOk(second?.trimmed);
	desk.trimmed = { entries: 12, until: now - 1000, last: "0-5", at: now, node: "n2" };
	t.match((await api("/audit?limit=2&after=0-3")).json, {
		entries: [{ id: "1-0" }, {}],
		trimmed: desk.trimmed,
	});
	t.notOk((await api("/audit?after=0-5")).json?.trimmed, "nothing is missing behind the last that went");
	isProblem(t, await api("/audit", { token: CERT }), 403, /only an admin/);
	t.match((await api("/sightings?since=12h", { token: CERT })).json, {
		sightings: [{ count: 12, networks: 3 }],
	});
	t.same(desk.asked.at(-1), ["sightings", "cert", now - 12 * 3_600_000, "cert"]);
	await api("/sightings?member=isp", { token: ADMIN });
	t.same(desk.asked.at(-1), ["sightings", "isp", now - 7 * 86_400_000, "admin"]);
	t.match((await api("/pool")).json, { store: "redis", up: true, position: { seq: 7 } });
	t.match((await api("/pool/verify")).json, { equal: true, checksum: "c0ffee" });
	t.match((await api("/pool/restore", { method: "POST" })).json, { epoch: "e2" });
});

test("a pool that cannot be reached: 503, when to try again, and nothing lost in silence", async (t) => {
	const { api, desk, lines } = await serving(t);
	desk.unavailable = "the pool's Redis at 192.0.2.1:6379 does not answer";
	for (const [path, asking] of [
		["/contributions", {}],
		["/contributions", { body: CONTRIBUTION }],
		[
			"/contributions",
			{ body: '{"domain":"a.example"}\n', headers: { "content-type": "application/x-ndjson" } },
		],
		["/contributions/a.example", { method: "DELETE" }],
		["/contributions/export", {}],
		["/members", {}],
		["/pool/verify", {}],
	] as const) {
		const reply = await api(path, asking);
		isProblem(t, reply, 503, /192\.0\.2\.1:6379 does not answer\. Nothing was changed; try again later/);
		t.equal(reply.headers["retry-after"], "10", path);
	}
	desk.unavailable = `${desk.unavailable}.`;
	const { body: said } = await api("/members");
	t.notMatch(said, /\.\./, "a sentence with its dot gets no second one");
	t.match((await api("/pool")).json, { up: false, problem: /does not answer/ }, "its state can be read");
	t.same(lines, []);
});

test("a fault of ours is a 500 that tells nothing, and is in the log", async (t) => {
	const { api, desk, lines } = await serving(t);
	desk.members = async () => {
		throw new TypeError("secret is not a function");
	};
	const reply = await api("/members");
	isProblem(t, reply, 500, /its log says more/);
	t.notMatch(reply.body, /secret/);
	t.match(
		lines[0],
		/ERROR a request failed, .*; report it path=\/api\/v1\/members error="secret is not a function"/,
	);
});

test("HEAD answers as GET does, without the body", async (t) => {
	const { api, desk } = await serving(t);
	for (let i = 0; i < 3; i++)
		await api("/contributions", { body: { ...CONTRIBUTION, domain: `d${i}.example` } });
	for (const path of ["/contributions", "/contributions/export", "/members", "/pool", "/held"]) {
		t.match(await api(path, { method: "HEAD" }), { status: 200, body: "" }, path);
	}
	t.equal((await api("/members", { method: "HEAD", token: null })).status, 401);
	t.equal(desk.kept.size, 3);
});
