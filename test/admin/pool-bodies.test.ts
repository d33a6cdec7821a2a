import { gzipSync } from "node:zlib";
import { test } from "tap";
import { isProblem, serving } from "./pool-server.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

function contribution(domain: string) {
	return { domain, category: "malware" };
}

test("types, charsets and encodings that are not taken", async (t) => {
	const { api, desk } = await serving(t);
	const body = JSON.stringify(contribution("a.example"));
	for (const type of [
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data",
		"application/jsonx",
	]) {
		const reply = await api("/contributions", { body, headers: { "content-type": type } });
		isProblem(t, reply, 415, /is not taken here; send it as application\/json or application\/x-ndjson/);
		t.equal(reply.headers["accept-post"], "application/json, application/x-ndjson");
	}
	for (const type of ["", "json", "a/b/c", ";;;"]) {
		isProblem(
			t,
			await api("/contributions", { body, headers: { "content-type": type } }),
			415,
			/Content-Type/,
		);
	}
	const latin = { "content-type": "application/json; charset=latin1" };
	isProblem(t, await api("/contributions", { body, headers: latin }), 415, /charset "latin1"/);
	isProblem(
		t,
		await api("/contributions", { body, headers: { "content-encoding": "br" } }),
		415,
		/"br" is not taken/,
	);
	isProblem(
		t,
		await api("/members", { body: '{"name":"a"}\n', headers: NDJSON }),
		415,
		/send it as application\/json$/,
	);
	t.same(
		desk.asked.filter(([method]) => method !== "submit"),
		[],
	);
	t.equal(desk.kept.size, 0);
	const utf8 = { "content-type": 'Application/JSON; Charset="UTF-8"' };
	t.equal((await api("/contributions", { body, headers: utf8 })).status, 201);
});

test("gzip is unpacked, and what is none is refused", async (t) => {
	const { api, desk } = await serving(t);
	const packed = { ...NDJSON, "content-encoding": "gzip" };
	const body = gzipSync(
		Array.from({ length: 100 }, (_, i) => JSON.stringify(contribution(`d${i}.example`))).join("\n"),
	);
	t.match((await api("/contributions", { body, headers: packed })).json, {
		counts: { lines: 100, added: 100 },
	});
	const one = gzipSync(JSON.stringify(contribution("one.example")));
	t.equal((await api("/contributions", { body: one, headers: { "content-encoding": "GZIP" } })).status, 201);
	t.equal(desk.kept.size, 101);
	for (const bad of [body.subarray(0, -10), Buffer.from("no gzip at all"), body.subarray(0, 20)]) {
		isProblem(
			t,
			await api("/contributions", { body: bad, headers: packed }),
			400,
			/the gzip .* cannot be unpacked/,
		);
	}
	t.equal(desk.kept.size, 101, "nothing of them was taken");
});

test("what is too large changes nothing", async (t) => {
	const { api, desk } = await serving(t, { intake: { maxJsonBytes: 1000, maxBytes: 20_000, maxLines: 100 } });
	const many = (count: number) =>
		Array.from({ length: count }, (_, i) => JSON.stringify(contribution(`d${i}.example`)));
	const chunked = { "transfer-encoding": "chunked" };
	isProblem(
		t,
		await api("/contributions", { body: `[${many(50)}]` }),
		413,
		/more than 1000 bytes.*application\/x-ndjson/,
	);
	isProblem(
		t,
		await api("/contributions", { body: `[${many(50)}]`, headers: chunked }),
		413,
		/more than 1000 bytes/,
	);
	isProblem(
		t,
		await api("/members", { body: { name: "a", role: "x".repeat(2000) } }),
		413,
		/more than 1000 bytes/,
	);
	isProblem(
		t,
		await api("/contributions", { body: many(101).join("\n"), headers: NDJSON }),
		413,
		/more than 100 lines/,
	);
	isProblem(
		t,
		await api("/contributions", { body: "\n".repeat(101), headers: NDJSON }),
		413,
		/more than 100 lines/,
	);
	const packed = { ...NDJSON, "content-encoding": "gzip" };
	const bomb = gzipSync(Buffer.alloc(10_000_000, "x"));
	t.ok(bomb.length < 20_000);
	isProblem(t, await api("/contributions", { body: bomb, headers: packed }), 413, /more than 20000 bytes/);
	t.equal(desk.kept.size, 0);
	const exact = await api("/contributions", { body: many(100).join("\n"), headers: NDJSON });
	t.match(exact.json, { counts: { added: 100 } }, "as many as may be");
});
