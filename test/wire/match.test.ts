import { test } from "tap";
import { matchResponse } from "../../src/wire/match.ts";
import { a, message, QR, query, question, RA, RD, reply } from "./message.ts";

const asked = query("www.example-1.test");

function matches(bytes: Buffer): boolean {
	const end = matchResponse(bytes, 0, bytes.length, asked, asked.length);
	if (end >= 0 && end !== asked.length) throw new Error(`matched, but ends at ${end}`);
	return end >= 0;
}

test("the response to a query", (t) => {
	t.ok(matches(reply(asked)));
	t.ok(matches(reply(asked, { answer: [a("192.0.2.1")], flags: QR | 3 })), "whatever it says");
	const within = Buffer.concat([Buffer.alloc(9, 0xff), reply(asked)]);
	t.equal(matchResponse(within, 9, within.length, asked, asked.length), within.length);
	t.end();
});

test("another id", (t) => {
	for (const id of [0, 0x1235, 0x1334, 0x3412]) t.notOk(matches(reply(asked, { id })), id.toString(16));
	t.end();
});

test("no response, another opcode, not one question", (t) => {
	t.notOk(matches(reply(asked, { flags: RA | RD })), "QR is 0");
	t.notOk(matches(reply(asked, { flags: QR | 0x2000 })), "NOTIFY");
	t.notOk(matches(message({ id: 0x1234, flags: QR })), "no question");
	t.notOk(matches(message({ id: 0x1234, flags: QR, question: asked.subarray(12), counts: [0, 0, 0, 0] })));
	t.notOk(matches(message({ id: 0x1234, flags: QR, question: asked.subarray(12), counts: [2, 0, 0, 0] })));
	for (let size = 0; size < asked.length; size++)
		t.notOk(matches(reply(asked).subarray(0, size)), `${size} bytes`);
	t.end();
});

test("another question", (t) => {
	const others: readonly (readonly [string, Buffer])[] = [
		["name", question("wwx.example-1.test")],
		["longer name", question("wwww.example-1.test")],
		["shorter name", question("ww.example-1.test")],
		["type", question("www.example-1.test", 28)],
		["type, by the bit that makes a letter small", question("www.example-1.test", 0x21)],
		["class", question("www.example-1.test", 1, 3)],
		["class, by the bit that makes a letter small", question("www.example-1.test", 1, 0x21)],
	];
	for (const [what, other] of others) t.notOk(matches(reply(asked, { question: other })), what);
	t.end();
});

test("letters may change their case, nothing else may", (t) => {
	t.ok(matches(reply(asked, { question: question("WWW.Example-1.TEST") })));
	for (const name of ["www.example\r1.test", "www.example-\u0011.test", "www.example-Q.test"]) {
		t.notOk(matches(reply(asked, { question: question(name) })), JSON.stringify(name));
	}
	const odd = query("@`[{.test");
	const swapped = reply(odd, { question: question("`@{[.test") });
	t.equal(matchResponse(swapped, 0, swapped.length, odd, odd.length), -1, "@ is no capital `");
	t.end();
});

test("the length of a label is no letter", (t) => {
	// 0x41 and 0x61 as lengths are not allowed, but a length of 0x21 differs from 0x01 by the same bit.
	const long = query(`${"a".repeat(33)}.test`);
	const bytes = reply(long);
	bytes[12] = 1;
	t.equal(matchResponse(bytes, 0, bytes.length, long, long.length), -1);
	t.end();
});
