import t from "tap";
import {
	encodeName,
	formatName,
	parseName,
	reverseName,
	sameName,
} from "../../../src/commands/lookup/name.ts";

const NAMES: readonly (readonly [typed: string, want: string])[] = [
	["example.org", "example.org."],
	["Example.ORG.", "Example.ORG."],
	[".", "."],
	["", "."],
	["_dmarc.example.org", "_dmarc.example.org."],
	["bücher.example", "xn--bcher-kva.example."],
	["_srv.Bücher。test", "_srv.xn--bcher-kva.test."],
	["123.test", "123.test."],
	["a\\.b.test", "a\\.b.test."],
	["a\\000\\255.test", "a\\000\\255.test."],
	["*.test", "*.test."],
	["a b.test", "a\\032b.test."],
	[`${"a".repeat(63)}.test`, `${"a".repeat(63)}.test.`],
];

t.test("names that can be asked for", async (t) => {
	for (const [typed, want] of NAMES) t.equal(formatName(parseName(typed)), want, typed);
});

t.test("names that cannot", async (t) => {
	t.throws(() => parseName("a..b"), { message: /"a\.\.b" has an empty label/ });
	t.throws(() => parseName(".a"), { message: /empty label/ });
	t.throws(() => parseName(`${"a".repeat(64)}.test`), { message: /a label of 64 octets; the most is 63/ });
	t.throws(() => parseName(Array(64).fill("abc").join(".")), { message: /257 octets; the most is 255/ });
	t.throws(() => parseName("a\\"), { message: /followed by neither/ });
	t.throws(() => parseName("a\\999.test"), { message: /followed by neither/ });
	t.throws(() => parseName("\u202eevil.test"), { message: /no internationalised name/ });
	t.throws(() => parseName("ü\\000.test"), { message: /no internationalised name/ });
});

t.test("names are the same whatever their case", async (t) => {
	t.ok(sameName(parseName("WwW.example"), parseName("www.EXAMPLE.")));
	t.notOk(sameName(parseName("a.b"), parseName("a\\.b")));
	t.equal(encodeName(parseName("a.bc")).toString("hex"), "016102626300");
});

t.test("the names of addresses", async (t) => {
	t.equal(reverseName([192, 0, 2, 1]), "1.2.0.192.in-addr.arpa.");
	t.equal(reverseName([0x20, 1, ...Array(13).fill(0), 0xab]), `b.a.${"0.".repeat(26)}1.0.0.2.ip6.arpa.`);
});
