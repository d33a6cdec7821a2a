import { test } from "tap";
import { RCODE } from "../../src/wire/codes.ts";
import { nameToText } from "../../src/wire/name.ts";
import { beginReply, Reply } from "../../src/wire/reply.ts";
import { appendAnswers, appendRecords } from "../../src/wire/transcribe.ts";
import { decode, decodeName } from "./decoded.ts";
import {
	a,
	cname,
	long,
	message,
	QNAME,
	QR,
	query,
	question,
	type Record,
	reply,
	TYPE,
	wire,
	word,
} from "./message.ts";
import { asking, blankReply, written } from "./replying.ts";

const garden = query("garden.example");

/** The answer section of `records`, as an answer about garden.example, appended to one about blocked.test. */
function transcribed(records: readonly Record[], room = 4096): Reply {
	const bytes = Buffer.concat([Buffer.alloc(7), reply(garden, { answer: records })]);
	const from = new Reply();
	from.bytes = bytes;
	from.start = 7;
	from.length = bytes.length - 7;
	const to = blankReply(room);
	beginReply(to, asking(query("blocked.test")), RCODE.NOERROR);
	appendAnswers(to, from, garden.length);
	return to;
}

function decoded(records: readonly Record[]) {
	return decode(written(transcribed(records))).answer;
}

test("owners are written out, data is copied", (t) => {
	t.match(
		decoded([a("192.0.2.1", 60), a("192.0.2.2", 7, Buffer.concat([wire("x").subarray(0, 2), QNAME]))]),
		[
			{ name: "garden.example", type: TYPE.A, class: 1, ttl: 60, data: Buffer.of(192, 0, 2, 1) },
			{ name: "x.garden.example", type: TYPE.A, ttl: 7, data: Buffer.of(192, 0, 2, 2) },
		],
	);
	t.end();
});

test("names in data lose their pointers", (t) => {
	const compressed = Buffer.concat([Buffer.of(1, 0x61), QNAME]);
	const found = decoded([
		{ type: TYPE.CNAME, data: compressed },
		{ type: TYPE.NS, data: QNAME },
		{ type: TYPE.MX, data: Buffer.concat([word(10), compressed]) },
		{ type: TYPE.TXT, data: Buffer.of(2, 0xc0, 0x0c) },
	]);
	t.strictSame(
		found.map(({ data }) => data),
		[
			wire("a.garden.example"),
			wire("garden.example"),
			Buffer.concat([word(10), wire("a.garden.example")]),
			Buffer.of(2, 0xc0, 0x0c),
		],
	);
	t.equal(
		decodeName(written(transcribed([{ type: TYPE.CNAME, data: compressed }])), found[0]?.dataAt ?? 0)[0],
		"a.garden.example",
	);
	t.end();
});

test("both names of an SOA lose their pointers, its numbers stay", (t) => {
	const numbers = Buffer.concat([Buffer.alloc(16, 7), long(60)]);
	const compressed = Buffer.concat([
		Buffer.of(2, 0x6e, 0x73),
		QNAME,
		Buffer.of(4),
		Buffer.from("root"),
		QNAME,
	]);
	t.match(decoded([{ type: TYPE.SOA, data: Buffer.concat([compressed, numbers]) }, a("192.0.2.1")]), [
		{
			type: TYPE.SOA,
			data: Buffer.concat([wire("ns.garden.example"), wire("root.garden.example"), numbers]),
		},
		{ type: TYPE.A },
	]);
	const short = { type: TYPE.SOA, data: Buffer.concat([compressed, numbers.subarray(1)]) };
	t.equal(decoded([short]).length, 0, "one that is cut off is left out");
	t.end();
});

test("records are taken by their owners, into the section that is wanted", (t) => {
	const bytes = reply(garden, { answer: [a("192.0.2.1"), a("192.0.2.2", 7, wire("OTHER.example"))] });
	const from = { bytes, start: 0, length: bytes.length };
	const to = blankReply();
	beginReply(to, asking(query("blocked.test")), RCODE.NOERROR);
	const seen: string[] = [];
	const end = appendRecords(to, 8, from, garden.length, 2, (owner) => {
		seen.push(nameToText(owner.bytes));
		return owner.labels === 2 && owner.bytes[0] === 5;
	});
	t.equal(end, bytes.length);
	t.strictSame(seen, ["garden.example", "other.example"]);
	const found = decode(written(to));
	t.equal(found.answer.length, 0);
	t.match(found.authority, [{ name: "other.example", data: Buffer.of(192, 0, 2, 2) }]);
	t.equal(appendRecords(to, 6, from, garden.length, 3), -1, "more than there are");
	t.end();
});

test("what does not fit is not half there", (t) => {
	const records = Array.from({ length: 300 }, (_, i) => a(`192.0.2.${i & 255}`));
	const small = transcribed(records, 1000);
	t.equal(small.truncated, true);
	t.ok(decode(written(small)).answer.length > 0);
	t.ok(small.length <= 1000);
	const large = transcribed(records, 65_535);
	t.equal(large.truncated, false);
	t.equal(decode(written(large)).answer.length, 300);
	t.end();
});

test("malformed records end it, and what was written stays whole", (t) => {
	const end = garden.length;
	const bad: readonly Record[] = [
		{ ...a("192.0.2.1"), length: 400 },
		{ ...a("192.0.2.1"), name: word(0xc000 | (end + 16)) },
		{ type: TYPE.CNAME, data: word(0xc000 | (end + 28)) },
		{ type: TYPE.MX, data: Buffer.of(0) },
	];
	for (const record of bad) {
		const { answer } = decode(written(transcribed([a("192.0.2.9"), record])));
		t.match(answer, [{ data: Buffer.of(192, 0, 2, 9) }]);
		t.equal(answer.length, 1);
	}
	const from = new Reply();
	from.bytes = message({ flags: QR, question: question("garden.example"), counts: [1, 3, 0, 0] });
	from.length = from.bytes.length;
	const to = blankReply();
	beginReply(to, asking(query("blocked.test")), RCODE.NOERROR);
	appendAnswers(to, from, garden.length);
	t.equal(decode(written(to)).answer.length, 0, "a count of records that are not there");
	t.end();
});

test("a CNAME is asked for too", (t) => {
	t.match(decoded([cname("other.example", 5)]), [{ type: TYPE.CNAME, ttl: 5, data: wire("other.example") }]);
	t.end();
});
