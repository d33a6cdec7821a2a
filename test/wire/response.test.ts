import { test } from "tap";
import { DomainName, nameToText } from "../../src/wire/name.ts";
import { isTruncated, Response, readResponse, readTarget } from "../../src/wire/response.ts";
import {
	AD,
	a,
	cname,
	type Message,
	message,
	opt,
	QNAME,
	QR,
	query,
	questionEnd,
	RA,
	type Record,
	reply,
	soa,
	TC,
	TYPE,
	wire,
	word,
} from "./message.ts";

const asked = query("www.example.test");
const response = new Response();

function read(bytes: Buffer, type: number = TYPE.A): boolean {
	return readResponse(response, bytes, 0, bytes.length, questionEnd(bytes), type);
}

function readParts(parts: Message, type?: number): boolean {
	return read(reply(asked, parts), type);
}

function targets(): (string | undefined)[] {
	const name = new DomainName();
	return response.targets.map((at) => (readTarget(response, at, name) ? nameToText(name.copy()) : undefined));
}

test("an ordinary answer", (t) => {
	const bytes = reply(asked, { flags: QR | RA | AD, answer: [a("192.0.2.1", 60), a("192.0.2.2", 30)] });
	t.ok(read(bytes));
	t.match(response, {
		rcode: 0,
		answers: 2,
		authorities: 0,
		ttlCount: 2,
		answerTtl: 30,
		negativeTtl: -1,
		hasType: true,
		targets: [],
		authorityEnd: bytes.length,
	});
	const ttls = Array.from(response.ttlOffsets.subarray(0, 2), (at) =>
		bytes.readUInt32BE(response.questionEnd + at),
	);
	t.strictSame(ttls, [60, 30]);
	t.notOk(isTruncated(bytes, 0));
	t.ok(isTruncated(Buffer.concat([Buffer.of(0), reply(asked, { flags: QR | TC })]), 1));
	t.end();
});

test("an answer that does not begin its buffer", (t) => {
	const bytes = reply(asked, { answer: [cname("other.test", 60)] });
	const buffer = Buffer.concat([Buffer.alloc(33, 0xff), bytes, Buffer.alloc(33, 0xff)]);
	t.ok(readResponse(response, buffer, 33, 33 + bytes.length, 33 + questionEnd(bytes), TYPE.A));
	t.match(response, { start: 33, questionEnd: 33 + questionEnd(bytes), answerTtl: 60 });
	t.strictSame(targets(), ["other.test"]);
	t.end();
});

test("TTLs of 2^31 and more count as 0", (t) => {
	const table: readonly (readonly [number, number])[] = [
		[0, 0],
		[1, 1],
		[2 ** 31 - 1, 2 ** 31 - 1],
		[2 ** 31, 0],
		[2 ** 32 - 1, 0],
	];
	for (const [sent, expected] of table) {
		t.ok(readParts({ answer: [a("192.0.2.1", sent)] }));
		t.equal(response.answerTtl, expected, `${sent}`);
	}
	t.end();
});

test("how long a negative answer may be kept", (t) => {
	const table: readonly (readonly [string, readonly Record[], number])[] = [
		["the minimum", [soa(600, 60)], 60],
		["the SOA's own TTL", [soa(30, 60)], 30],
		["a minimum of 2^31", [soa(600, 2 ** 31)], 0],
		["without an SOA", [], -1],
		["another record is none", [{ type: TYPE.NS, data: wire("ns.test") }], -1],
	];
	for (const [what, authority, expected] of table) {
		t.ok(readParts({ flags: QR | 3, authority }), what);
		t.equal(response.negativeTtl, expected, what);
	}
	t.match(response, { rcode: 3, hasType: false, answerTtl: Number.POSITIVE_INFINITY });
	t.notOk(
		readParts({ authority: [{ type: TYPE.SOA, data: Buffer.alloc(21) }] }),
		"an SOA too short to have one",
	);
	t.end();
});

test("counts that lie, and records past the end", (t) => {
	const whole = reply(asked, { answer: [a("192.0.2.1")], authority: [soa(60, 60)], additional: [opt()] });
	t.ok(read(whole));
	for (let size = questionEnd(whole); size < whole.length; size++) {
		t.notOk(read(whole.subarray(0, size)), `${size} of ${whole.length} bytes`);
	}
	for (const counts of [
		[1, 2, 0, 0],
		[1, 1, 1, 0],
		[1, 1, 0, 1],
		[1, 0xffff, 0xffff, 0xffff],
	] as const) {
		t.notOk(readParts({ answer: [a("192.0.2.1")], counts }), counts.join());
	}
	t.notOk(readParts({ answer: [{ ...a("192.0.2.1"), length: 5 }] }), "data past the end");
	t.notOk(readParts({ answer: [{ ...a("192.0.2.1"), length: 0xffff }] }));
	t.end();
});

test("more than 2,048 records are not worth walking", (t) => {
	const records = (count: number) => Array.from({ length: count }, () => a("192.0.2.1"));
	t.ok(readParts({ answer: records(2048) }));
	t.equal(response.ttlCount, 2048);
	t.notOk(readParts({ answer: records(2049) }));
	t.notOk(readParts({ answer: records(2000), additional: records(49) }), "wherever they stand");
	t.end();
});

test("what leads elsewhere", (t) => {
	t.ok(
		readParts({
			answer: [
				cname("One.Test"),
				{ name: wire("one.test"), type: TYPE.DNAME, data: wire("two.test") },
				a("192.0.2.1", 60, wire("two.test")),
			],
			authority: [cname("three.test")],
		}),
	);
	t.strictSame(targets(), ["one.test", "two.test"], "of the answer section only");
	t.ok(response.hasType);
	t.ok(readParts({ answer: [{ type: TYPE.CNAME, data: Buffer.concat([Buffer.of(1, 0x61), QNAME]) }] }));
	t.strictSame(targets(), ["a.www.example.test"], "through a pointer");
	t.notOk(response.hasType, "a CNAME alone is not what was asked for");
	t.ok(readParts({ answer: [cname("one.test")] }, TYPE.CNAME));
	t.ok(response.hasType, "unless it was");
	t.ok(readParts({ answer: [cname("one.test")] }, TYPE.ANY));
	t.ok(response.hasType);
	t.end();
});

test("a target that cannot be read makes the whole answer malformed", (t) => {
	const end = questionEnd(asked);
	const table: readonly (readonly [string, Buffer])[] = [
		["a pointer to itself", word(0xc000 | (end + 12))],
		["a pointer forward", word(0xc000 | (end + 14))],
		["a label cut off", Buffer.of(5, 0x61)],
		["no data", Buffer.alloc(0)],
		["bytes behind it", Buffer.concat([wire("one.test"), Buffer.of(0)])],
		["256 bytes", wire(Array.from({ length: 4 }, () => "x".repeat(63)).join("."))],
	];
	for (const [what, data] of table) {
		t.notOk(readParts({ answer: [{ type: TYPE.CNAME, data }, a("192.0.2.1")] }), what);
		t.notOk(readParts({ answer: [{ type: TYPE.DNAME, data }, a("192.0.2.1")] }), `${what}, DNAME`);
	}
	t.end();
});

test("owners whose pointers lead anywhere but backwards are malformed", (t) => {
	const end = questionEnd(asked);
	for (const [what, name] of [
		["to itself", word(0xc000 | end)],
		["forward", word(0xc000 | (end + 2))],
		["in a circle", Buffer.concat([Buffer.of(1, 0x61), word(0xc000 | end)])],
	] as const) {
		t.notOk(readParts({ answer: [a("192.0.2.1", 60, name)] }), what);
		t.notOk(readParts({ authority: [soa(60, 60, name)] }), `${what}, authority`);
	}
	t.ok(readParts({ answer: [a("192.0.2.1", 60, Buffer.concat([Buffer.of(1, 0x61), QNAME]))] }));
	t.end();
});

test("OPT stands in the additional section, and brings the rcode's upper bits", (t) => {
	t.ok(readParts({ flags: QR, additional: [opt({ rcode: 1 })] }));
	t.equal(response.rcode, 16);
	t.notOk(readParts({ answer: [opt()] }));
	t.notOk(readParts({ authority: [opt()] }));
	const bytes = reply(asked, { answer: [a("192.0.2.1")], additional: [a("192.0.2.9"), opt()] });
	t.ok(read(bytes));
	t.equal(response.authorityEnd, questionEnd(bytes) + 16, "what stands there is not kept");
	t.equal(response.ttlCount, 1);
	t.end();
});

test("nothing of the answer before is left", (t) => {
	t.ok(readParts({ answer: [cname("one.test")], authority: [soa(9, 9)], additional: [opt({ rcode: 1 })] }));
	t.ok(read(message({ flags: QR, question: asked.subarray(12) })));
	t.match(response, { rcode: 0, answers: 0, ttlCount: 0, negativeTtl: -1, targets: [], hasType: false });
	t.end();
});
