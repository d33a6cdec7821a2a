import dns2 from "dns2";
import { test } from "tap";
import { EDE, RCODE } from "../../src/wire/codes.ts";
import { TCP } from "../../src/wire/query.ts";
import { beginReply, finishReply, POINTER_TO_QUESTION, putRecord } from "../../src/wire/reply.ts";
import { decode } from "./decoded.ts";
import { AD, CD, message, QR, query, RA, RD, TC, TYPE, word } from "./message.ts";
import { asking, blankReply, written } from "./replying.ts";

const ADDRESS = Uint8Array.of(192, 0, 2, 1);

test("flags are copied, set and cleared", (t) => {
	const reply = blankReply();
	const table: readonly (readonly [number, number])[] = [
		[0, QR | RA],
		[RD, QR | RA | RD],
		[RD | CD, QR | RA | RD | CD],
		[0x07ff & ~0x0100, QR | RA | CD],
	];
	for (const [asked, expected] of table) {
		beginReply(reply, asking(query("example.test", { flags: asked })), RCODE.NOERROR);
		t.equal(written(reply).readUInt16BE(2), expected, asked.toString(16));
	}
	beginReply(reply, asking(query("example.test")), RCODE.REFUSED, AD);
	t.equal(written(reply).readUInt16BE(2), QR | RA | RD | AD | RCODE.REFUSED);
	beginReply(reply, asking(query("example.test", { flags: 0x2000 })), RCODE.NOTIMP);
	t.equal(written(reply).readUInt16BE(2), QR | RA | 0x2000 | RCODE.NOTIMP, "the opcode is repeated");
	t.end();
});

test("the question comes back as it was asked", (t) => {
	const reply = blankReply();
	beginReply(reply, asking(query("wWw.eXAMPLE.tEST", { id: 0xabcd, type: 28 })), RCODE.NOERROR);
	t.match(decode(written(reply)), { id: 0xabcd, question: "wWw.eXAMPLE.tEST", answer: [], authority: [] });
	beginReply(reply, asking(message({ id: 1, counts: [2, 1, 1, 1] })), RCODE.FORMERR);
	t.equal(
		written(reply).toString("hex"),
		"000180810000000000000000",
		"no question to repeat: a header alone",
	);
	t.end();
});

test("records are counted in their section, beyond 255 of them too", (t) => {
	const reply = blankReply(65_535);
	beginReply(reply, asking(query("example.test")), RCODE.NOERROR);
	for (let i = 0; i < 300; i++) putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.A, 2 ** 31 - 1, ADDRESS);
	putRecord(reply, 8, POINTER_TO_QUESTION, TYPE.TXT, 0, Uint8Array.of(1, 0x61));
	const decoded = decode(written(reply));
	t.equal(decoded.answer.length, 300);
	t.match(decoded.answer[299], { name: "example.test", type: TYPE.A, class: 1, ttl: 2 ** 31 - 1 });
	t.match(decoded.authority, [{ type: TYPE.TXT, ttl: 0 }]);
	t.end();
});

test("EDNS only for those who speak it", (t) => {
	const reply = blankReply();
	const finished = (bytes: Buffer) => {
		const asked = asking(bytes);
		beginReply(reply, asked, RCODE.NOERROR);
		reply.ede = EDE.BLOCKED;
		reply.edeText = Buffer.from("blocked by list one");
		finishReply(reply, asked, 1232);
		return decode(written(reply));
	};
	t.equal(finished(query("example.test")).edns, undefined);
	t.strictSame(finished(query("example.test", { edns: { size: 4096 } })).edns, {
		size: 1232,
		version: 0,
		dnssecOk: false,
		flags: 0,
		ede: EDE.BLOCKED,
		text: "blocked by list one",
	});
	t.equal(finished(query("example.test", { edns: { dnssecOk: true } })).edns?.dnssecOk, true, "DO is copied");
	t.end();
});

test("BADVERS stands half in the header and half in EDNS", (t) => {
	const reply = blankReply();
	const asked = asking(query("example.test", { edns: { version: 3 } }));
	beginReply(reply, asked, RCODE.BADVERS);
	finishReply(reply, asked, 1232);
	t.match(decode(written(reply)), { rcode: RCODE.BADVERS, edns: { version: 0, ede: undefined } });
	t.equal(written(reply).readUInt16BE(2) & 15, 0);
	t.end();
});

test("an explaining text is left out before any record is", (t) => {
	const reply = blankReply();
	const asked = asking(query("example.test", { edns: { size: 512 } }));
	// Header and question 30, OPT and error code 17: 465 bytes are left for the record of 12 and its data.
	const fill = (bytes: number, text: string) => {
		beginReply(reply, asked, RCODE.NOERROR);
		putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.TXT, 60, Buffer.alloc(bytes));
		reply.ede = EDE.BLOCKED;
		reply.edeText = Buffer.from(text);
		finishReply(reply, asked, 1232);
		return decode(written(reply));
	};
	t.match(fill(448, "words"), { truncated: false, edns: { text: "words" } });
	t.equal(reply.length, 512);
	t.match(fill(449, "words"), { truncated: false, edns: { ede: EDE.BLOCKED, text: "" } });
	t.equal(reply.length, 508);
	t.match(fill(453, "words"), { truncated: false, edns: { text: "" } });
	t.equal(reply.length, 512);
	t.match(fill(454, "words"), { truncated: true, answer: [], edns: { ede: EDE.BLOCKED } });
	t.end();
});

test("answers are cut to what the client can take", (t) => {
	const table: readonly (readonly [string, Buffer, number])[] = [
		["no EDNS", query("example.test"), 512],
		["a size below 512", query("example.test", { edns: { size: 0 } }), 512],
		["its own size", query("example.test", { edns: { size: 800 } }), 800],
		["no more than our own", query("example.test", { edns: { size: 65_535 } }), 1232],
	];
	for (const [what, bytes, most] of table) {
		for (const over of [0, 1]) {
			const reply = blankReply();
			const asked = asking(bytes);
			beginReply(reply, asked, RCODE.NOERROR, AD);
			const opt = asked.hasEdns ? 11 : 0;
			putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.TXT, 60, Buffer.alloc(most - 30 - 12 - opt + over));
			finishReply(reply, asked, 1232);
			const decoded = decode(written(reply));
			t.equal(decoded.truncated, over === 1, `${what}, ${most + over} bytes`);
			t.equal(decoded.answer.length, 1 - over);
			t.equal(decoded.bytes.length, over === 1 ? 30 + opt : most);
			t.equal(decoded.question, "example.test");
		}
	}
	t.end();
});

test("over TCP there is room for 65,535 bytes", (t) => {
	for (const over of [0, 1]) {
		const reply = blankReply(65_535);
		const asked = asking(query("example.test", { edns: { size: 512 } }), TCP);
		beginReply(reply, asked, RCODE.NOERROR);
		putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.TXT, 60, Buffer.alloc(65_535 - 30 - 12 - 11 + over));
		finishReply(reply, asked, 1232);
		t.equal(reply.length, over === 0 ? 65_535 : 41);
		t.equal(decode(written(reply)).truncated, over === 1);
	}
	t.end();
});

test("a record that does not fit is never half there", (t) => {
	const reply = blankReply(100);
	const asked = asking(query("example.test"));
	beginReply(reply, asked, RCODE.NOERROR);
	putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.TXT, 60, Buffer.alloc(58));
	t.equal(reply.truncated, false);
	t.equal(reply.length, 100);
	putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.A, 60, ADDRESS);
	t.equal(reply.truncated, true);
	t.equal(
		reply.bytes.subarray(reply.limit).every((byte) => byte === 0xee),
		true,
		"nothing beyond the limit",
	);
	finishReply(reply, asked, 1232);
	t.match(decode(written(reply)), { truncated: true, answer: [] });
	t.equal(written(reply).readUInt16BE(2), QR | TC | RD | RA);
	beginReply(reply, asked, RCODE.NOERROR);
	t.equal(reply.truncated, false, "the next reply begins afresh");
	t.end();
});

test("a dropped reply has nothing to send", (t) => {
	const reply = blankReply();
	beginReply(reply, asking(query("example.test")), RCODE.NOERROR);
	reply.drop();
	t.match(reply, { length: 0, rcode: -1 });
	t.end();
});

test("dns2 understands what is written", (t) => {
	const reply = blankReply();
	const asked = asking(query("Example.test", { edns: {} }));
	beginReply(reply, asked, RCODE.NXDOMAIN);
	putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.A, 60, ADDRESS);
	putRecord(reply, 8, POINTER_TO_QUESTION, 65_280, 60, word(1, 2));
	finishReply(reply, asked, 1232);
	const packet = dns2.Packet.parse(written(reply));
	t.strictSame(packet.errors, []);
	t.match(packet.header, { id: 0x1234, qr: 1, ra: 1, rd: 1, aa: 0, tc: 0, rcode: 3 });
	t.match(packet.answers, [{ name: "Example.test", address: "192.0.2.1", ttl: 60 }]);
	t.equal(packet.additionals.length, 1);
	t.end();
});
