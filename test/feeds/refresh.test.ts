import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "tap";
import { configSchema } from "../../src/config/schema.ts";
import { recallLists } from "../../src/feeds/recall.ts";
import { refreshLimits } from "../../src/feeds/refresh.ts";
import { serveLists } from "./list-server.ts";
import { bench, body, changing, content, listOf } from "./refresh-bench.ts";

test("limits come from the configuration", async (t) => {
	t.same(refreshLimits(configSchema.parse({}).blocking), {
		concurrency: 4,
		maxBytes: 256 * 1024 * 1024,
		timeoutMs: 60_000,
		attempts: 3,
		cooldownMs: 2000,
		maxShrink: 0.25,
		hostsMatch: "exact",
	});
});

test("fresh, then unchanged, then fresh again", async (t) => {
	const { refresh, shelf } = await bench(t);
	const { server, now } = await changing(t);
	const list = listOf({ url: server.url });
	const first = await refresh(list);
	t.match(first, { name: "a", state: "fresh", format: "domains", report: { rules: 8 } });
	t.equal(content(first), body(8));

	const second = await refresh(list);
	t.match(second, { state: "unchanged", path: first.path, format: "domains" });
	t.equal(server.requests[1]?.headers["if-none-match"], `"${body(8).length}"`);
	t.ok((second.lastSuccess ?? 0) > (first.lastSuccess ?? 0));
	t.match(await shelf.record("a"), { good: { fetchedAt: first.lastSuccess, checkedAt: second.lastSuccess } });

	now(body(7));
	t.match(await refresh(list), { state: "fresh", report: { rules: 7 } });
	t.equal(readFileSync(first.path ?? "", "utf8"), body(7));
});

test("the same bytes without validators are unchanged, too", async (t) => {
	const { refresh } = await bench(t);
	const server = await serveLists(t, (_request, response) => response.end(body(8)));
	await refresh(listOf({ url: server.url }));
	t.match(await refresh(listOf({ url: server.url })), { state: "unchanged", report: undefined });
});

test("worse copies are held and the last good one stays", async (t) => {
	const cases: readonly (readonly [string, string, RegExp])[] = [
		[body(5), "shrunk", /5 rules, 38 % fewer than the 8 before/],
		["", "empty", /no rule/],
		["# moved\n", "empty", /no rule/],
		["<!DOCTYPE html>\n<html><body>Login</body></html>\n", "html", /web page/],
	];
	for (const [worse, reason, message] of cases) {
		const { refresh, shelf } = await bench(t);
		const { server, now } = await changing(t);
		const list = listOf({ url: server.url });
		const first = await refresh(list);
		now(worse);
		for (const again of [1, 2]) {
			const outcome = await refresh(list);
			t.match(outcome, { state: "held", reason, message, path: first.path, lastSuccess: first.lastSuccess });
			t.equal(content(outcome), body(8), `${again}`);
		}
		t.equal(readFileSync(join(shelf.directory, "a.held"), "utf8"), worse);
		t.match(await recallLists([list], shelf, "/"), [
			{ path: first.path, facts: { rules: 8 }, held: { reason } },
		]);

		now(body(8));
		t.match(await refresh(list), { state: "unchanged" }, "back to the good one");
		t.notOk(existsSync(join(shelf.directory, "a.held")));
	}
});

test("a held copy, once accepted, is the good one and is not fetched again", async (t) => {
	const { refresh, shelf } = await bench(t);
	const { server, now } = await changing(t);
	const list = listOf({ url: server.url });
	await refresh(list);
	now(body(2));
	t.match(await refresh(list), { state: "held", reason: "shrunk" });
	t.match(await shelf.accept("a"), { facts: { rules: 2 } });
	const after = await refresh(list);
	t.match(after, { state: "unchanged" });
	t.equal(content(after), body(2));

	now("# closed for good\n");
	t.match(await refresh(list), { state: "held", reason: "empty" });
	await shelf.accept("a");
	now("# closed for good, really\n");
	t.match(
		await refresh(list),
		{ state: "fresh", report: { rules: 0 } },
		"an accepted empty list may stay empty",
	);
});

test("a first copy that is no list leaves no path", async (t) => {
	const { refresh } = await bench(t);
	const server = await serveLists(t, (_request, response) => response.end("<!DOCTYPE html>\n<html></html>"));
	const outcome = await refresh(listOf({ url: server.url }));
	t.match(outcome, { state: "held", reason: "html", message: /there is no earlier copy/ });
	t.equal(outcome.path, undefined);
});

test("failures keep the last good copy and are remembered", async (t) => {
	const { refresh, shelf } = await bench(t);
	const { server, now } = await changing(t);
	const list = listOf({ url: server.url });
	const first = await refresh(list);
	now("gone", 404);
	const failed = await refresh(list);
	t.match(failed, { state: "failed", reason: "http-status", message: /answered 404/, path: first.path });
	t.equal(content(failed), body(8));
	t.match(await recallLists([list], shelf, "/"), [{ path: first.path, problem: { reason: "http-status" } }]);
	now(body(8));
	t.match(await refresh(list), { state: "unchanged" });
	t.same(Object.keys(await shelf.record("a")), ["good"]);
	t.same(readdirSync(shelf.directory).sort(), ["a.json", "a.list"]);
});

test("a gzip list is kept packed; a damaged or exploding one is refused", async (t) => {
	const { refresh, shelf } = await bench(t);
	let packed = gzipSync(body(8));
	const server = await serveLists(t, (_request, response) => response.end(packed));
	const list = listOf({ url: `${server.url}/list.gz` });
	const first = await refresh(list);
	t.match(first, { state: "fresh", report: { rules: 8 } });
	t.same(readFileSync(first.path ?? ""), packed);
	packed = packed.subarray(0, -12);
	t.match(await refresh(list), { state: "failed", reason: "unreadable", path: first.path });
	packed = gzipSync(Buffer.alloc(3_000_000, "a.example.org\n"));
	t.match(await refresh(list, { maxBytes: 1_000_000 }), {
		state: "failed",
		reason: "too-big",
		path: first.path,
	});
	t.same(readdirSync(shelf.directory).sort(), ["a.json", "a.list"], "nothing to accept in either");
});

test("a new URL starts anew, whatever the old copy was", async (t) => {
	const { refresh } = await bench(t);
	const { server, now } = await changing(t);
	await refresh(listOf({ url: `${server.url}/old` }));
	now("down", 500);
	const failed = await refresh(listOf({ url: `${server.url}/new` }));
	t.match(failed, { state: "failed", reason: "http-status" });
	t.equal(failed.path, undefined, "the copy of another URL is not used");
	now(body(1));
	t.match(await refresh(listOf({ url: `${server.url}/new` })), { state: "fresh" }, "and nothing has shrunk");
	t.equal(server.requests.at(-1)?.headers["if-none-match"], undefined);
});

test("with its record lost, a copy still guards against a worse one", async (t) => {
	const { refresh, shelf } = await bench(t);
	const { server, now } = await changing(t);
	const list = listOf({ url: server.url });
	await refresh(list);
	writeFileSync(join(shelf.directory, "a.json"), "{");
	now(body(2));
	t.match(await refresh(list), { state: "held", reason: "shrunk", message: /the 8 before/ });
	t.equal(server.requests.at(-1)?.headers["if-none-match"], undefined);
});
