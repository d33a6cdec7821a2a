import { type Test, test } from "tap";
import { CATEGORIES } from "../../src/config/vocabulary.ts";
import { startServer } from "../upstream/server.ts";
import { a, aaaa, cname, query, type Record, reply, service, TYPE, wire, word } from "../wire/message.ts";
import { reasons } from "./reasons.ts";
import { networkRule, type Options, rule, startResolver } from "./resolving.ts";

const guarding = (rest: object = {}, blocking: object = {}) => ({
	config: { blocking: { rebinding: { enabled: true, ...rest }, ...blocking } },
});

/** The answer to a question for `rebind.example`, whatever its type. */
async function ask(t: Test, answer: readonly Record[], options: Options = guarding(), type: number = TYPE.A) {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer }));
	const resolver = await startResolver(t, { ...options, upstreams: [upstream.port] });
	return resolver.ask(query("rebind.example", { type, edns: {} }));
}

test("an answer that leads into a private network is not given", async (t) => {
	for (const address of [
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.0.1",
	]) {
		t.match(
			await ask(t, [a("203.0.113.1"), a(address)]),
			{
				via: "blocked",
				rcode: 0,
				answer: [],
				authority: [{ type: TYPE.SOA }],
				edns: { ede: 15, text: /private network/ },
			},
			`${address}: the whole answer, and no zero address in its place`,
		);
	}
	for (const address of ["9.255.255.255", "100.128.0.1", "172.32.0.1", "192.167.255.255", "203.0.113.1"])
		t.match(await ask(t, [a(address)]), { via: "upstream", answer: { length: 1 } }, address);
});

test("of IPv6 too, and IPv4 wrapped in it (RFC 4291, 4193, 6052)", async (t) => {
	for (const [groups, via] of [
		[[0, 0, 0, 0, 0, 0, 0, 0], "blocked"],
		[[0, 0, 0, 0, 0, 0, 0, 1], "blocked"],
		[[0xfc00, 0, 0, 0, 0, 0, 0, 1], "blocked"],
		[[0xfdff, 0, 0, 0, 0, 0, 0, 1], "blocked"],
		[[0xfe80, 0, 0, 0, 0, 0, 0, 1], "blocked"],
		[[0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], "blocked"],
		[[0x64, 0xff9b, 0, 0, 0, 0, 0x0a00, 1], "blocked"],
		[[0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x7101], "upstream"],
		[[0x2001, 0xdb8, 0, 0, 0, 0, 0, 1], "upstream"],
	] as const)
		t.equal((await ask(t, [aaaa(groups)], guarding(), TYPE.AAAA))?.via, via, groups.join(":"));
});

test("hints of services and addresses behind aliases count; the switches of lists do not", async (t) => {
	const off = { answers: { cname: false, serviceTargets: false, addressHints: false, addresses: false } };
	const hints = [
		service(1, "", [[4, Buffer.of(203, 0, 113, 1, 192, 168, 0, 1)]]),
		service(1, "", [[6, word(0xfd00, 0, 0, 0, 0, 0, 0, 1)]]),
	];
	for (const hint of hints)
		t.match(await ask(t, [hint], guarding({}, off), TYPE.HTTPS), { via: "blocked", answer: [] });
	const behind = [cname("inside.example"), a("10.0.0.1", 300, wire("inside.example"))];
	t.match(await ask(t, behind, guarding({}, off)), { via: "blocked", answer: [] });
});

test("it is off unless it is wanted, and a reload is in force at once, for cached answers too", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.168.0.1")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	const asked = query("rebind.example");
	t.equal((await resolver.ask(asked))?.via, "upstream");
	await resolver.reload(guarding());
	t.equal((await resolver.ask(asked))?.via, "blocked");
	t.equal((await resolver.ask(asked))?.via, "blocked", "again");
	t.strictSame(reasons(resolver), { rebinding: 2 });
	t.equal(resolver.counters.readBlocked(CATEGORIES.indexOf("other"), 2), 2, "as NODATA");
	await resolver.reload(guarding({ networks: ["10.0.0.0/8"] }));
	t.equal((await resolver.ask(asked))?.via, "cache");
	await resolver.reload(guarding({ allow: ["rebind.example"] }));
	t.equal((await resolver.ask(asked))?.via, "cache");
	await resolver.reload(guarding({ allow: ["*.rebind.example"] }));
	t.equal((await resolver.ask(asked))?.via, "blocked");
	await resolver.reload({});
	t.equal((await resolver.ask(asked))?.via, "cache");
	t.equal(upstream.arrivals.length, 1);
});

test("names that are exempt: those of the configuration and of zones, whatever their case; by the question, not by its alias", async (t) => {
	const upstream = await startServer(t, ({ query: bytes, name }) =>
		reply(bytes, {
			answer: name.startsWith("alias.")
				? [cname("printer.corp.example"), a("10.0.0.5", 300, wire("printer.corp.example"))]
				: [a("10.0.0.5")],
		}),
	);
	const zones = [{ names: ["corp.example"], servers: [`udp://127.0.0.1:${upstream.port}`] }];
	const resolver = await startResolver(t, {
		upstreams: [upstream.port],
		config: {
			blocking: { rebinding: { enabled: true, allow: ["dyn.example", "*.plex.example"] } },
			upstreams: { zones },
		},
	});
	for (const [name, via] of [
		["dyn.example", "upstream"],
		["home.DYN.example", "upstream"],
		["xdyn.example", "blocked"],
		["plex.example", "blocked"],
		["a.plex.example", "upstream"],
		["printer.corp.example", "upstream"],
		["alias.rebind.example", "blocked"],
	] as const)
		t.equal((await resolver.ask(query(name)))?.via, via, name);
});

test("an allow rule of a list lifts no protection, a policy zone's own garden is none of its business", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("10.0.0.80")] }));
	const alias = { type: TYPE.CNAME, ttl: 5, rdata: wire("garden.example") };
	const resolver = await startResolver(t, {
		...guarding(),
		lists: [
			{ kind: "allow", rules: [rule("rebind.example")] },
			{ rules: [rule("bad.example", { action: "data", ranked: true, records: [alias] })] },
		],
		upstreams: [upstream.port],
	});
	t.equal((await resolver.ask(query("rebind.example")))?.via, "blocked");
	t.equal((await resolver.ask(query("rebind.example")))?.via, "blocked", "from the cache");
	for (const from of ["upstream", "cache"])
		t.match(
			await resolver.ask(query("bad.example")),
			{ via: "blocked", answer: [{ type: TYPE.CNAME }, { type: TYPE.A }] },
			from,
		);
	t.strictSame(reasons(resolver), { rebinding: 2, name: 2 });
});

test("the configured answer is given, except the zero address", async (t) => {
	const outcomes = [
		["nxdomain", { rcode: 3, answer: [] }],
		["refused", { rcode: 5, answer: [] }],
		[{ ipv4: "203.0.113.9" }, { rcode: 0, answer: [{ data: Buffer.of(203, 0, 113, 9) }] }],
		["zero-ip", { rcode: 0, answer: [] }],
	] as const;
	for (const [answer, expected] of outcomes)
		t.match(await ask(t, [a("10.0.0.1")], guarding({}, { answer })), { via: "blocked", ...expected });
	t.equal(await ask(t, [a("10.0.0.1")], guarding({}, { answer: "drop" })), undefined);
});

test("a list's word on an address stands above it; a question that is allowed by name still is protected", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("10.0.0.1")] }));
	const networks = [networkRule("10.0.0.0/8", { action: "nxdomain", ranked: true })];
	const resolver = await startResolver(t, {
		...guarding(),
		lists: [{ networks }],
		upstreams: [upstream.port],
	});
	t.match(await resolver.ask(query("rebind.example")), { via: "blocked", rcode: 3 });
	t.strictSame(reasons(resolver), { address: 1 });
	resolver.swap([{ networks, rules: [rule("rebind.example", { action: "allow", ranked: true })] }]);
	t.match(await resolver.ask(query("rebind.example")), { via: "blocked", rcode: 0, answer: [] });
	t.strictSame(reasons(resolver), { address: 1, rebinding: 1 });
});
