/** What a query's options say, as far as we understand them. */
import { test } from "tap";
import { OPTION, RCODE } from "../../src/wire/codes.ts";
import { readQuery, TCP, type Transport, UDP, type WireQuery } from "../../src/wire/query.ts";
import { SENT } from "../../src/wire/query-options.ts";
import { message, opt, option, query, question, word } from "./message.ts";
import { blankQuery } from "./replying.ts";

interface Read {
	readonly fault: number;
	readonly into: WireQuery;
}

function read(options: readonly Buffer[], transport: Transport = UDP): Read {
	const bytes = query("example.test", { edns: { options: Buffer.concat(options) } });
	const into = blankQuery(transport);
	return { fault: readQuery(into, bytes, 0, bytes.length), into };
}

test("options that mean something are noted, others are passed over (RFC 6891, section 6.1.2)", (t) => {
	const cookie = Buffer.from("ClientCo");
	const subnet = Buffer.from([0, 1, 24, 0, 192, 0, 2]);
	const { fault, into } = read([
		option(100, Buffer.alloc(30, 0xff)),
		option(OPTION.NSID),
		option(OPTION.COOKIE, cookie),
		option(OPTION.SUBNET, subnet),
		option(OPTION.PADDING, Buffer.alloc(9)),
		option(65_001),
	]);
	t.equal(fault, RCODE.NOERROR);
	t.equal(into.sent, SENT.NSID | SENT.COOKIE | SENT.SUBNET | SENT.PADDING);
	const found = (at: number, length: number) => Buffer.from(into.message.subarray(at, at + length));
	t.strictSame(found(into.cookieAt, into.cookieLength), cookie);
	t.strictSame(found(into.subnetAt, into.subnetLength), subnet);
	t.equal(into.echoLength, 0, "nothing goes back by itself");
	t.end();
});

test("unknown options alone are as none", (t) => {
	const { fault, into } = read([option(100), option(65_535, Buffer.alloc(3))]);
	t.match([fault, into.sent], [RCODE.NOERROR, 0]);
	t.end();
});

test("RFC 7873, section 5.2: of several cookies the first counts", (t) => {
	const { into } = read([option(OPTION.COOKIE, Buffer.from("firstone")), option(OPTION.COOKIE)]);
	t.equal(into.cookieLength, 8);
	t.equal(Buffer.from(into.message.subarray(into.cookieAt, into.cookieAt + 8)).toString(), "firstone");
	const subnets = read([option(OPTION.SUBNET, Buffer.alloc(7)), option(OPTION.SUBNET)]);
	t.equal(subnets.into.subnetLength, 7);
	t.end();
});

test("RFC 7828: a keepalive means something over TCP alone, and is empty there", (t) => {
	t.match(read([option(OPTION.KEEPALIVE)], TCP), { fault: RCODE.NOERROR, into: { sent: SENT.KEEPALIVE } });
	t.match(read([option(OPTION.KEEPALIVE, word(100))], TCP), { fault: RCODE.FORMERR }, "section 3.1");
	for (const data of [Buffer.alloc(0), word(100)]) {
		t.match(read([option(OPTION.KEEPALIVE, data)]), { fault: RCODE.NOERROR, into: { sent: 0 } }, "3.2.1");
	}
	t.end();
});

test("RFC 6891, section 7: options that run past their end are answered FORMERR, with EDNS", (t) => {
	for (const cut of [word(10), option(10, Buffer.alloc(7), 8), Buffer.concat([option(3), word(10, 0, 3)])]) {
		const { fault, into } = read([cut]);
		t.equal(fault, RCODE.FORMERR, cut.toString("hex"));
		t.match(into, { hasEdns: true, sent: 0 });
	}
	t.end();
});

test("RFC 6891, section 6.1.3: options of another version are not looked at", (t) => {
	const bytes = query("example.test", { edns: { version: 1, options: word(10, 99, 1) } });
	const into = blankQuery();
	t.equal(readQuery(into, bytes, 0, bytes.length), RCODE.BADVERS);
	t.match(into, { hasEdns: true, sent: 0 });
	t.end();
});

test("RFC 6891, section 6.1.1: EDNS is read where nothing else is done", (t) => {
	const one = question("Example.test");
	const additional = [opt({ size: 1400, dnssecOk: true, options: option(OPTION.NSID) })];
	for (const [what, flags, asked, count, expected] of [
		["NOTIFY", 0x2000, one, 1, RCODE.NOTIMP],
		["opcode 15 without a question", 0x7800, undefined, 0, RCODE.NOTIMP],
		["two questions", 0, Buffer.concat([one, one]), 2, RCODE.FORMERR],
		["no question", 0, undefined, 0, RCODE.FORMERR],
	] as const) {
		const bytes = message({
			flags,
			...(asked === undefined ? {} : { question: asked }),
			additional,
			counts: [count, 0, 0, 1],
		});
		const into = blankQuery();
		t.equal(readQuery(into, bytes, 0, bytes.length), expected, what);
		t.match(into, { hasEdns: true, ednsSize: 1400, dnssecOk: true, sent: SENT.NSID }, what);
		t.equal(
			into.questionEnd,
			count === 1 ? 12 + one.length : 12,
			"one question is repeated, no other number",
		);
	}
	const version = message({ additional: [opt({ version: 7 })] });
	t.equal(readQuery(blankQuery(), version, 0, version.length), RCODE.BADVERS, "no question, another version");
	t.end();
});

test("another opcode's packet that cannot be read is NOTIMP all the same", (t) => {
	for (const rest of [Buffer.alloc(0), Buffer.from([63, 1, 2]), question("example.test")]) {
		const bytes = message({ flags: 0x3000, question: rest, counts: [1, 9, 9, 9] });
		t.equal(readQuery(blankQuery(), bytes, 0, bytes.length), RCODE.NOTIMP);
	}
	t.end();
});
