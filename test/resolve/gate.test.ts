import { test } from "tap";
import { EDE, RCODE } from "../../src/wire/codes.ts";
import { query } from "../wire/message.ts";
import { rule, startResolver } from "./resolving.ts";

/** Every name is blocked, so that whoever may ask has an answer at once. */
const lists = [{ rules: [rule("org")] }];
const asked = query("www.example.org", { edns: {} });

test("ranges of both families, nested ones too", async (t) => {
	const allow = [
		"192.0.2.0/25",
		"192.0.2.0/28",
		"192.0.2.16/32",
		"198.51.100.7",
		"203.0.113.0/24",
		"203.0.113.128/25",
		"2001:db8:1::/48",
		"2001:db8:1:2::/64",
		"2001:db8:ffff::1/128",
		"2001:db8:8000::/33",
	];
	const resolver = await startResolver(t, { lists, config: { access: { allow } } });
	const inside = [
		"192.0.2.0",
		"192.0.2.16",
		"192.0.2.17",
		"192.0.2.127",
		"198.51.100.7",
		"203.0.113.0",
		"203.0.113.255",
		"2001:db8:1::",
		"2001:db8:1:2::9",
		"2001:db8:1:ffff:ffff:ffff:ffff:ffff",
		"2001:db8:ffff::1",
		"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
		"2001:db8:8000::",
	];
	const outside = [
		"192.0.1.255",
		"192.0.2.128",
		"198.51.100.6",
		"198.51.100.8",
		"203.0.112.255",
		"203.0.114.0",
		"0.0.0.0",
		"255.255.255.255",
		"2001:db8:0:ffff:ffff:ffff:ffff:ffff",
		"2001:db8:2::",
		"2001:db8:7fff:ffff:ffff:ffff:ffff:ffff",
		"2001:db9::",
		"::",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		"::ffff:192.0.2.1",
	];
	for (const from of inside) t.equal((await resolver.ask(asked, { from }))?.via, "blocked", from);
	for (const from of outside) t.equal((await resolver.ask(asked, { from }))?.via, "refused", from);
});

test("everybody, nobody, one family", async (t) => {
	const all = await startResolver(t, { lists, config: { access: { allow: ["0.0.0.0/0", "::/0"] } } });
	const v4 = await startResolver(t, { lists, config: { access: { allow: ["0.0.0.0/0"] } } });
	const none = await startResolver(t, { lists, config: { access: { allow: [] } } });
	for (const from of ["0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1", "ff02::1"]) {
		t.equal((await all.ask(asked, { from }))?.via, "blocked", from);
		t.equal((await v4.ask(asked, { from }))?.via, from.includes(":") ? "refused" : "blocked", from);
		t.equal((await none.ask(asked, { from }))?.via, "refused", from);
	}
});

test("by default, private networks only", async (t) => {
	const resolver = await startResolver(t, { lists });
	for (const from of ["127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "::1", "fd00::1", "fe80::1"]) {
		t.equal((await resolver.ask(asked, { from }))?.via, "blocked", from);
	}
	for (const from of ["192.0.2.1", "172.32.0.1", "192.169.0.1", "2001:db8::1"]) {
		t.equal((await resolver.ask(asked, { from }))?.via, "refused", from);
	}
});

test("who may not ask is told so, and nothing else", async (t) => {
	const resolver = await startResolver(t, { lists });
	t.match(await resolver.ask(asked, { from: "192.0.2.1" }), {
		rcode: RCODE.REFUSED,
		question: "www.example.org",
		answer: [],
		authority: [],
		edns: { ede: EDE.PROHIBITED, text: /network/ },
	});
	t.match(await resolver.ask(query("www.example.org"), { from: "192.0.2.1" }), {
		rcode: RCODE.REFUSED,
		edns: undefined,
	});
	await resolver.reload({ lists, config: { access: { allow: ["192.0.2.1"] } } });
	t.equal(
		(await resolver.ask(asked, { from: "192.0.2.1" }))?.via,
		"blocked",
		"after a reload that lets them in",
	);
	t.equal((await resolver.ask(asked))?.via, "refused");
});

test("another class than the internet's", async (t) => {
	const resolver = await startResolver(t, { lists });
	for (const cls of [0, 3, 4, 254, 255]) {
		t.match(
			await resolver.ask(query("version.bind.example", { type: 16, class: cls, edns: {} })),
			{
				rcode: RCODE.REFUSED,
				via: "refused",
				answer: [],
				edns: { ede: EDE.NOT_SUPPORTED, text: /class IN/ },
			},
			`class ${cls}`,
		);
	}
});

test("faults are answered before anything else is looked at", async (t) => {
	const resolver = await startResolver(t, { lists });
	t.match(await resolver.ask(query("www.example.org", { flags: 0x2000 })), {
		rcode: RCODE.NOTIMP,
		via: "error",
	});
	t.match(await resolver.ask(query("www.example.org", { edns: { version: 1 } })), {
		rcode: RCODE.BADVERS,
	});
	t.match(await resolver.ask(query("www.example.org", { counts: [1, 1, 0, 0] })), {
		rcode: RCODE.FORMERR,
		question: "www.example.org",
	});
});
