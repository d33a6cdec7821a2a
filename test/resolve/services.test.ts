import { test } from "tap";
import { type Handler, startServer } from "../upstream/server.ts";
import { a, cname, query, type Record, reply, service, TYPE, wire, word } from "../wire/message.ts";
import { reasons } from "./reasons.ts";
import { networkRule, rule, startResolver, type TestList } from "./resolving.ts";

const ALPN = [1, Buffer.from("\x02h2")] as const;
const hint4 = (...addresses: number[][]) => [4, Buffer.from(addresses.flat())] as const;
const hint6 = (...groups: number[][]) => [6, word(...groups.flat())] as const;

const https = query("www.shop.example", { type: TYPE.HTTPS, edns: {} });
const tracker: readonly TestList[] = [{ rules: [rule("tracker.example")] }];

const answering =
	(...answer: Record[]): Handler =>
	({ query: asked }) =>
		reply(asked, { answer });

test("the target of a service is checked (RFC 9460, sections 2.4.2 and 2.5), from upstream and from the cache", async (t) => {
	for (const [what, record] of [
		["AliasMode", service(0, "cdn.Tracker.example")],
		["ServiceMode", service(1, "cdn.tracker.example", [ALPN])],
		["the second of two", service(2, "cdn.tracker.example")],
	] as const) {
		const upstream = await startServer(t, answering(service(1, "good.example", [ALPN]), record));
		const resolver = await startResolver(t, { lists: tracker, upstreams: [upstream.port] });
		for (const from of ["upstream", "cache"]) {
			const found = await resolver.ask(https);
			t.match(
				found,
				{
					via: "blocked",
					rcode: 0,
					answer: [],
					authority: [{ type: TYPE.SOA }],
					edns: { ede: 15, text: "blocked by list one, by service target" },
				},
				`${what}, from ${from}: never the real record`,
			);
		}
		t.equal(upstream.arrivals.length, 1);
		t.strictSame(reasons(resolver), { service: 2 });
	}
});

test("SVCB is checked like HTTPS, and the root as a target stands for the owner", async (t) => {
	const upstream = await startServer(t, ({ query: asked, name }) =>
		reply(asked, {
			answer: [service(1, name.startsWith("root.") ? "" : "tracker.example", [ALPN], undefined, TYPE.SVCB)],
		}),
	);
	const resolver = await startResolver(t, { lists: tracker, upstreams: [upstream.port] });
	t.equal((await resolver.ask(query("dns.shop.example", { type: TYPE.SVCB })))?.via, "blocked");
	t.match(await resolver.ask(query("root.shop.example", { type: TYPE.SVCB })), {
		via: "upstream",
		answer: { length: 1 },
	});
});

test("the list's own answer and RPZ's actions hold for services", async (t) => {
	const upstream = await startServer(t, answering(service(1, "tracker.example", [ALPN])));
	const resolver = await startResolver(t, {
		lists: [{ rules: [rule("tracker.example", { action: "nxdomain", ranked: true })] }],
		upstreams: [upstream.port],
	});
	t.match(await resolver.ask(https), { via: "blocked", rcode: 3, answer: [] });
	resolver.swap([{ rules: [rule("tracker.example", { action: "drop", ranked: true })] }]);
	t.equal(await resolver.ask(https), undefined);
});

test("address hints are checked against listed networks", async (t) => {
	const networks = [networkRule("192.0.2.0/24"), networkRule("2001:db8:bad::/48")];
	for (const [what, params, via] of [
		["ipv4hint", [ALPN, hint4([198, 51, 100, 1], [192, 0, 2, 7])], "blocked"],
		["ipv6hint", [ALPN, hint6([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 7])], "blocked"],
		["IPv4 within ipv6hint", [hint6([0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207])], "blocked"],
		["others", [hint4([198, 51, 100, 1]), hint6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])], "upstream"],
	] as const) {
		const upstream = await startServer(t, answering(service(1, "", params)));
		const resolver = await startResolver(t, { lists: [{ networks }], upstreams: [upstream.port] });
		const found = await resolver.ask(https);
		t.equal(found?.via, via, what);
		if (via !== "blocked") continue;
		t.match(found, { answer: [], edns: { ede: 15, text: "blocked by list one, by address hint" } }, what);
		t.equal((await resolver.ask(https))?.via, "blocked", `${what}, from the cache`);
		t.strictSame(reasons(resolver), { hint: 2 }, what);
	}
});

test("what of a damaged record can be read is checked, and nothing else of it", async (t) => {
	const tail = (bytes: Buffer) => ({
		...service(1, "", []),
		data: Buffer.concat([service(1, "").data, bytes]),
	});
	const networks = [networkRule("192.0.2.0/24")];
	for (const [what, record, via] of [
		[
			"a value longer than the record",
			tail(Buffer.concat([word(4, 40), Buffer.of(192, 0, 2, 7)])),
			"blocked",
		],
		["half an address behind", tail(Buffer.concat([word(4, 6), Buffer.of(192, 0, 2, 7, 1, 2)])), "blocked"],
		["half an address", tail(Buffer.concat([word(4, 3), Buffer.of(192, 0, 2)])), "upstream"],
		["half a key", tail(Buffer.of(0, 4, 0)), "upstream"],
		["no target", { type: TYPE.HTTPS, data: word(1) }, "upstream"],
		["a target that never ends", { type: TYPE.HTTPS, data: Buffer.of(0, 1, 3, 0x61) }, "upstream"],
		["no data", { type: TYPE.HTTPS, data: Buffer.alloc(0) }, "upstream"],
	] as const) {
		const upstream = await startServer(t, answering(record));
		const resolver = await startResolver(t, { lists: [{ networks }], upstreams: [upstream.port] });
		t.equal((await resolver.ask(https))?.via, via, what);
		t.equal((await resolver.ask(https))?.via, via === "blocked" ? "blocked" : "cache", what);
	}
});

test("each check has its switch", async (t) => {
	const upstream = await startServer(t, ({ query: asked, name }) =>
		reply(asked, {
			answer: name.startsWith("alias.")
				? [cname("tracker.example"), a("198.51.100.1", 300, wire("tracker.example"))]
				: name.startsWith("target.")
					? [service(1, "tracker.example")]
					: name.startsWith("hint.")
						? [service(1, "", [hint4([192, 0, 2, 7])])]
						: [a("192.0.2.7")],
		}),
	);
	const lists = [{ rules: [rule("tracker.example")], networks: [networkRule("192.0.2.7")] }];
	const questions = {
		cname: query("alias.shop.example"),
		serviceTargets: query("target.shop.example", { type: TYPE.HTTPS }),
		addressHints: query("hint.shop.example", { type: TYPE.HTTPS }),
		addresses: query("address.shop.example"),
	};
	const resolver = await startResolver(t, { lists, upstreams: [upstream.port] });
	const passed = async () => {
		const names: string[] = [];
		for (const [name, asked] of Object.entries(questions))
			if ((await resolver.ask(asked))?.via !== "blocked") names.push(name);
		return names;
	};
	t.strictSame(await passed(), [], "all are on by default");
	for (const name of Object.keys(questions)) {
		await resolver.reload({ config: { blocking: { answers: { [name]: false } } } });
		t.strictSame(await passed(), [name], "at once, for cached answers too");
	}
	await resolver.reload({});
	t.strictSame(await passed(), []);
});

test("an allowed question is not checked, and what an allowed target brings along is not", async (t) => {
	const upstream = await startServer(t, answering(service(1, "cdn.example", [hint4([192, 0, 2, 7])])));
	const blocked = { networks: [networkRule("192.0.2.7")] };
	const allowing = (name: string) => [blocked, { kind: "allow" as const, rules: [rule(name)] }];
	const resolver = await startResolver(t, {
		lists: allowing("www.shop.example"),
		upstreams: [upstream.port],
	});
	t.equal((await resolver.ask(https))?.via, "upstream");
	t.equal((await resolver.ask(query("other.shop.example", { type: TYPE.HTTPS })))?.via, "blocked");
	resolver.swap(allowing("cdn.example"));
	t.equal((await resolver.ask(https))?.via, "cache");
	resolver.swap([blocked]);
	t.equal((await resolver.ask(https))?.via, "blocked");
});
