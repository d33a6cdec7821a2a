import { test } from "tap";
import { type Prefix, parsePrefix } from "../../src/config/address.ts";
import { toSettings } from "../../src/config/settings.ts";
import { FIRST_CONFIGURED_LIST } from "../../src/config/vocabulary.ts";
import { explain } from "../../src/supervisor/explain.ts";
import { compiled, filled, indexOf, type TestList } from "../blocklist/compiled.ts";
import { configOf } from "./parts.ts";

const { blocking } = toSettings(
	configOf({
		lists: [
			{ name: "ads", url: "https://lists.example/a" },
			{ name: "zone", url: "https://lists.example/z" },
			{ name: "own", url: "https://lists.example/o", answer: "refused" },
			{ name: "fine", url: "https://lists.example/f", kind: "allow" },
		],
	}),
	1,
);
const LISTS: readonly TestList[] = [
	{ kind: "block", rules: ["||denied.test^"] },
	{
		rules: [
			"||a.test^",
			"||important.test^$important",
			"@@||excepted.test^",
			"||excepted.test^",
			"||f.test^",
		],
	},
	{
		rules: [
			{ name: "nx.test", scope: "exact", action: "nxdomain", ranked: true },
			{ name: "a.test", scope: "below", action: "drop", ranked: true },
		],
	},
	{ rules: [{ name: "o.test", scope: "exact", action: "nxdomain", ranked: true }] },
	{ kind: "allow", rules: ["||f.test^"] },
	{ list: 0, kind: "allow", isOwn: true, rules: ["||allowed.test^"] },
];
const INDEX = compiled(
	LISTS.map((list, i) => ({ list: i === 0 ? 0 : FIRST_CONFIGURED_LIST - 1 + i, ...list })),
);

test("blocked: by which entry of which list at which line, and what would un-block it", async (t) => {
	t.same(explain("WWW.A.test.", INDEX, blocking), {
		name: "www.a.test",
		blocked: true,
		answer: "zero-ip",
		rules: [
			{
				list: "ads",
				line: 1,
				kind: "block",
				entry: "a.test",
				scope: "subtree",
				action: "block",
				important: false,
				decides: true,
			},
			{
				list: "zone",
				line: 2,
				kind: "block",
				entry: "a.test",
				scope: "below",
				action: "drop",
				important: false,
				decides: false,
			},
		],
		advice:
			'to un-block it here, add "www.a.test" to blocking.allow and reload; to have it corrected for everybody, tell whoever keeps list ads',
	});
});

test("the answer that the client gets", async (t) => {
	t.equal(explain("nx.test", INDEX, blocking).answer, "nxdomain", "the zone's own action");
	t.equal(explain("o.test", INDEX, blocking).answer, "refused", "unless the list has an answer of its own");
	t.equal(explain("denied.test", INDEX, blocking).answer, "zero-ip");
});

test("by blocking.deny", async (t) => {
	const { rules, advice } = explain("x.denied.test", INDEX, blocking);
	t.match(rules, [{ list: "config", line: 1, entry: "denied.test" }]);
	t.equal(
		advice,
		'to un-block it, take "denied.test" out of blocking.deny, or add "x.denied.test" to blocking.allow, and reload',
	);
});

test("allowed: by whom", async (t) => {
	const table: readonly [name: string, list: string, advice: RegExp, rules: number][] = [
		["allowed.test", "config", /allowed by blocking\.allow; to block it, take "allowed\.test" out/, 1],
		["f.test", "fine", /allowed by list fine; to block it, take "f\.test" out/, 2],
		["x.excepted.test", "ads", /allowed by list ads; to block it, take "excepted\.test" out/, 2],
	];
	for (const [name, list, advice, rules] of table) {
		const told = explain(name, INDEX, blocking);
		t.match(told, { blocked: false, answer: undefined, advice });
		t.match(told.rules[0], { list, kind: "allow", decides: true });
		t.equal(told.rules.length, rules);
		t.same(
			told.rules.slice(1).map((rule) => rule.decides),
			told.rules.slice(1).map(() => false),
		);
	}
	t.equal(explain("important.test", INDEX, blocking).rules[0]?.important, true);
});

test("nothing speaks of it, or nothing is loaded", async (t) => {
	for (const index of [INDEX, undefined]) {
		t.same(explain("free.test", index, blocking), {
			name: "free.test",
			blocked: false,
			rules: [],
			advice: 'no rule speaks of it; to block it, add "free.test" to blocking.deny and reload',
		});
	}
});

test("a name as people type it, and what is none", async (t) => {
	t.equal(explain("  a.test \n", INDEX, blocking).blocked, true);
	t.equal(explain("BÜCHER.test", INDEX, blocking).name, "xn--bcher-kva.test");
	t.equal(explain("_dmarc.a.test", INDEX, blocking).blocked, true);
	for (const text of [
		"",
		".",
		"192.0.2.1/24",
		"2001:db8::1/129",
		"a b.test",
		"a..test",
		"https://a.test/",
		"x".repeat(300),
	])
		t.throws(() => explain(text, INDEX, blocking), /is no domain name: ./, JSON.stringify(text));
});

test("a special name is answered here, and rules do not touch it", async (t) => {
	const about = (text: string, config: object = {}) =>
		explain(text, INDEX, blocking, undefined, toSettings(configOf(config), 1));
	t.match(about("www.A.test"), {
		blocked: false,
		rules: [{ entry: "a.test", decides: false }],
		special: { name: "test", answer: "NXDOMAIN", reference: "RFC 6761, section 6.2", switch: "reserved" },
		advice:
			"it is never sent upstream (RFC 6761, section 6.2), and rules do not touch it; to change that, set local.reserved to false, or name servers for test in upstreams.zones, and reload",
	});
	t.match(about("1.1.168.192.in-addr.arpa").special, {
		name: "168.192.in-addr.arpa",
		switch: "privateReverse",
	});
	t.match(about("localhost").special, { answer: "127.0.0.1 and ::1", switch: "localhost" });
	t.match(about("mask.icloud.com").special, { switch: "privateRelay" });
	t.match(about("printer"), {
		special: { answer: "NODATA", switch: "singleLabel" },
		advice: /local\.singleLabel to false and reload/,
	});
	for (const ordinary of ["example.org", "x.mask.icloud.com", "www.example", "in-addr.arpa"]) {
		const found = about(ordinary);
		t.equal(found.special, undefined, ordinary);
		t.equal(found.zone, undefined, ordinary);
	}
	t.match(about("a.test", { local: { reserved: false } }), { blocked: true, answer: "zero-ip" });
	t.equal(about("printer", { local: { singleLabel: false } }).special, undefined);
});

test("a name whose zone has servers of its own", async (t) => {
	const zones = [
		{ names: ["home.arpa", "a.test"], servers: ["192.0.2.1", "tcp://192.0.2.2"] },
		{ names: ["corp.home.arpa"], servers: ["192.0.2.3"] },
	];
	const about = (text: string) =>
		explain(text, INDEX, blocking, undefined, toSettings(configOf({ upstreams: { zones } }), 1));
	t.match(about("nas.home.arpa"), {
		blocked: false,
		special: undefined,
		zone: { name: "home.arpa", servers: ["udp://192.0.2.1:53", "tcp://192.0.2.2:53"] },
	});
	t.match(about("x.corp.home.arpa").zone, { name: "corp.home.arpa" });
	t.match(about("a.test"), { blocked: true, zone: { name: "a.test" } }, "and is blocked like any other");
	t.match(about("b.test"), { special: { name: "test" }, zone: undefined });
});

test("an address: by which network of which list at which line answers that hold it are blocked", async (t) => {
	const builder = filled([]);
	const network = (text: string) => parsePrefix(text) as Prefix;
	const block = (list: number) => ({ list, kind: "block" as const });
	builder.addNetwork({ network: network("192.0.2.0/24"), action: "block" }, block(FIRST_CONFIGURED_LIST), 4);
	builder.addNetwork(
		{ network: network("192.0.2.7"), action: "nxdomain", ranked: true },
		block(FIRST_CONFIGURED_LIST + 1),
		9,
	);
	builder.addNetwork({ network: network("2001:db8::/32"), action: "block" }, { ...block(0), isOwn: true }, 1);
	builder.addNetwork(
		{ network: network("192.0.2.128/25"), action: "block" },
		{ list: FIRST_CONFIGURED_LIST + 3, kind: "allow" },
		2,
	);
	const index = indexOf(builder);
	const rule = { kind: "block", scope: "network", important: false };
	t.same(explain(" 192.0.2.7 ", index, blocking), {
		name: "192.0.2.7",
		blocked: true,
		answer: "nxdomain",
		rules: [
			{ ...rule, list: "zone", line: 9, entry: "192.0.2.7", action: "nxdomain", decides: true },
			{ ...rule, list: "ads", line: 4, entry: "192.0.2.0/24", action: "block", decides: false },
		],
		advice:
			"to un-block one name that leads to it, add that name to blocking.allow and reload; to have it corrected for everybody, tell whoever keeps list zone",
	});
	t.match(explain("192.0.2.200", index, blocking), {
		blocked: false,
		rules: [{ list: "fine", decides: true }, { list: "ads" }],
		advice: /allowed by list fine; to block them, take "192\.0\.2\.128\/25" out/,
	});
	t.match(explain("2001:DB8:0::7", index, blocking), {
		name: "2001:db8::7",
		answer: "zero-ip",
		rules: [{ list: "config", line: 1, entry: "2001:db8::/32" }],
		advice: /take "2001:db8::\/32" out of blocking\.denyNetworks/,
	});
	t.match(explain("192.0.2.0/26", index, blocking), {
		name: "192.0.2.0/26",
		rules: [{ entry: "192.0.2.0/24" }],
	});
	t.match(explain("::ffff:192.0.2.7", index, blocking), { name: "192.0.2.7", blocked: true });
	t.match(explain("192.0.3.7", index, blocking), {
		blocked: false,
		rules: [],
		advice: /add "192\.0\.3\.7" to blocking\.denyNetworks/,
	});
	t.match(explain("192.0.2.7", undefined, blocking), { blocked: false, rules: [] });
});
