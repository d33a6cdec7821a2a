import t from "tap";
import { formatRdata } from "../../../src/commands/lookup/rdata.ts";
import { formatParams } from "../../../src/commands/lookup/svcb.ts";
import { parseType } from "../../../src/wire/code-names.ts";
import { wireName, word } from "./messages.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");
const text = (value: string) => Buffer.from([value.length, ...Buffer.from(value, "latin1")]);
const join = (...parts: Buffer[]) => Buffer.concat(parts);

const RECORDS: readonly (readonly [type: string, data: Buffer, want: string])[] = [
	["A", hex("c0000201"), "192.0.2.1"],
	["AAAA", hex("20010db8000000000000000000000001"), "2001:db8::1"],
	["AAAA", hex("00000000000000000000ffffc0000201"), "::ffff:192.0.2.1"],
	["AAAA", hex("20010db8000000010001000100010001"), "2001:db8:0:1:1:1:1:1"],
	["CNAME", wireName("www.example.org"), "www.example.org."],
	["NS", wireName(""), "."],
	["PTR", join(Buffer.of(3), Buffer.from("a.b"), wireName("test")), "a\\.b.test."],
	["CNAME", join(hex("06 00 1b 07 20 ff 5c"), wireName("test")), "\\000\\027\\007\\032\\255\\\\.test."],
	["MX", join(word(10), wireName("mail.example.org")), "10 mail.example.org."],
	[
		"SOA",
		join(wireName("ns.test"), wireName("host.test"), hex("00000001 00000e10 00000258 00093a80 0000003c")),
		"ns.test. host.test. 1 3600 600 604800 60",
	],
	["SRV", join(word(1, 2, 443), wireName("s.test")), "1 2 443 s.test."],
	["TXT", join(text("v=spf1 -all"), text('a"b\\c')), '"v=spf1 -all" "a\\"b\\\\c"'],
	["TXT", text("\x00\x1b[31m\xe4"), '"\\000\\027[31m\\228"'],
	["TXT", text(""), '""'],
	["CAA", join(Buffer.of(0), text("issue"), Buffer.from("ca.test; a=b")), '0 issue "ca.test; a=b"'],
	["DS", join(word(60485), Buffer.of(13, 2), hex("d4b7d520")), "60485 13 2 D4B7D520"],
	["DNSKEY", join(word(257), Buffer.of(3, 13), Buffer.from("key!")), "257 3 13 a2V5IQ=="],
	[
		"RRSIG",
		join(
			word(1),
			Buffer.of(13, 2),
			hex("0000012c 65920080 655ac480"),
			word(4711),
			wireName("test"),
			Buffer.from("sig"),
		),
		"A 13 2 300 20240101000000 20231120022920 4711 test. c2ln",
	],
	["NSEC", join(wireName("b.test"), hex("00 06 40 01 00 00 00 03")), "b.test. A MX RRSIG NSEC"],
	[
		"NSEC3",
		join(hex("01 00 000a 02 abcd 05"), Buffer.from("hello"), hex("00 01 40")),
		"1 0 10 ABCD D1IMOR3F A",
	],
	["TLSA", hex("03 01 01 c0ffee"), "3 1 1 C0FFEE"],
	["SSHFP", hex("04 02 c0ffee"), "4 2 C0FFEE"],
	[
		"NAPTR",
		join(word(100, 10), text("u"), text("sip"), text("!^.*$!sip:a@b!"), wireName("")),
		'100 10 "u" "sip" "!^.*$!sip:a@b!" .',
	],
	[
		"HTTPS",
		join(word(1), wireName(""), word(1, 6), text("h2"), text("h3"), word(4, 4), hex("c0000201")),
		'1 . alpn="h2,h3" ipv4hint=192.0.2.1',
	],
	["SVCB", join(word(0), wireName("svc.test")), "0 svc.test."],
	[
		"HTTPS",
		join(
			word(1),
			wireName(""),
			word(6, 16),
			hex("20010db8000000000000000000000001"),
			word(2, 0),
			word(3, 2, 8443),
			word(65000, 1),
			Buffer.from("x"),
		),
		'1 . ipv6hint=2001:db8::1 no-default-alpn port=8443 key65000="x"',
	],
	["TYPE65280", hex("deadbeef"), "\\# 4 DEADBEEF"],
	["TYPE65280", hex(""), "\\# 0"],
	// Data that does not fit its type.
	["A", hex("c00002"), "\\# 3 C00002"],
	["A", hex("c000020100"), "\\# 5 C000020100"],
	["A", hex(""), "\\# 0"],
	["MX", word(10), "\\# 2 000A"],
	["TXT", hex("05 61"), "\\# 2 0561"],
	["CAA", hex("00 09 61"), "\\# 3 000961"],
	["CNAME", hex("c000"), "\\# 2 C000"],
	["CNAME", hex("40"), "\\# 1 40"],
	["HTTPS", join(word(1), wireName(""), word(4, 3), hex("c00002")), "\\# 10 00010000040003C00002"],
	["HTTPS", join(word(1), wireName(""), word(1, 9), text("h2")), "\\# 10 00010000010009026832"],
	["NSEC", join(wireName("b.test"), hex("00 22 40")), "\\# 11 0162047465737400002240"],
];

t.test("record data in zone-file form", async (t) => {
	for (const [type, data, want] of RECORDS) {
		t.equal(formatRdata(parseType(type) ?? 0, data, 0, data.length), want, `${type} ${want}`);
	}
});

t.test("names in record data may point back into the message, and only back", async (t) => {
	const message = Buffer.concat([
		wireName("example.org"),
		word(10),
		Buffer.of(4),
		Buffer.from("mail"),
		word(0xc000),
	]);
	t.equal(formatRdata(15, message, 13, message.length), "10 mail.example.org.");
	const loop = Buffer.concat([
		wireName("example.org"),
		word(10),
		Buffer.of(1),
		Buffer.from("a"),
		word(0xc00f),
	]);
	t.equal(formatRdata(15, loop, 13, loop.length), "\\# 6 000A0161C00F");
	const self = Buffer.concat([word(10), word(0xc002)]);
	t.equal(formatRdata(15, self, 0, self.length), "\\# 4 000AC002");
	const ahead = Buffer.concat([word(10), word(0xc004), wireName("later")]);
	t.equal(formatRdata(15, ahead, 0, 4), "\\# 4 000AC004");
});

t.test("alpn escapes its own commas", async (t) => {
	t.equal(formatParams(join(word(1, 5), text("a,\\b"))), 'alpn="a\\\\,\\\\\\\\b"');
	t.equal(formatParams(join(word(0, 4), word(1, 4))), "mandatory=alpn,ipv4hint");
	t.throws(() => formatParams(join(word(0, 3), hex("000100"))), RangeError);
	t.throws(() => formatParams(hex("000100")), RangeError);
});
