import { test } from "tap";
import { encodeName, encodeRdata, typeNumber } from "../../../src/feeds/format/rdata.ts";

function hex(type: string, ...words: string[]): string {
	const rdata = encodeRdata(typeNumber(type) ?? -1, words, "rpz.example");
	return typeof rdata === "string" ? rdata : Buffer.from(rdata).toString("hex");
}

test("records in wire form", async (t) => {
	const a = "0161076578616d706c6500";
	t.equal(hex("A", "192.0.2.1"), "c0000201");
	t.equal(hex("AAAA", "2001:db8::1"), "20010db8000000000000000000000001");
	t.equal(hex("AAAA", "::ffff:192.0.2.1"), "00000000000000000000ffffc0000201");
	t.equal(hex("CNAME", "a.example."), a);
	t.equal(hex("PTR", "a.example."), a);
	t.equal(hex("MX", "10", "a.example."), `000a${a}`);
	t.equal(hex("MX", "0", "."), "000000");
	t.equal(hex("SRV", "1", "2", "443", "a.example."), `0001000201bb${a}`);
	t.equal(hex("TXT", "ab", ""), "02616200");
	t.equal(hex("TXT", '\\"\\065\\\\'), "0322415c");
	t.equal(hex("TXT", "ü"), "02c3bc");
	t.equal(hex("HTTPS", "\\#", "3", "0001", "00"), "000100");
	t.equal(hex("TYPE65280", "\\#", "0"), "");
	t.equal(hex("A", "\\#", "4", "c0000201"), "c0000201");
});

test("what cannot be encoded says why", async (t) => {
	for (const [type, words, reason] of [
		["A", ["192.0.2"], /A needs an IPv4 address, not "192.0.2"/],
		["A", [], /A needs/],
		["AAAA", ["192.0.2.1"], /AAAA needs an IPv6/],
		["MX", ["70000", "a."], /MX needs/],
		["SRV", ["1", "2", "a."], /SRV needs a priority, a weight, a port, a name/],
		["TXT", [], /TXT needs/],
		["TXT", ["x".repeat(256)], /longer than 255/],
		["CNAME", ["a..example."], /empty label/],
		["CNAME", [`${"x".repeat(64)}.`], /longer than 63/],
		["CNAME", [`${"x.".repeat(130)}`], /longer than 255/],
		["HTTPS", ["1", "."], /generic form/],
		["TYPE65280", ["\\#", "2", "00"], /no generic data/],
	] as const) {
		t.match(hex(type, ...words), reason, `${type} ${words.join(" ")}`);
	}
	t.equal(typeNumber("NS"), undefined);
	t.equal(typeNumber("TYPE70000"), undefined);
	t.equal(typeNumber("constructor"), undefined);
});

test("names keep their case, their escapes mean bytes, the origin completes them", async (t) => {
	const text = (name: string, origin?: string) => Buffer.from(encodeName(name, origin)).toString("latin1");
	t.equal(text("A.Example."), "\x01A\x07Example\0");
	t.equal(text("a\\.b.example."), "\x03a.b\x07example\0");
	t.equal(text("a\\046b.example."), "\x03a.b\x07example\0");
	t.equal(text("a\\.", "example"), "\x02a.\x07example\0");
	t.equal(text("a", ""), "\x01a\0");
	t.equal(text("@", "example"), "\x07example\0");
	t.equal(text("."), "\0");
	t.match(encodeName("a", undefined), /no trailing dot/);
});
