import { test } from "tap";
import { EDE, RCODE } from "../../src/wire/codes.ts";
import { query, TYPE } from "../wire/message.ts";
import { type Options, type Outcome, rule, startResolver } from "./resolving.ts";

const lists = [{ rules: [rule("bad.example")] }];
const TYPES = { A: 1, AAAA: 28, HTTPS: 65, MX: 15, ANY: 255 };
const ZERO = Buffer.alloc(4);
const ZERO_V6 = Buffer.alloc(16);

type Answers = { readonly [type in keyof typeof TYPES]?: Buffer };

/** The same for every type: `addresses` for those that have one, else an answer without data. */
const TABLE: readonly (readonly [NonNullable<Options["config"]>[string], number, Answers])[] = [
	[{ answer: "zero-ip" }, RCODE.NOERROR, { A: ZERO, AAAA: ZERO_V6 }],
	[{ answer: "nodata" }, RCODE.NOERROR, {}],
	[{ answer: "nxdomain" }, RCODE.NXDOMAIN, {}],
	[{ answer: { ipv4: "192.0.2.7" } }, RCODE.NOERROR, { A: Buffer.of(192, 0, 2, 7) }],
	[
		{ answer: { ipv4: "192.0.2.7", ipv6: "2001:db8::7" } },
		RCODE.NOERROR,
		{ A: Buffer.of(192, 0, 2, 7), AAAA: Buffer.from("20010db8000000000000000000000007", "hex") },
	],
];

function isSoa(found: Outcome | undefined, ttl: number): boolean {
	const record = found?.authority[0];
	return (
		found?.authority.length === 1 &&
		record?.type === TYPE.SOA &&
		record.ttl === ttl &&
		record.data.readUInt32BE(record.data.length - 4) === ttl
	);
}

for (const [blocking, rcode, addresses] of TABLE) {
	test(`blocked: ${JSON.stringify(blocking)}`, async (t) => {
		const resolver = await startResolver(t, { lists, config: { blocking: { ...blocking, ttl: "33s" } } });
		for (const [name, type] of Object.entries(TYPES)) {
			const found = await resolver.ask(query("Www.bad.example", { type, edns: {} }));
			const data = addresses[name as keyof typeof TYPES];
			t.match(found, { rcode, via: "blocked", question: "Www.bad.example", truncated: false }, name);
			t.match(found?.edns, { ede: EDE.BLOCKED, text: "blocked by list one" });
			if (data === undefined) {
				t.equal(found?.answer.length, 0, `${name}: no data`);
				t.ok(isSoa(found, 33), `${name}: an SOA that says for how long`);
			} else {
				t.strictSame(
					found?.answer.map((record) => [record.name, record.type, record.ttl, record.data]),
					[["Www.bad.example", type, 33, data]],
					name,
				);
				t.equal(found?.authority.length, 0);
			}
		}
	});
}

test("blocked: refused", async (t) => {
	const resolver = await startResolver(t, { lists, config: { blocking: { answer: "refused" } } });
	for (const type of Object.values(TYPES)) {
		t.match(await resolver.ask(query("bad.example", { type })), {
			rcode: RCODE.REFUSED,
			via: "blocked",
			answer: [],
			authority: [],
			edns: undefined,
		});
	}
});

test("blocked: drop", async (t) => {
	const resolver = await startResolver(t, { lists, config: { blocking: { answer: "drop" } } });
	for (const type of Object.values(TYPES))
		t.equal(await resolver.ask(query("bad.example", { type })), undefined);
	t.equal(await resolver.ask(query("bad.example"), { transport: "tcp" }), undefined);
});

test("a list's own answer stands above the configuration's", async (t) => {
	const resolver = await startResolver(t, {
		lists: [
			{ rules: [rule("one.example")] },
			{ rules: [rule("two.example")], answer: "nxdomain" },
			{ rules: [rule("three.example")], answer: { ipv4: "192.0.2.3" } },
		],
	});
	t.match(await resolver.ask(query("one.example")), { rcode: 0, answer: [{ data: ZERO }] });
	t.match(await resolver.ask(query("two.example", { edns: {} })), {
		rcode: 3,
		edns: { text: "blocked by list two" },
	});
	t.match(await resolver.ask(query("three.example")), {
		rcode: 0,
		answer: [{ data: Buffer.of(192, 0, 2, 3) }],
	});
});

test("blocked answers keep to size, flags and DO like any other", async (t) => {
	const resolver = await startResolver(t, { lists });
	const longest = `${["x".repeat(63), "y".repeat(63), "z".repeat(63), "w".repeat(48)].join(".")}.bad.example`;
	const found = await resolver.ask(query(longest, { flags: 0x0110, edns: { size: 512, dnssecOk: true } }));
	t.match(found, { flags: 0x8190, answer: [{ type: TYPE.A }], edns: { dnssecOk: true } });
	const tcp = await resolver.ask(query("bad.example", { edns: {} }), { transport: "tcp" });
	t.match(tcp, { truncated: false, answer: [{ type: TYPE.A }], edns: { text: "blocked by list one" } });
});
