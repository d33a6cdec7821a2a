import dns2 from "dns2";
import { test } from "tap";
import { RCODE } from "../../src/wire/codes.ts";
import { nameToText } from "../../src/wire/name.ts";
import { readQuery, SILENCE } from "../../src/wire/query.ts";
import { a, CD, message, opt, QNAME, QR, query, question, RD, word } from "./message.ts";
import { blankQuery } from "./replying.ts";

function fault(bytes: Uint8Array): number {
	return readQuery(blankQuery(), bytes, 0, bytes.length);
}

test("a plain query", (t) => {
	const into = blankQuery();
	const bytes = query("Www.Example.Test", { id: 0xbeef, type: 28, flags: RD | CD });
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.NOERROR);
	t.match(into, {
		id: 0xbeef,
		flags: RD | CD,
		type: 28,
		class: 1,
		hasEdns: false,
		ednsSize: 512,
		dnssecOk: false,
	});
	t.equal(nameToText(into.name.copy()), "www.example.test");
	t.equal(into.questionEnd, bytes.length);
	t.end();
});

test("a query in the middle of a larger buffer", (t) => {
	const bytes = query("example.test", { edns: {} });
	const buffer = Buffer.concat([Buffer.alloc(100, 0xff), bytes, Buffer.alloc(100, 0xff)]);
	const into = blankQuery();
	t.equal(readQuery(into, buffer, 100, 100 + bytes.length), RCODE.NOERROR);
	t.match(into, { start: 100, questionEnd: 100 + bytes.length - 11, id: 0x1234, hasEdns: true });
	t.end();
});

test("EDNS is read, and forgotten by the next query", (t) => {
	const into = blankQuery();
	const options = Buffer.concat([word(10, 8), Buffer.alloc(8), word(12, 0)]);
	const bytes = query("example.test", { edns: { size: 4096, dnssecOk: true, options } });
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.NOERROR);
	t.match(into, { hasEdns: true, ednsSize: 4096, dnssecOk: true });
	const small = query("example.test", { edns: { size: 100 } });
	readQuery(into, small, 0, small.length);
	t.match(into, { hasEdns: true, ednsSize: 512, dnssecOk: false }, "less than 512 is 512");
	const plain = query("example.test");
	readQuery(into, plain, 0, plain.length);
	t.match(into, { hasEdns: false, ednsSize: 512, dnssecOk: false });
	t.end();
});

test("what is no query gets no answer", (t) => {
	const whole = query("example.test");
	for (let size = 0; size < 12; size++) t.equal(fault(whole.subarray(0, size)), SILENCE, `${size} bytes`);
	t.equal(fault(query("example.test", { flags: QR | RD })), SILENCE, "a response");
	t.equal(fault(query("example.test", { flags: QR | 0x2800 })), SILENCE, "a response of another opcode");
	t.end();
});

test("opcodes that are not spoken", (t) => {
	for (let opcode = 1; opcode < 16; opcode++) {
		t.equal(fault(query("example.test", { flags: opcode << 11 })), RCODE.NOTIMP, `opcode ${opcode}`);
	}
	t.end();
});

test("exactly one question", (t) => {
	const one = question("example.test");
	t.equal(fault(message({ flags: RD })), RCODE.FORMERR, "none");
	t.equal(
		fault(message({ question: Buffer.concat([one, one]), counts: [2, 0, 0, 0] })),
		RCODE.FORMERR,
		"two",
	);
	t.equal(fault(message({ question: one, counts: [0xffff, 0, 0, 0] })), RCODE.FORMERR);
	t.equal(
		fault(message({ question: Buffer.concat([QNAME, word(1, 1)]) })),
		RCODE.FORMERR,
		"a pointer as its name",
	);
	t.end();
});

test("a question that is cut off", (t) => {
	const whole = query("example.test");
	const into = blankQuery();
	for (let size = 12; size < whole.length; size++) {
		t.equal(readQuery(into, whole, 0, size), RCODE.FORMERR, `${size} bytes`);
		t.equal(into.questionEnd, 12, "there is no question to repeat");
	}
	t.end();
});

test("EDNS that breaks its rules", (t) => {
	const two = query("example.test", { additional: [opt(), opt()] });
	t.equal(fault(two), RCODE.FORMERR, "two OPT records");
	t.equal(
		fault(query("example.test", { additional: [{ ...opt(), name: QNAME }] })),
		RCODE.FORMERR,
		"not the root's",
	);
	t.equal(fault(query("example.test", { answer: [opt()] })), RCODE.FORMERR, "in the answer section");
	t.equal(fault(query("example.test", { authority: [opt()] })), RCODE.FORMERR, "in the authority section");
	const cut = [word(10), word(10, 8), Buffer.concat([word(10, 8), Buffer.alloc(7)]), word(10, 0, 3)];
	for (const options of cut) {
		t.equal(fault(query("example.test", { edns: { options } })), RCODE.FORMERR, options.toString("hex"));
	}
	t.end();
});

test("a version of EDNS that is not spoken", (t) => {
	const into = blankQuery();
	const bytes = query("example.test", { edns: { version: 1, dnssecOk: true } });
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.BADVERS);
	t.match(into, { hasEdns: true, dnssecOk: true }, "the answer needs an OPT record");
	t.end();
});

test("records that are cut off, or counted and not there", (t) => {
	const whole = query("example.test", { edns: { options: Buffer.concat([word(10, 8), Buffer.alloc(8)]) } });
	for (let size = whole.length - 23; size < whole.length; size++) {
		t.equal(fault(whole.subarray(0, size)), RCODE.FORMERR, `${size} bytes`);
	}
	t.equal(fault(query("example.test", { counts: [1, 0xffff, 0xffff, 0xffff] })), RCODE.FORMERR);
	t.equal(fault(query("example.test", { additional: [{ ...a("192.0.2.1"), length: 5 }] })), RCODE.FORMERR);
	t.end();
});

test("other records, and bytes that no count speaks of, are of no interest", (t) => {
	const into = blankQuery();
	const bytes = Buffer.concat([
		query("example.test", { answer: [a("192.0.2.1")], additional: [a("192.0.2.2")], edns: { size: 1400 } }),
		Buffer.from("garbage"),
	]);
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.NOERROR);
	t.match(into, { hasEdns: true, ednsSize: 1400 });
	t.equal(fault(Buffer.concat([query("example.test"), Buffer.alloc(50, 0xc0)])), RCODE.NOERROR);
	t.end();
});

test("what dns2 writes is read", (t) => {
	const packet = new dns2.Packet();
	packet.header.id = 77;
	packet.header.rd = 1;
	packet.questions.push(new dns2.Packet.Question("mail.example.test", dns2.Packet.TYPE.MX, 1));
	const bytes = packet.toBuffer();
	const into = blankQuery();
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.NOERROR);
	t.match(into, { id: 77, flags: RD, type: 15, class: 1 });
	t.equal(nameToText(into.name.copy()), "mail.example.test");
	t.end();
});
