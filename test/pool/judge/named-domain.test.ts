import { test } from "tap";
import { nameDomain } from "../../../src/pool/judge/named-domain.ts";

test("a domain comes out in its final form", async (t) => {
	for (const [written, domain] of [
		["bad.example", "bad.example"],
		["BAD.Example.", "bad.example"],
		["  bad.example\r\n", "bad.example"],
		["\ufeffbad.example", "bad.example"],
		["bücher.example", "xn--bcher-kva.example"],
		["_dmarc.bad.example", "_dmarc.bad.example"],
	]) {
		t.same(nameDomain(written), { domain }, JSON.stringify(written));
	}
});

test("what is written in its place is told apart", async (t) => {
	const table: readonly [written: string, fault: RegExp][] = [
		["", /^must be a domain name; it is empty$/],
		[" \t", /it is empty$/],
		[".", /the root/],
		["192.0.2.1", /^"192\.0\.2\.1" is an IP address: the pool takes names only$/],
		["127.1", /IP address/],
		["2001:db8::1", /IP address/],
		["[2001:db8::1]", /IP address/],
		["*.bad.example", /begins with "\*\.": write bad\.example; scope subtree/],
		["https://bad.example/login?x=1", /give the host alone, bad\.example$/],
		["https://user:pass@BAD.example:8443/", /give the host alone, bad\.example$/],
		["bad.example/path", /give the host alone, bad\.example$/],
		["bad.example:8080", /give the host alone, bad\.example$/],
		["somebody@bad.example", /give the host alone, bad\.example$/],
		["hxxps://bad[.]example/x", /give the host alone, bad\.example$/],
		["bad[.]example", /give the host alone, bad\.example$/],
		["bad(dot)example", /give the host alone, bad\.example$/],
		["http://192.0.2.1/x", /leads to an IP address/],
		["http://[2001:db8::1]/x", /leads to an IP address/],
		["http:///", /no domain name/],
		["bad..example", /empty label/],
		[".bad.example", /empty label/],
		["bad example", /cannot stand in one/],
		["bad.example\nworse.example", /cannot stand in one/],
		["bad.example\u0000", /cannot stand in one/],
		[`${"a".repeat(64)}.example`, /label longer than 63/],
		[`${"a.".repeat(127)}example`, /longer than 253/],
		["a".repeat(100_000), /longer than 253/],
	];
	for (const [written, fault] of table) {
		const named = nameDomain(written);
		const told = "fault" in named ? named.fault : `taken as ${named.domain}`;
		t.match(told, fault, JSON.stringify(written.slice(0, 80)));
		t.ok(told.length < 300, "the fault is short, whatever was written");
	}
});
