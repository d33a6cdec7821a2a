import { test } from "tap";
import type { LocalRecord } from "../../../src/blocklist/rule.ts";
import { rpzReader } from "../../../src/feeds/format/rpz.ts";
import { shown } from "./shown.ts";

const HEAD =
	"$TTL 60\n$ORIGIN rpz.example.\n@ IN SOA localhost. root.localhost. 1 3600 600 86400 60\n IN NS localhost.\n";

/** Every line that says something, as text. */
function read(zone: string): string[] {
	const reader = rpzReader();
	return [...zone.split("\n").map((line) => shown(reader.read(line))), shown(reader.end())].filter(
		(s) => s !== "none",
	);
}

function records(zone: string): LocalRecord[] {
	const reader = rpzReader();
	return zone.split("\n").flatMap((line) => {
		const outcome = reader.read(line);
		return outcome.kind === "rules" ? outcome.rules.flatMap((rule) => rule.records ?? []) : [];
	});
}

test("every action of a QNAME trigger", async (t) => {
	for (const [line, outcome] of [
		["bad.example CNAME .", "nxdomain exact bad.example ranked"],
		["*.bad.example CNAME .", "nxdomain below bad.example ranked"],
		["Bad.Example\t300\tIN\tcname\t*.", "nodata exact bad.example ranked"],
		["bad.example IN 300 CNAME rpz-drop.", "drop exact bad.example ranked"],
		["bad.example 1h30m CNAME RPZ-TCP-Only.", "tcp-only exact bad.example ranked"],
		["good.example CNAME rpz-passthru.", "allow exact good.example ranked"],
		["good.example CNAME good.example.", "allow exact good.example ranked"],
		["bad.example CNAME garden.test.", "data exact bad.example ranked"],
		["*.bad.example CNAME *.garden.test.", "data below bad.example ranked"],
		["bad.example A 192.0.2.1 ; why", "data exact bad.example ranked"],
		["bad.example.rpz.example. CNAME .", "nxdomain exact bad.example ranked"],
	]) {
		t.strictSame(read(HEAD + line), [outcome], line);
	}
});

test("every action of a response address trigger (RPZ draft, sections 4.1.1 and 4.3)", async (t) => {
	for (const [line, outcome] of [
		["32.7.2.0.192.rpz-ip CNAME .", "nxdomain 192.0.2.7 ranked"],
		["24.0.2.0.192.rpz-ip CNAME *.", "nodata 192.0.2.0/24 ranked"],
		["24.0.2.0.192.RPZ-IP.rpz.example. CNAME rpz-drop.", "drop 192.0.2.0/24 ranked"],
		["128.7.zz.db8.2001.rpz-ip CNAME rpz-passthru.", "allow 2001:db8::7 ranked"],
		["128.zz.db8.2001.rpz-ip CNAME rpz-tcp-only.", "tcp-only 2001:db8:: ranked"],
		["32.zz.DB8.2001.rpz-ip CNAME .", "nxdomain 2001:db8::/32 ranked"],
		["128.8.7.6.5.4.3.db8.2001.rpz-ip CNAME .", "nxdomain 2001:db8:3:4:5:6:7:8 ranked"],
		["128.1.zz.rpz-ip CNAME .", "nxdomain ::1 ranked"],
		["128.207.c000.ffff.zz.rpz-ip CNAME .", "nxdomain 192.0.2.7 ranked"],
		["32.7.2.0.192.rpz-ip CNAME garden.example.", "data 192.0.2.7 ranked"],
		["32.7.2.0.192.rpz-ip A 203.0.113.80", "data 192.0.2.7 ranked"],
	]) {
		t.strictSame(read(HEAD + line), [outcome], line);
	}
});

test("addresses of triggers that are none", async (t) => {
	for (const [line, reason] of [
		["rpz-ip CNAME .", /is no address of rpz-ip/],
		["7.2.0.192.rpz-ip CNAME .", /is no address of rpz-ip/],
		["32.7.2.0.256.rpz-ip CNAME .", /is no address of rpz-ip/],
		["33.7.2.0.192.rpz-ip CNAME .", /no such length/],
		["24.7.2.0.192.rpz-ip CNAME .", /bits set beyond/],
		["x.7.2.0.192.rpz-ip CNAME .", /no such length/],
		["0.0.0.0.0.rpz-ip CNAME .", /too wide for a list: at least \/8/],
		["0.zz.rpz-ip CNAME .", /too wide for a list: at least \/16/],
		["128.7.zz.db8.zz.2001.rpz-ip CNAME .", /is no address of rpz-ip/],
		["128.7.zz.dbx8.2001.rpz-ip CNAME .", /is no address of rpz-ip/],
		["*.32.7.2.0.192.rpz-ip CNAME .", /is no address of rpz-ip/],
		["32.7.2.0.192.rpz-ip CNAME rpz-drop", /trailing dot is missing/],
		["32.7.2.0.192.rpz-ip A nonsense", /A needs an IPv4 address/],
	] as const) {
		const outcomes = read(HEAD + line);
		t.equal(outcomes.length, 1, line);
		t.match(outcomes[0], /^bad/, line);
		t.match(outcomes[0], reason, line);
	}
});

test("the zone is found from the SOA's owner or $ORIGIN", async (t) => {
	const bad = ["nxdomain exact bad.example ranked"];
	for (const zone of [
		"bad.example CNAME .",
		"@ SOA localhost. root.localhost. 1 2 3 4 5\nbad.example CNAME .",
		"rpz.example. 60 IN SOA localhost. root.localhost. 1 2 3 4 5\nbad.example.rpz.example. 60 IN CNAME .",
		"rpz.example. SOA localhost. root.localhost. 1 2 3 4 5\nbad.example CNAME .",
		"$ORIGIN .\nrpz.example 60 IN SOA a. b. 1 2 3 4 5\n$ORIGIN example.rpz.example.\nbad CNAME .",
		"$ORIGIN example.\nRPZ SOA a. b. 1 2 3 4 5\n$ORIGIN rpz.example.\nbad.example CNAME .",
		"$ORIGIN rpz.example.\n@ SOA a. b. 1 2 3 4 5\n$ORIGIN example\nbad CNAME .",
	]) {
		t.strictSame(read(zone), bad, zone);
	}
});

test("entries on several lines, and without an owner of their own", async (t) => {
	const zone = `${HEAD.replace("1 3600 600 86400 60", "(\n 1 ; serial\n 3600 600\n86400 60 )")}
bad.example (
  CNAME ; why
  . )
other.example A 192.0.2.1
        60 A 192.0.2.2 ; the same owner
	TXT "semi;colon (and) \\"quotes\\""`;
	t.strictSame(read(zone), [
		"nxdomain exact bad.example ranked",
		"data exact other.example ranked",
		"data exact other.example ranked",
		"data exact other.example ranked",
	]);
});

test("what is not policy says nothing", async (t) => {
	for (const line of [
		"; comment",
		"",
		'@ TXT "about this zone"',
		"rpz.example. NS ns.example.",
		"bad.example RRSIG CNAME 8 2 60 20260101000000 20250101000000 1 rpz.example. AAAA",
		"@ DNSKEY 256 3 8 AAAA",
	]) {
		t.strictSame(read(HEAD + line), [], line);
	}
});

test("other triggers and types are skipped", async (t) => {
	for (const [line, reason] of [
		["24.0.2.0.192.rpz-client-ip.rpz.example. CNAME rpz-drop.", /trigger rpz-client-ip is not supported/],
		["32.1.2.0.192.rpz-nsip CNAME .", /trigger rpz-nsip looks at name servers/],
		["ns.bad.example.RPZ-NSDNAME CNAME .", /trigger rpz-nsdname looks at name servers/],
		["bad.example NS ns.example.", /records of type NS/],
		["bad.example DNAME garden.test.", /records of type DNAME/],
		["bad.example CH TXT hello", /class CH/],
		["192.0.2.1 CNAME .", /IP address/],
		["$GENERATE 1-10 a$.example CNAME .", /\$GENERATE is not supported/],
	] as const) {
		const outcomes = read(HEAD + line);
		t.equal(outcomes.length, 1, line);
		t.match(outcomes[0], /^skipped/, line);
		t.match(outcomes[0], reason, line);
	}
});

test("faults are bad and say what to do", async (t) => {
	for (const [line, reason] of [
		["good.example CNAME rpz-passthru", /trailing dot is missing: write CNAME rpz-passthru\./],
		["bad.example CNAME rpz-drop.rpz.example.", /trailing dot is missing: write CNAME rpz-drop\./],
		["bad.example CNAME rpz-tcp-only", /write CNAME rpz-tcp-only\./],
		["bad.example CNAME *", /write CNAME \*\./],
		["bad.example CNAME rpz-frobnicate.", /"rpz-frobnicate." is no action/],
		["bad.example CNAME", /CNAME needs one name/],
		["com CNAME .", /single label/],
		["*.com CNAME .", /single label/],
		["* CNAME .", /the root/],
		["*.* CNAME .", /the root/],
		["a.*.example CNAME .", /"\*" cannot stand/],
		["bad.example. CNAME .", /lies outside of the zone rpz.example\./],
		["bad.example", /no record type/],
		["bad.example A 2001:db8::1", /A needs an IPv4 address/],
		["bad.example MX mail.example.", /MX needs a preference, a name/],
		['bad.example TXT "open', /quotation mark is never closed/],
		["bad.example CNAME ( .", /ends within parentheses/],
		[") bad.example CNAME .", /no opening one/],
		["$TTL soon", /\$TTL needs/],
		["$FOO", /no directive/],
	] as const) {
		const outcomes = read(HEAD + line);
		t.equal(outcomes.length, 1, line);
		t.match(outcomes[0], /^bad/, line);
		t.match(outcomes[0], reason, line);
	}
	t.match(read(" CNAME .")[0], /^bad: no owner/);
	t.match(read("bad.example. CNAME .")[0], /^bad: .*neither \$ORIGIN nor a SOA/);
});

test("a fault ends with its line", async (t) => {
	t.strictSame(read(`${HEAD}a.example TXT ("open\nb.example CNAME .`).slice(1), [
		"nxdomain exact b.example ranked",
	]);
});

test("a parenthesis never closed does not swallow the file", async (t) => {
	const outcomes = read(`${HEAD}a.example CNAME (\n${"b.example CNAME .\n".repeat(600)}`);
	t.match(outcomes[0], /^bad: a parenthesis is never closed/);
	t.equal(outcomes.at(-1), "nxdomain exact b.example ranked");
});

test("local data carry their TTL: their own, the zone's, or that of the record before", async (t) => {
	const ttls = (zone: string) => records(zone).map((r) => r.ttl);
	t.strictSame(ttls("a.example 5 A 192.0.2.1\na.example A 192.0.2.2"), [5, 5]);
	t.strictSame(ttls("$TTL 1h\na.example 5 A 192.0.2.1\na.example A 192.0.2.2"), [5, 3600]);
	t.strictSame(ttls("a.example A 192.0.2.1"), [300]);
	t.strictSame(ttls("a.example 99999999999 A 192.0.2.1"), [2147483647]);
});

test("targets are complete on the wire", async (t) => {
	const hex = (line: string) => records(HEAD + line).map((r) => Buffer.from(r.rdata).toString("latin1"));
	t.strictSame(hex("a.example CNAME *.garden.test."), ["\x01*\x06garden\x04test\0"]);
	t.strictSame(hex("a.example CNAME garden"), ["\x06garden\x03rpz\x07example\0"]);
});
