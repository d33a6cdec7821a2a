/** What the OPT record of a reply holds, and what of it is left out first. */
import { test } from "tap";
import { EDE, OPTION, RCODE } from "../../src/wire/codes.ts";
import { TCP, UDP, type WireQuery } from "../../src/wire/query.ts";
import { beginReply, finishReply, POINTER_TO_QUESTION, putRecord } from "../../src/wire/reply.ts";
import { echoOption, LONGEST_NSID } from "../../src/wire/reply-options.ts";
import { type Decoded, decode } from "./decoded.ts";
import { option, query, TYPE } from "./message.ts";
import { asking, blankReply, written } from "./replying.ts";

interface Written {
	/** Bytes of data of the one record. */
	readonly data?: number;
	readonly text?: string;
}

/** Header and question of `example.test`: 30 bytes; a record: 12 and its data; OPT: 11 and its options. */
function finished(asked: WireQuery, { data, text }: Written = {}): Decoded {
	const reply = blankReply(65_535);
	beginReply(reply, asked, RCODE.NOERROR);
	if (data !== undefined) putRecord(reply, 6, POINTER_TO_QUESTION, TYPE.TXT, 60, Buffer.alloc(data));
	if (text !== undefined) {
		reply.ede = EDE.BLOCKED;
		reply.edeText = Buffer.from(text);
	}
	finishReply(reply, asked, 1232);
	return decode(written(reply));
}

function echo(asked: WireQuery, code: number, data: Uint8Array): void {
	const at = echoOption(asked, code, data.length);
	asked.echo.set(data, at);
}

test("what was begun by echoOption goes back, in its order", (t) => {
	const asked = asking(query("example.test", { edns: {} }));
	echo(asked, OPTION.COOKIE, Buffer.from("0123456789abcdef"));
	echo(asked, OPTION.NSID, Buffer.from("one"));
	const { edns } = finished(asked, { data: 4, text: "words" });
	t.strictSame(edns?.options, [
		[OPTION.COOKIE, Buffer.from("0123456789abcdef")],
		[OPTION.NSID, Buffer.from("one")],
	]);
	t.match(edns, { ede: EDE.BLOCKED, text: "words" });
	t.end();
});

test("data written anew before the answer is finished is what goes out", (t) => {
	const asked = asking(query("example.test", { edns: {} }));
	const at = echoOption(asked, OPTION.SUBNET, 7);
	asked.echo.set([0, 1, 24, 0, 192, 0, 2], at);
	asked.echo[at + 3] = 16;
	t.strictSame(finished(asked).edns?.options, [[OPTION.SUBNET, Buffer.from([0, 1, 24, 16, 192, 0, 2])]]);
	t.end();
});

test("the next query of the same listener forgets it", (t) => {
	const asked = asking(query("example.test", { edns: {} }));
	echo(asked, OPTION.NSID, Buffer.from("one"));
	const next = asking(query("example.test", { edns: {} }));
	next.echo = asked.echo;
	t.equal(finished(next).edns?.options, undefined);
	t.end();
});

test("RFC 6891, section 7: an answer that leaves no room for its options is cut, the options are not", (t) => {
	// 30 + 12 + 11 + 28 + 6: 425 bytes of data are left of 512.
	const asked = asking(query("example.test", { edns: { size: 512 } }));
	echo(asked, OPTION.COOKIE, Buffer.alloc(24, 7));
	const whole = finished(asked, { data: 425, text: "words" });
	t.match(whole, { truncated: false, edns: { text: "" } }, "the text goes first");
	t.equal(whole.bytes.length, 512);
	const cut = finished(asked, { data: 426, text: "words" });
	t.match(cut, { truncated: true, answer: [], edns: { ede: EDE.BLOCKED, text: "words" } });
	t.strictSame(cut.edns?.options, [[OPTION.COOKIE, Buffer.alloc(24, 7)]]);
	t.end();
});

test("all options there are fit 512 bytes beside the longest question", (t) => {
	const label = "x".repeat(63);
	const name = `${label}.${label}.${label}.${"y".repeat(61)}`;
	const asked = asking(query(name, { edns: { size: 0 } }));
	t.equal(asked.questionEnd, 12 + 255 + 4);
	echo(asked, OPTION.COOKIE, Buffer.alloc(24, 1));
	echo(asked, OPTION.SUBNET, Buffer.alloc(20, 2));
	echo(asked, OPTION.KEEPALIVE, Buffer.alloc(2, 3));
	echo(asked, OPTION.NSID, Buffer.alloc(LONGEST_NSID, 4));
	t.equal(asked.echoLength, asked.echo.length, "no byte too many is kept for them");
	const cut = finished(asked, { data: 4, text: "t".repeat(200) });
	t.match(cut, { truncated: false, question: name, edns: { ede: EDE.BLOCKED, text: "" } });
	t.ok(cut.bytes.length <= 512, `${cut.bytes.length} bytes`);
	t.equal(cut.edns?.options?.length, 4);
	t.end();
});

const PADDED = query("example.test", { edns: { options: option(OPTION.PADDING, Buffer.alloc(20)) } });

/** As a listener with encryption will do. */
function encrypted(bytes: Buffer): WireQuery {
	const asked = asking(bytes, TCP);
	asked.padBlock = 468;
	return asked;
}

test("RFC 8467, section 4.1: answers over encrypted transports are padded to multiples of 468 bytes", (t) => {
	for (const [data, size] of [
		[0, 468],
		[400, 468],
		// 30 + 12 + 11 + 4 leave 411 bytes.
		[411, 468],
		[412, 936],
		[5000, 468 * 11],
	] as const) {
		const answer = finished(encrypted(PADDED), { data });
		t.equal(answer.bytes.length, size, `${data} bytes of data`);
		const [padding] = answer.edns?.options ?? [];
		t.equal(padding?.[0], OPTION.PADDING);
		t.ok(
			padding?.[1].every((byte) => byte === 0),
			"RFC 7830, section 3: with zeros",
		);
	}
	const blocked = finished(encrypted(PADDED), { data: 4, text: "words" });
	t.match(blocked, { edns: { ede: EDE.BLOCKED, text: "words" } });
	t.equal(blocked.bytes.length, 468);
	t.end();
});

test("what is too long for a whole block is padded as far as there is room", (t) => {
	// 65,535 is 140 blocks and 15 bytes.
	const roomy = finished(encrypted(PADDED), { data: 65_535 - 30 - 12 - 11 - 4 - 3 });
	t.equal(roomy.bytes.length, 65_535);
	t.match(roomy, { truncated: false, edns: { options: [[OPTION.PADDING, Buffer.alloc(3)]] } });
	const full = finished(encrypted(PADDED), { data: 65_535 - 30 - 12 - 11 - 3 });
	t.match(full, { truncated: false, edns: { options: undefined } }, "no room for the option itself");
	t.end();
});

test("RFC 7830, section 6, and RFC 8467, section 4: no padding without encryption, and none unasked", (t) => {
	for (const transport of [UDP, TCP])
		t.equal(finished(asking(PADDED, transport), { data: 4 }).edns?.options, undefined);
	t.equal(finished(encrypted(query("example.test", { edns: {} }))).edns?.options, undefined, "not padded");
	t.equal(finished(encrypted(query("example.test"))).edns, undefined, "no EDNS");
	t.end();
});
