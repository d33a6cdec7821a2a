import { test } from "tap";
import { followChain } from "../../src/wire/chain.ts";
import { DomainName, nameToText } from "../../src/wire/name.ts";
import { Response, readResponse, readTarget } from "../../src/wire/response.ts";
import { trimResponse } from "../../src/wire/trim.ts";
import { type Decoded, decode, decodeName } from "./decoded.ts";
import {
	a,
	cname,
	long,
	type Message,
	opt,
	QNAME,
	QR,
	query,
	questionEnd,
	RA,
	type Record,
	reply,
	soa,
	TYPE,
	wire,
	word,
} from "./message.ts";

const RRSIG = 46;
const asked = query("www.example.org");
const response = new Response();

function follow(parts: Message, type: number = TYPE.A): string | undefined {
	const bytes = reply(asked, parts);
	if (!readResponse(response, bytes, 0, bytes.length, questionEnd(bytes), type)) throw new Error("malformed");
	return followChain(response);
}

/** What is left of a response, as a message. */
function kept(parts: Message, type: number = TYPE.A, dnssecOk = false): Decoded {
	const fault = follow(parts, type);
	if (fault !== undefined) throw new Error(fault);
	if (!trimResponse(response, dnssecOk)) throw new Error("not to be trimmed");
	const { message, start, authorityEnd, answers, authorities, ttlCount } = response;
	if (ttlCount !== answers + authorities) throw new Error("TTLs and records differ");
	const bytes = Buffer.from(message.slice(start, authorityEnd));
	for (const [i, count] of [answers, authorities, 0].entries()) bytes.writeUInt16BE(count, 6 + i * 2);
	return decode(bytes);
}

const shown = ({ answer }: Decoded) => answer.map(({ name, type }) => `${name} ${type}`);
const denied = ({ authority }: Decoded) => authority.map(({ name, type }) => `${name} ${type}`);
const rrsig = (covered: number, name: Buffer = QNAME): Record => ({
	name,
	type: RRSIG,
	data: Buffer.concat([word(covered), Buffer.alloc(16), wire("example.org"), Buffer.alloc(64, 7)]),
});
const dname = (owner: string, target: string): Record => ({
	name: wire(owner),
	type: TYPE.DNAME,
	data: wire(target),
});

function targets(): string[] {
	const name = new DomainName();
	return response.targets.map((at) => (readTarget(response, at, name) ? nameToText(name.copy()) : "?"));
}

test("records of other names and types are dropped (RFC 5452, section 6; CVE-2021-25220, CVE-2025-40778)", (t) => {
	const own = a("192.0.2.1", 60);
	const table: readonly (readonly [string, Message])[] = [
		["another name's address", { answer: [own, a("203.0.113.6", 60, wire("bank.example"))] }],
		["it stands first", { answer: [a("203.0.113.6", 60, wire("bank.example")), own] }],
		["another name's alias", { answer: [own, cname("evil.example", 60, wire("bank.example"))] }],
		["the name above", { answer: [own, a("203.0.113.6", 60, wire("example.org"))] }],
		["another type", { answer: [own, { type: TYPE.TXT, data: Buffer.of(1, 0x61) }] }],
		["name servers", { answer: [own], authority: [{ type: TYPE.NS, data: wire("ns.evil.example") }] }],
		["an SOA beside an answer", { answer: [own], authority: [soa(60, 60)] }],
		[
			"addresses of name servers",
			{
				answer: [own],
				authority: [{ name: wire("example.org"), type: TYPE.NS, data: wire("ns.example.org") }],
				additional: [a("203.0.113.6", 60, wire("ns.example.org")), opt()],
			},
		],
	];
	for (const [what, parts] of table) {
		const found = kept(parts);
		t.strictSame(shown(found), ["www.example.org 1"], what);
		t.strictSame(found.answer[0]?.data, Buffer.of(192, 0, 2, 1), what);
		t.strictSame(found.authority, [], what);
		t.match(response, { hasType: true, answerTtl: 60, negativeTtl: -1 }, what);
	}
	t.end();
});

test("a chain of aliases is kept in its order, however its records come (RFC 1034, section 3.6.2)", (t) => {
	const chain = [
		cname("One.example", 300),
		cname("two.example", 40, wire("one.example")),
		a("192.0.2.1", 50, wire("TWO.example")),
		a("192.0.2.2", 60, wire("two.example")),
	];
	const whole = ["www.example.org 5", "one.example 5", "two.example 1", "two.example 1"];
	const lower = (names: string[]) => names.map((name) => name.toLowerCase());
	t.strictSame(lower(shown(kept({ answer: chain }))), whole);
	for (const order of [
		[3, 2, 1, 0],
		[1, 3, 0, 2],
		[2, 0, 3, 1],
	]) {
		const found = kept({ answer: order.map((i) => chain[i] ?? a("192.0.2.9")) });
		t.strictSame(lower(shown(found)), whole, order.join());
		t.strictSame(targets(), ["one.example", "two.example"], order.join());
		t.match(response, { hasType: true, answerTtl: 40 }, order.join());
		t.equal(decodeName(found.bytes, found.answer[0]?.dataAt ?? 0)[0], "One.example", "its case stays");
	}
	t.end();
});

test("what an upstream compressed is read before what it leans on is dropped", (t) => {
	const end = questionEnd(asked);
	const elsewhere = { ...a("203.0.113.6", 60, wire("mail.example.net")) };
	const intoIt = Buffer.concat([word(10), word(0xc000 | end)]);
	const found = kept({ answer: [elsewhere, { type: TYPE.MX, data: intoIt }] }, TYPE.MX);
	t.strictSame(shown(found), ["www.example.org 15"]);
	t.equal(decodeName(found.bytes, (found.answer[0]?.dataAt ?? 0) + 2)[0], "mail.example.net");
	const within = kept({
		answer: [elsewhere, cname("x.example"), { ...a("192.0.2.3"), name: wire("x.example") }],
	});
	t.strictSame(shown(within), ["www.example.org 5", "x.example 1"]);
	const denial = kept({
		flags: QR | 3,
		authority: [
			{ name: wire("example.org"), type: TYPE.NS, data: wire("ns.example.org") },
			{
				...soa(60, 30, Buffer.concat([word(0xc000 | (end - 5 - 12))])),
				name: wire("example.org"),
				data: Buffer.concat([
					word(0xc000 | (end + 13 + 10)),
					wire("mail.example"),
					...[1, 2, 3, 4, 30].map(long),
				]),
			},
		],
	});
	t.strictSame(denied(denial), ["example.org 6"]);
	t.equal(decodeName(denial.bytes, denial.authority[0]?.dataAt ?? 0)[0], "ns.example.org");
	t.equal(response.negativeTtl, 30);
	t.end();
});

test("a chain that goes in circles, is too long or forks is no answer", (t) => {
	const steps = (count: number) =>
		Array.from({ length: count }, (_, i) =>
			cname(`n${i + 1}.example`, 60, i === 0 ? QNAME : wire(`n${i}.example`)),
		);
	t.equal(follow({ answer: [cname("www.example.org")] }), "loop", "to itself");
	t.equal(follow({ answer: [cname("a.example"), cname("WWW.example.org", 60, wire("a.example"))] }), "loop");
	t.equal(
		follow({ answer: [...steps(3), cname("n2.example", 60, wire("n3.example"))] }),
		"loop",
		"further on",
	);
	t.equal(follow({ answer: [...steps(11), a("192.0.2.1", 60, wire("n11.example"))] }), undefined);
	t.ok(response.hasType);
	t.equal(follow({ answer: [...steps(12), a("192.0.2.1", 60, wire("n12.example"))] }), "long");
	t.equal(follow({ answer: [cname("a.example"), cname("b.example")] }), "aliases");
	t.equal(follow({ answer: [cname("a.example"), cname("b.example")] }, TYPE.CNAME), "aliases", "asked for");
	t.equal(follow({ answer: [{ ...a("192.0.2.1"), class: 3 }] }), "class");
	const unrelated = [cname("a.example", 60, wire("x.example")), cname("b.example", 60, wire("x.example"))];
	t.equal(follow({ answer: [a("192.0.2.1"), ...unrelated] }), undefined, "elsewhere it is nobody's business");
	t.end();
});

test("more records of one name than any honest answer has (CVE-2024-1737)", (t) => {
	const addresses = (count: number, name: Buffer = QNAME) =>
		Array.from({ length: count }, (_, i) => a(`192.0.${i >> 8}.${i & 255}`, 60, name));
	t.equal(kept({ answer: addresses(256) }).answer.length, 256);
	t.equal(follow({ answer: addresses(257) }), "large");
	t.equal(follow({ answer: [cname("x.example"), ...addresses(257, wire("x.example"))] }), "large");
	t.equal(follow({ answer: [...addresses(1), ...addresses(600, wire("x.example"))] }), "large");
	t.end();
});

test("a record that comes twice counts once (RFC 2181, section 5)", (t) => {
	const twice = kept({ answer: [a("192.0.2.1", 60), a("192.0.2.2", 60), a("192.0.2.1", 20)] });
	t.strictSame(
		twice.answer.map(({ data }) => data[3]),
		[1, 2],
	);
	t.equal(shown(kept({ answer: [cname("a.example"), cname("A.example"), cname("a.example")] })).length, 1);
	const end = questionEnd(asked);
	const mx = (name: Buffer): Record => ({ type: TYPE.MX, data: Buffer.concat([word(10), name]) });
	const compressed = kept({ answer: [mx(wire("Mail.example")), mx(word(0xc000 | (end + 14)))] }, TYPE.MX);
	t.equal(compressed.answer.length, 1, "compressed or not");
	t.equal(kept({ answer: [mx(wire("a.example")), mx(wire("b.example"))] }, TYPE.MX).answer.length, 2);
	const txt = (text: string): Record => ({ type: TYPE.TXT, data: Buffer.from(`\x01${text}`) });
	t.equal(kept({ answer: [txt("a"), txt("A")] }, TYPE.TXT).answer.length, 2, "bytes are no names");
	t.end();
});

test("an alias beside other records of its name: they do not count (RFC 1034, section 3.6.2)", (t) => {
	for (const answer of [
		[cname("a.example"), a("203.0.113.6"), a("192.0.2.1", 60, wire("a.example"))],
		[a("203.0.113.6"), a("192.0.2.1", 60, wire("a.example")), cname("a.example")],
	]) {
		const found = kept({ answer });
		t.strictSame(shown(found), ["www.example.org 5", "a.example 1"]);
		t.equal(found.answer[1]?.data[3], 1);
	}
	t.end();
});

test("DNAME is kept with the alias made from it (RFC 6672, section 3.1)", (t) => {
	const made = [dname("example.org", "b.example"), cname("www.b.example")];
	const end = a("192.0.2.1", 60, wire("www.b.example"));
	t.strictSame(shown(kept({ answer: [...made, end] })), [
		"example.org 39",
		"www.example.org 5",
		"www.b.example 1",
	]);
	t.strictSame(targets(), ["b.example", "www.b.example"]);
	t.strictSame(
		shown(kept({ answer: made }, TYPE.CNAME)),
		["example.org 39", "www.example.org 5"],
		"the alias itself is asked for",
	);
	t.strictSame(shown(kept({ answer: [dname("example.net", "b.example"), a("192.0.2.1")] })), [
		"www.example.org 1",
	]);
	t.strictSame(
		shown(kept({ answer: [dname("www.example.org", "b.example"), a("192.0.2.1")] })),
		["www.example.org 1"],
		"it redirects what is below it",
	);
	t.strictSame(
		shown(kept({ answer: [dname("www.example.org", "b.example")] }, TYPE.DNAME)),
		["www.example.org 39"],
		"asked for",
	);
	t.end();
});

test("a denial's SOA is of a zone around the name that was denied (RFC 2308, section 2)", (t) => {
	const table: readonly (readonly [string, readonly Record[], readonly Record[], number])[] = [
		["the zone", [], [soa(60, 60, wire("example.org"))], 1],
		["the name itself", [], [soa(60, 60)], 1],
		["the root", [], [soa(60, 60, wire(""))], 1],
		["a zone below", [], [soa(60, 60, Buffer.concat([wire("a").subarray(0, 2), QNAME]))], 0],
		["elsewhere", [], [soa(60, 60, wire("evil.example"))], 0],
		["half a label", [], [soa(60, 60, wire("ple.org"))], 0],
		["behind an alias, the target's", [cname("gone.example")], [soa(60, 60, wire("example"))], 1],
		["behind an alias, the alias's", [cname("gone.example")], [soa(60, 60, wire("example.org"))], 0],
		["two", [], [soa(60, 60, wire("example.org")), soa(9, 9, wire("org"))], 1],
	];
	for (const flags of [QR | RA, QR | RA | 3]) {
		for (const [what, answer, authority, count] of table) {
			t.equal(kept({ flags, answer, authority }).authority.length, count, what);
			t.equal(response.negativeTtl, count === 0 ? -1 : 60, what);
		}
	}
	t.end();
});

test("DNSSEC's records are for those who set DO (RFC 4035, section 3.2.1)", (t) => {
	const NSEC = 47;
	const answer = [
		cname("a.example"),
		rrsig(TYPE.CNAME),
		a("192.0.2.1", 60, wire("a.example")),
		rrsig(TYPE.A, wire("a.example")),
		rrsig(TYPE.TXT, wire("a.example")),
		rrsig(TYPE.A, wire("other.example")),
	];
	const proof = { name: wire("example"), type: NSEC, data: Buffer.concat([wire("b.example"), word(0)]) };
	const authority = [proof, rrsig(NSEC, wire("example")), rrsig(TYPE.NS, wire("example"))];
	const withDo = kept({ answer, authority }, TYPE.A, true);
	t.strictSame(shown(withDo), ["www.example.org 5", "www.example.org 46", "a.example 1", "a.example 46"]);
	t.strictSame(denied(withDo), ["example 47", "example 46"]);
	const without = kept({ answer, authority });
	t.strictSame(shown(without), ["www.example.org 5", "a.example 1"]);
	t.strictSame(denied(without), []);
	t.strictSame(
		shown(kept({ answer: [rrsig(TYPE.A), rrsig(TYPE.MX)] }, RRSIG)).length,
		2,
		"asked for by type",
	);
	const negative = { flags: QR | 3, authority: [soa(60, 60), rrsig(TYPE.SOA), proof, rrsig(NSEC)] };
	t.equal(kept(negative, TYPE.A, true).authority.length, 4);
	t.equal(kept(negative).authority.length, 1);
	t.end();
});

test("ANY is every record of the name (RFC 1035, section 3.2.3)", (t) => {
	const answer = [a("192.0.2.1"), cname("a.example"), rrsig(TYPE.A), a("192.0.2.2", 60, wire("a.example"))];
	t.strictSame(shown(kept({ answer }, TYPE.ANY)), [
		"www.example.org 1",
		"www.example.org 5",
		"www.example.org 46",
	]);
	t.end();
});

test("a failure keeps nothing, extended rcodes too", (t) => {
	for (const parts of [
		{ flags: QR | 2 },
		{ flags: QR | 5 },
		{ flags: QR, additional: [opt({ rcode: 1 })] },
	]) {
		const found = kept({ ...parts, answer: [a("192.0.2.1")], authority: [soa(60, 60)] });
		t.match(found, { answer: [], authority: [] });
	}
	kept({ flags: QR | 3, answer: [a("192.0.2.1", 60, wire("x.example")), cname("y.example")] });
	t.equal(response.rcode, 3, "and what was written anew keeps its rcode");
	t.end();
});

test("what cannot be read once it has to be written anew is dropped whole", (t) => {
	const mx: Record = { type: TYPE.MX, data: Buffer.concat([word(10), word(0xc000 | 0x3ff)]) };
	t.equal(follow({ answer: [a("192.0.2.1", 60, wire("x.example")), mx] }, TYPE.MX), undefined);
	t.notOk(trimResponse(response, false));
	t.end();
});

test("unknown types pass byte by byte, whatever is dropped around them (RFC 3597, section 3)", (t) => {
	const data = Buffer.from(Array.from({ length: 200 }, (_, i) => 255 - i));
	const found = kept({ answer: [a("192.0.2.1", 60, wire("x.example")), { type: 65_280, data }] }, 65_280);
	t.strictSame(found.answer[0]?.data, data);
	t.end();
});
