/** How often one client may ask: `access.rateLimit`. */
import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import { query } from "../wire/message.ts";
import { type AskOptions, rule, startResolver, type TestResolver } from "./resolving.ts";

/** Every name is blocked, so that whoever may ask has an answer at once. */
const lists = [{ rules: [rule("example")] }];
const allow = ["0.0.0.0/0", "::/0"];
const asked = query("www.example", { edns: {} });

/** What so many questions at one moment get: `via`, or undefined for silence. */
async function flood(resolver: TestResolver, times: number, options: AskOptions = {}) {
	const found: (string | undefined)[] = [];
	for (let i = 0; i < times; i++) found.push((await resolver.ask(asked, { later: 0, ...options }))?.via);
	return { blocked: found.filter((via) => via === "blocked").length, found };
}

test("a client has a burst, then its rate, then as much again after a pause", async (t) => {
	const rateLimit = { queriesPerSecond: 1, burst: 10 };
	const resolver = await startResolver(t, { lists, config: { access: { allow, rateLimit } } });
	t.equal((await flood(resolver, 30)).blocked, 10);
	t.equal((await flood(resolver, 30, { from: "192.0.2.1" })).blocked, 10, "another has its own");
	t.equal(resolver.limited("client", "refused"), 40);
	t.match(await resolver.ask(asked), {
		via: "limited",
		rcode: 5,
		answer: [],
		edns: { ede: EDE.OTHER, text: /more often/ },
	});
	t.equal((await flood(resolver, 30, { later: 3500 })).blocked, 3, "one for each second");
	t.equal((await flood(resolver, 30, { later: 1_000_000 })).blocked, 10, "no more than a burst is saved up");
});

test("IPv6 clients are counted by /64, IPv4 by address, unless told otherwise", async (t) => {
	const rateLimit = { queriesPerSecond: 1, burst: 2 };
	const options = { lists, config: { access: { allow, rateLimit } } };
	const resolver = await startResolver(t, options);
	const both = async (first: string, second: string) => {
		await flood(resolver, 5, { from: first });
		return (await flood(resolver, 5, { from: second })).blocked;
	};
	t.equal(await both("2001:db8::1", "2001:db8::ffff:2"), 0, "the same /64");
	t.equal(await both("2001:db8:0:1::1", "2001:db8:0:2::1"), 2, "another /64");
	t.equal(await both("192.0.2.1", "192.0.2.2"), 2);
	await resolver.reload({
		...options,
		config: { access: { allow, rateLimit: { ...rateLimit, ipv4Prefix: 24, ipv6Prefix: 48 } } },
	});
	t.equal(await both("198.51.100.1", "198.51.100.200"), 0);
	t.equal(await both("198.51.100.1", "203.0.113.1"), 2);
	t.equal(await both("2001:db8:1:1::1", "2001:db8:1:2::1"), 0);
});

test("drop, truncate, log-only, and who is exempt", async (t) => {
	const base = { queriesPerSecond: 1, burst: 1 };
	const start = (rateLimit: object) =>
		startResolver(t, { lists, config: { access: { allow, rateLimit: { ...base, ...rateLimit } } } });

	const dropping = await start({ action: "drop" });
	t.same((await flood(dropping, 3)).found, ["blocked", undefined, undefined]);
	t.equal(dropping.limited("client", "dropped"), 2);

	const truncating = await start({ action: "truncate" });
	await flood(truncating, 1);
	t.match(await truncating.ask(asked), { via: "limited", rcode: 0, truncated: true, answer: [] });
	t.equal((await flood(truncating, 3, { transport: "tcp" })).blocked, 3, "over TCP nothing is limited then");
	t.equal(truncating.limited("client", "truncated"), 1);

	const logging = await start({ logOnly: true });
	t.equal((await flood(logging, 5)).blocked, 5);
	t.equal(logging.limited("client", "logged"), 4);

	const exempting = await start({ exempt: ["192.0.2.0/24"] });
	t.equal((await flood(exempting, 5, { from: "192.0.2.9" })).blocked, 5);
	t.equal((await flood(exempting, 5, { from: "198.51.100.9" })).blocked, 1);
});

test("both transports are one client; off, nothing is counted", async (t) => {
	const config = { access: { allow, rateLimit: { queriesPerSecond: 1, burst: 4 } } };
	const resolver = await startResolver(t, { lists, config });
	t.equal((await flood(resolver, 2)).blocked + (await flood(resolver, 5, { transport: "tcp" })).blocked, 4);
	await resolver.reload({ lists, config: { access: { allow } } });
	t.equal((await flood(resolver, 50)).blocked, 50, "off after a reload");
	await resolver.reload({ lists, config });
	t.ok((await flood(resolver, 50)).blocked <= 4, "and on again");
});

test("the log names shortened networks, each once", async (t) => {
	const rateLimit = { queriesPerSecond: 1, burst: 1 };
	const resolver = await startResolver(t, { lists, config: { access: { allow, rateLimit } } });
	await flood(resolver, 5, { from: "192.0.2.77" });
	await flood(resolver, 3, { from: "2001:db8:aa:bb::1" });
	await flood(resolver, 1, { from: "203.0.113.5" });
	const told = resolver.resolver.takeLimited().filter(([, networks]) => networks.length > 0);
	t.same(told, [
		[
			"access.rateLimit",
			[
				{ network: "192.0.2.0/24", times: 4 },
				{ network: "2001:db8:aa::/48", times: 2 },
			],
		],
	]);
	t.same(
		resolver.resolver.takeLimited().flatMap(([, networks]) => networks),
		[],
	);
	for (let i = 0; i < 100; i++) await flood(resolver, 2, { from: `198.51.100.${i}` });
	t.equal(
		resolver.resolver.takeLimited().flatMap(([, networks]) => networks).length,
		16,
		"no more in a minute",
	);
});
