import fc from "fast-check";
import { test } from "tap";
import { domainFault, domainName, isAddress, listedFault, listedName } from "../../src/wire/domain.ts";

const label63 = "a".repeat(63);
const name253 = `${label63}.${label63}.${label63}.${"b".repeat(61)}`;

test("names come out in one form", async (t) => {
	for (const [text, name] of [
		["example.org", "example.org"],
		["Example.ORG", "example.org"],
		["example.org.", "example.org"],
		["EXAMPLE.org.", "example.org"],
		["_dmarc.example.org", "_dmarc.example.org"],
		["-odd-.example", "-odd-.example"],
		["1.example", "1.example"],
		["0xa.example", "0xa.example"],
		["test", "test"],
		["bücher.example", "xn--bcher-kva.example"],
		["BÜCHER.Example.", "xn--bcher-kva.example"],
		["_x.bücher.example", "_x.xn--bcher-kva.example"],
		["例え。テスト", "xn--r8jz45g.xn--zckzah"],
		["xn--bcher-kva.example", "xn--bcher-kva.example"],
		[name253, name253],
		[`${name253}.`, name253],
	]) {
		t.equal(domainName(text), name, text);
		t.equal(domainFault(text), undefined, text);
	}
});

test("what is no name is refused with a reason", async (t) => {
	for (const [text, reason] of [
		["", /is empty/],
		[".", /root/],
		["..", /empty label/],
		[".example.org", /empty label/],
		["a..example.org", /empty label/],
		["example.org..", /empty label/],
		["192.0.2.1", /IP address/],
		["192.0.2.1.", /IP address/],
		["127.1", /IP address/],
		["2130706433", /IP address/],
		["0x7f.0x1", /IP address/],
		["a.example.7", /IP address/],
		["2001:db8::1", /IP address/],
		["１９２.0.2.1", /IP address/],
		["a b.example", /" " cannot stand/],
		["example.org/path", /"\/" cannot stand/],
		["exa\u0000mple.org", /"\\x00" cannot stand/],
		["exa\u001b[31mmple.org", /"\\x1b" cannot stand/],
		["*.example.org", /"\*" cannot stand/],
		["bücher.example/path", /"\/" cannot stand/],
		["user@bücher.example", /"@" cannot stand/],
		["bad\ufffd.example", /internationalised/],
		["xn--a\u00e9.example\u2028", /./],
		[`${label63}a.example`, /label longer than 63/],
		[`${"ü".repeat(60)}.example`, /./],
		[`${name253}c`, /longer than 253/],
	] as const) {
		t.equal(domainName(text), undefined, text);
		t.match(domainFault(text), reason, text);
	}
});

test("a list may not speak of a whole top-level domain", async (t) => {
	for (const text of ["com", "localhost", "COM.", "xn--zckzah"]) {
		t.equal(listedName(text), undefined);
		t.match(listedFault(text), /single label: it would stand for a whole top-level domain/);
	}
	t.equal(listedName("Example.test."), "example.test");
	t.equal(listedFault("example.test"), undefined);
	t.match(listedFault("192.0.2.1"), /IP address/);
});

test("addresses in all the forms that inet_aton takes", async (t) => {
	for (const text of ["192.0.2.1", "127.1", "1", "0x7f000001", "0300.1", "::", "2001:db8::1", "192.0.2.1."]) {
		t.ok(isAddress(text), text);
	}
	for (const text of ["example.org", "1.example", "a b.1", "", "0xa.example"]) t.notOk(isAddress(text), text);
});

test("whatever comes in, a name goes in again unchanged and a refusal has a reason", async (t) => {
	fc.assert(
		fc.property(
			fc.oneof(fc.domain(), fc.string({ unit: "binary" }), fc.stringMatching(/^[a-zA-Z0-9._ü-]*$/)),
			(text) => {
				const name = domainName(text);
				if (name === undefined) return (domainFault(text)?.length ?? 0) > 0;
				return domainName(name) === name && name.length <= 253 && /^[a-z0-9_.-]+$/.test(name);
			},
		),
	);
	t.pass();
});
