/** A cached answer remembers that its name passed the policy; whatever the policy says next counts from then on all the same. */
import { type Test, test } from "tap";
import { packWhat, RANK } from "../../src/blocklist/layout.ts";
import { NO_RULING } from "../../src/blocklist/overlay.ts";
import { OverlayWriter } from "../../src/blocklist/overlay-writer.ts";
import { startServer } from "../upstream/server.ts";
import { a, query, reply } from "../wire/message.ts";
import { compile, networkRule, rule, SEED, startResolver, type TestResolver } from "./resolving.ts";

const BLOCK = packWhat(1, "subtree", "block", RANK.ORDINARY, false);
const ALLOWED = { kind: "allow", rules: [rule("name.example")] } as const;

async function start(t: Test): Promise<TestResolver> {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	return await startResolver(t, { lists: [{ rules: [rule("other.example")] }], upstreams: [upstream.port] });
}

/** How the name is answered, several times one after the other. */
async function answers(resolver: TestResolver, name = "name.example"): Promise<(string | undefined)[]> {
	const vias: (string | undefined)[] = [];
	for (let i = 0; i < 3; i++) vias.push((await resolver.ask(query(name)))?.via);
	return vias;
}

const CACHED = ["cache", "cache", "cache"];
const BLOCKED = ["blocked", "blocked", "blocked"];

test("a word of the pool counts at once, for the name, for what is below, and back", async (t) => {
	const resolver = await start(t);
	const overlay = OverlayWriter.create(100, SEED, 0);
	resolver.resolver.swap({ memory: compile([]), overlay: overlay.memory, hits: undefined });
	t.same(await answers(resolver), ["upstream", "cache", "cache"]);
	t.same(await answers(resolver, "a.name.example"), ["upstream", "cache", "cache"]);

	overlay.set("name.example", BLOCK, NO_RULING);
	t.same(await answers(resolver), BLOCKED);
	t.same(await answers(resolver, "a.name.example"), CACHED);
	overlay.set("name.example", NO_RULING, BLOCK);
	t.same(await answers(resolver), CACHED);
	t.same(await answers(resolver, "a.name.example"), BLOCKED);
	overlay.set("example", BLOCK, BLOCK);
	t.same(await answers(resolver), BLOCKED);
	overlay.set("example", NO_RULING, NO_RULING);
	t.same(await answers(resolver), CACHED);
});

test("a larger overlay, another one with another blocklist, and none any more", async (t) => {
	const resolver = await start(t);
	const first = OverlayWriter.create(100, SEED, 0);
	resolver.resolver.swap({ memory: compile([]), overlay: first.memory, hits: undefined });
	t.same(await answers(resolver), ["upstream", "cache", "cache"]);

	const larger = OverlayWriter.create(200, SEED, first.revision);
	larger.takeOver(first);
	larger.set("name.example", BLOCK, BLOCK);
	t.same(await answers(resolver), CACHED, "nobody has been told of it");
	resolver.resolver.lay(larger.memory);
	t.same(await answers(resolver), BLOCKED);

	const next = OverlayWriter.create(100, SEED, 0);
	resolver.resolver.swap({ memory: compile([]), overlay: next.memory, hits: undefined });
	t.same(await answers(resolver), CACHED, "an overlay whose revisions begin anew");
	// As often as the revisions have counted so far, should an epoch come again.
	for (let i = 0; i < 10; i++) {
		resolver.swap([{ rules: [rule("name.example")] }]);
		t.same(await answers(resolver), BLOCKED, `blocked by list, ${i}`);
		resolver.swap([]);
		t.same(await answers(resolver), CACHED, `no longer, ${i}`);
	}
});

test("lists and settings count from when they change", async (t) => {
	const resolver = await start(t);
	t.same(await answers(resolver), ["upstream", "cache", "cache"]);
	resolver.swap([{ rules: [rule("name.example", { scope: "below" })] }]);
	t.same(await answers(resolver), CACHED);
	t.same(await answers(resolver, "a.name.example"), BLOCKED);
	resolver.swap([{ rules: [rule("example")] }]);
	t.same(await answers(resolver), BLOCKED);
	resolver.swap([{ rules: [rule("example")] }, ALLOWED]);
	t.same(await answers(resolver), CACHED);
	resolver.swap([{ rules: [rule("example")] }]);
	t.same(await answers(resolver), BLOCKED);
});

test("what a list allows is allowed each time, answers that lead to blocked names included", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) =>
		reply(asked, { answer: [a("192.0.2.99"), a("198.51.100.1")] }),
	);
	const resolver = await startResolver(t, {
		lists: [{ rules: [], networks: [networkRule("198.51.100.0/24")] }, ALLOWED],
		upstreams: [upstream.port],
	});
	t.same(await answers(resolver), ["upstream", "cache", "cache"]);
	t.same(await answers(resolver, "other.example"), BLOCKED);
	t.same(await answers(resolver), CACHED);
});

test("what passes over one transport alone does not pass over the other", async (t) => {
	const upstream = await startServer(t, ({ query: asked }) => reply(asked, { answer: [a("192.0.2.99")] }));
	const resolver = await startResolver(t, {
		lists: [{ rules: [rule("name.example", { action: "tcp-only", ranked: true })] }],
		upstreams: [upstream.port],
	});
	const over = async (transport: "udp" | "tcp") =>
		(await resolver.ask(query("name.example"), { transport }))?.via;
	t.equal(await over("tcp"), "upstream");
	t.equal(await over("tcp"), "cache");
	t.equal(await over("udp"), "blocked");
	t.equal(await over("tcp"), "cache");
	t.equal(await over("udp"), "blocked");
});
