import { test } from "tap";
import { CERT } from "./fake-desk.ts";
import { isProblem, type Reply, serving } from "./pool-server.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

function contribution(domain: string) {
	return { domain, category: "malware" };
}

/** The lines of an answer in NDJSON, each as it was read. */
function lines(reply: Reply): Record<string, unknown>[] {
	return reply.body
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("one contribution: the status says what became of it", async (t) => {
	const { api, desk } = await serving(t);
	const body = contribution("BAD.example");
	t.match(await api("/contributions", { body }), {
		status: 201,
		json: { line: 1, status: "added", domain: "bad.example" },
	});
	t.match(await api("/contributions", { body }), { status: 200, json: { status: "replaced" } });
	const waiting = await api("/contributions", { body: contribution("protected.example") });
	t.match(waiting, { status: 202, json: { status: "pending", reason: /2 people/ } });
	const refused = await api("/contributions", { body: { domain: "bad.example" } });
	isProblem(t, refused, 422, /^category is missing/);
	t.match(refused.json?.verdict, { line: 1, status: "refused", domain: "bad.example" });
	for (const odd of ["7", "null", '"bad.example"', "true"]) {
		isProblem(t, await api("/contributions", { body: odd }), 422, /domain is missing/);
	}
	const gone = await api("/contributions", { body: { op: "withdraw", domain: "bad.example" } });
	t.match(gone, { status: 200, json: { status: "withdrawn" } });
	const absent = await api("/contributions", { body: { op: "withdraw", domain: "bad.example" } });
	t.match(absent, { status: 200, json: { status: "absent" } });
	t.same([...desk.kept.keys()], ["protected.example\tadmin"]);
});

test("one that is held as a batch", async (t) => {
	const { api, desk } = await serving(t);
	desk.maxLines = 0;
	const reply = await api("/contributions", { body: contribution("bad.example") });
	t.match(reply, { status: 202, json: { held: "batch:b1", reason: /more than 0/ } });
});

test("withdrawing", async (t) => {
	const { api, desk } = await serving(t);
	await api("/contributions", { body: contribution("bad.example"), token: CERT });
	isProblem(
		t,
		await api("/contributions/bad.example", { method: "DELETE" }),
		404,
		/^admin has no contribution about bad/,
	);
	const done = await api("/contributions/Bad.Example.?member=cert", { method: "DELETE" });
	t.match(done, { status: 200, json: { status: "withdrawn", domain: "bad.example" } });
	isProblem(t, await api("/contributions/a..b", { method: "DELETE" }), 422, /"a\.\.b" is no name/);
	t.equal(desk.kept.size, 0);
});

test("an array: each item has its verdict", async (t) => {
	const { api } = await serving(t);
	const body = [
		contribution("a.example"),
		5,
		contribution("a.example"),
		{},
		contribution("protected.example"),
	];
	const reply = await api("/contributions", { body });
	t.equal(reply.status, 200);
	t.equal(reply.headers["content-type"], "application/json; charset=utf-8");
	t.match(reply.json, {
		status: "applied",
		counts: {
			lines: 5,
			added: 1,
			replaced: 1,
			unchanged: 0,
			withdrawn: 0,
			absent: 0,
			pending: 1,
			refused: 2,
		},
	});
	const verdicts = reply.json?.lines as { line: number; status: string }[];
	t.same(
		verdicts.map(({ line, status }) => [line, status]),
		[
			[1, "added"],
			[2, "refused"],
			[3, "replaced"],
			[4, "refused"],
			[5, "pending"],
		],
	);
	isProblem(t, await api("/contributions", { body: [] }), 400, /no line with a contribution/);
});

test("NDJSON: lines keep their numbers, and a bad line is its own fault alone", async (t) => {
	const { api, desk } = await serving(t);
	const body = Buffer.concat([
		Buffer.from('\ufeff{"domain":"a.example","category":"malware"}\r\n'),
		Buffer.from("\n \t\r\n"),
		Buffer.from('{"domain":\n'),
		Buffer.from(`{"domain":"b.example","category":"malware","reason":"${"x".repeat(9000)}"}\n`),
		Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
		Buffer.from('{"domain":"c.example","category":"malware"}\u0000\n'),
		Buffer.from('{"domain":"d.example","category":"malware"}'),
	]);
	const reply = await api("/contributions", { body, headers: NDJSON });
	t.equal(reply.status, 200);
	const verdicts = reply.json?.lines as { line: number; status: string; reason?: string }[];
	t.match(verdicts, [
		{ line: 1, status: "added" },
		{ line: 4, status: "refused", reason: /^is not JSON: .*; write one JSON object on each line$/ },
		{ line: 5, status: "refused", reason: /^has 90\d\d bytes; no line may have more than 8192$/ },
		{ line: 6, status: "refused", reason: /^is not UTF-8/ },
		{ line: 7, status: "refused", reason: /^is not JSON/ },
		{ line: 8, status: "added" },
	]);
	t.equal(verdicts.length, 6);
	t.same([...desk.kept.keys()], ["a.example\tadmin", "d.example\tadmin"]);
	for (const empty of ["\n", "\n\n \n"]) {
		isProblem(
			t,
			await api("/contributions", { body: empty, headers: NDJSON }),
			400,
			/no line with a contribution/,
		);
	}
	isProblem(t, await api("/contributions", { body: "", headers: NDJSON }), 400, /the body is missing/);
});

test("a line of exactly as many bytes as it may have, in pieces", async (t) => {
	const { api } = await serving(t, { intake: { maxLineBytes: 64 } });
	const start = JSON.stringify(contribution("a.example")).slice(0, -1);
	const padded = (bytes: number) => `${start.padEnd(bytes - 1)}}`;
	const body = `${padded(64)}\n${padded(65)}\n`;
	t.match((await api("/contributions", { body, headers: NDJSON })).json, {
		lines: [
			{ status: "added" },
			{ status: "refused", reason: "has 65 bytes; no line may have more than 64" },
		],
	});
});

test("verdicts come as NDJSON when Accept prefers it, the summary last", async (t) => {
	const { api, desk } = await serving(t);
	const body = `${JSON.stringify(contribution("a.example"))}\n{}\n`;
	const asking = (accept: string) => ({ body, headers: { ...NDJSON, accept } });
	for (const accept of [
		"application/x-ndjson",
		"application/json;q=0.5, application/x-ndjson",
		"application/ndjson, */*;q=0.1",
	]) {
		const reply = await api("/contributions", asking(accept));
		t.equal(reply.headers["content-type"], "application/x-ndjson", accept);
		t.match(lines(reply), [
			{ line: 1, domain: "a.example" },
			{ line: 2, status: "refused" },
			{ summary: { status: "applied", counts: { lines: 2, refused: 1 } } },
		]);
	}
	for (const accept of [
		"*/*",
		"application/json",
		"application/x-ndjson;q=0",
		"application/x-ndjson;q=0.1, application/json",
	]) {
		const reply = await api("/contributions", asking(accept));
		t.equal(reply.headers["content-type"], "application/json; charset=utf-8", accept);
	}
	desk.maxLines = 1;
	const held = lines(await api("/contributions", asking("application/x-ndjson")));
	t.match(held.at(-1), { summary: { status: "held", held: "batch:b1", reason: /2 lines/ } });
	t.match((await api("/contributions", asking("*/*"))).json, {
		status: "held",
		held: "batch:b2",
		reason: /2 lines/,
	});
});

test("the same key again gets the first outcome", async (t) => {
	const { api, desk } = await serving(t);
	const asking = (key: string) => ({ body: contribution("a.example"), headers: { "idempotency-key": key } });
	t.equal((await api("/contributions", asking("k 1"))).status, 201);
	t.equal((await api("/contributions", asking("k 1"))).status, 201);
	t.equal((await api("/contributions", asking("k2"))).status, 200);
	t.same(desk.asked.at(-1), ["submit", "admin", { idempotencyKey: "k2" }]);
	t.equal((await api("/contributions", asking("k".repeat(200)))).status, 200);
	for (const key of ["", "k".repeat(201), "k\u00e9", "a\tb"]) {
		isProblem(
			t,
			await api("/contributions", asking(key)),
			400,
			/^idempotency-key must be 1 to 200 printable ASCII/,
		);
	}
	const other = { method: "DELETE", headers: { "idempotency-key": "k3" } };
	t.equal((await api("/contributions/a.example", other)).status, 200);
	t.equal((await api("/contributions/a.example", other)).status, 200);
});

test("the export is NDJSON that can be read in again", async (t) => {
	const { api, desk } = await serving(t);
	const body = ["a.example", "b.example"].map(contribution);
	await api("/contributions", { body });
	const exported = await api("/contributions/export?tlp=amber%2Bstrict");
	t.equal(exported.headers["content-type"], "application/x-ndjson");
	t.match(lines(exported), [{ domain: "a.example", member: "admin" }, { domain: "b.example" }]);
	t.same(desk.asked.at(-1), ["export", "amber+strict", "admin"]);
	const again = await api("/contributions", { body: exported.body, headers: NDJSON });
	t.match(again.json, { counts: { replaced: 2 } });
	desk.kept.clear();
	t.match(await api("/contributions/export"), { status: 200, body: "" });
});
