import fc from "fast-check";
import { test } from "tap";
import { QUERY_LOG_FIELDS, VIAS } from "../../src/config/vocabulary.ts";
import { BLOCK_REASONS } from "../../src/observe/counters.ts";
import { LIMIT_REASONS } from "../../src/observe/record.ts";
import { createRing, RingReader } from "../../src/observe/ring.ts";
import { AnswerRecord } from "../../src/scribe/answer-record.ts";
import { addressBytes } from "../../src/sockets/address.ts";
import { nameFromText } from "../../src/wire/name.ts";
import { SipHash } from "../../src/wire/siphash.ts";
import { a, aaaa, cname, query, reply } from "../wire/message.ts";
import { Logging, SECRET, wireName } from "./logging.ts";

test("what is said of a question by default", async (t) => {
	const log = new Logging();
	log.record();
	t.strictSame(log.lines(), [
		'{"time":"2026-11-29T02:30:05.123Z","client":"192.0.2.7","transport":"udp","name":"www.example",' +
			'"type":"A","rcode":"NOERROR","via":"cache","durationMs":0}\n',
	]);
	const list = log.lexicon.numberOf("a-list");
	t.match(
		log.object({
			via: "blocked",
			tookMs: 12.3456,
			over: { category: 5, list, reason: BLOCK_REASONS.indexOf("alias"), ede: 15, upstream: 1, rcode: 3 },
		}),
		{
			rcode: "NXDOMAIN",
			category: "ads",
			action: "zero-ip",
			reason: "alias",
			list: "a-list",
			upstream: "udp://192.0.2.53:53",
			durationMs: 12.346,
			ede: 15,
		},
	);
	t.match(log.object({ via: "limited", over: { limitedBy: LIMIT_REASONS.indexOf("overload") } }), {
		via: "limited",
		reason: "overload",
	});
	const dropped = log.object({ via: "blocked", over: { length: 0, rcode: -1, ede: 15, category: 0 } });
	t.match(dropped, { rcode: "dropped", category: "malware" });
	t.equal(dropped.ede, undefined, "it was never told");
	t.match(log.object({ about: { logged: true, loggedCategory: 0 } }), { category: "malware", logOnly: true });
});

test("a question that could not be read has no name", async (t) => {
	const object = new Logging().object({ name: new Uint8Array(0), via: "error", over: { rcode: 1 } });
	t.match(object, { client: "192.0.2.7", rcode: "FORMERR", via: "error" });
	t.notOk("name" in object || "type" in object);
});

test("every field, in the order that was asked for; and as text", async (t) => {
	const message = reply(query("www.example"), {
		answer: [cname("cdn.example"), a("192.0.2.1"), aaaa([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1])],
	});
	const asked = {
		type: 65_280,
		client: "2001:db8::7",
		over: { bytes: message, length: message.length },
		about: { hasEdns: true, dnssecOk: true, flags: 0x0130, transport: 1 },
	};
	const fields = [...QUERY_LOG_FIELDS].reverse();
	const object = new Logging({ fields }).object(asked);
	t.match(object, {
		type: "TYPE65280",
		class: "IN",
		clientPort: 53_000,
		transport: "tcp",
		flags: "rd,ad,cd,edns,do",
		answers: ["CNAME cdn.example", "A 192.0.2.1", "AAAA 2001:db8::1"],
	});
	t.strictSame(
		Object.keys(object),
		fields.filter((field) => field in object),
	);
	const log = new Logging({ format: "text", fields: ["time", "name", "client", "answers"] });
	log.record({ ...asked, name: wireName("a b", 'c"d') });
	t.strictSame(log.lines(), [
		'2026-11-29T02:30:05.123Z name=a\\032b.c\\"d client=2001:db8::7 answers=CNAME:cdn.example,A:192.0.2.1,AAAA:2001:db8::1\n',
	]);
});

test("whatever a name holds, its line is JSON, one line, and leads back to the name", async () => {
	const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
	fc.assert(
		fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
			const name = wireName(...labels);
			const log = new Logging();
			log.record({ name });
			const [line = ""] = log.lines();
			const text = JSON.parse(line).name as string;
			const lower = name.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
			return (
				/^[\x20-\x7e]+\n$/.test(line) &&
				!text.includes(" ") &&
				Buffer.from(lower).equals(nameFromText(text) ?? Buffer.alloc(0))
			);
		}),
	);
});

test("how much of a client is told", async (t) => {
	const client = (privacy: "full" | "prefix" | "hash" | "none", address: string) =>
		new Logging({ privacy, fields: ["client", "clientPort", "name"] }).object({ client: address });
	t.strictSame(client("full", "192.0.2.7"), { client: "192.0.2.7", clientPort: 53_000, name: "www.example" });
	t.equal(client("full", "2001:db8:0:1::7").client, "2001:db8:0:1::7");
	t.strictSame(client("prefix", "192.0.2.7"), { client: "192.0.2.0/24", name: "www.example" });
	t.equal(client("prefix", "2001:db8:1:2ff::7").client, "2001:db8:1:200::/56");
	t.strictSame(client("none", "192.0.2.7"), { name: "www.example" });
	const hash = client("hash", "192.0.2.7");
	const own = new Uint8Array(8);
	new SipHash(SECRET).digest(addressBytes("192.0.2.7"), 4, own, 0);
	t.strictSame(hash, { client: Buffer.from(own).toString("hex"), name: "www.example" });
	t.not(client("hash", "192.0.2.8").client, hash.client);
	t.match(client("hash", "2001:db8::7").client, /^[0-9a-f]{16}$/);
});

test("addresses of IPv6 as RFC 5952 has them", async (t) => {
	for (const text of [
		"::",
		"::1",
		"1::",
		"2001:db8::1",
		"2001:db8:0:1:1:1:1:1",
		"2001:0:0:1::1",
		"2001:db8::1:0:0:1",
		"1:2:3:4:5:6:7:8",
		"fe80::abcd:10:0:f",
		"0:1:2:3:4:5:6:0",
	])
		t.equal(new Logging().object({ client: text }).client, text);
});

test("only the answers of some kinds, and only one question in so many", async (t) => {
	const blocked = new Logging({ vias: 1 << VIAS.indexOf("blocked") });
	for (const via of VIAS) blocked.record({ via });
	t.match(blocked.lines(), [/"via":"blocked"/]);
	const log = new Logging({ sample: 10 }, 1 << 20);
	for (let i = 0; i < 4000; i++) log.record();
	const { length } = log.lines();
	t.ok(length > 200 && length < 800, `${length} of 4000`);
});

test("what the ring has no room for is counted", async (t) => {
	const log = new Logging({}, 1024);
	for (let i = 0; i < 100; i++) log.record();
	const { length } = log.lines();
	t.ok(length > 0 && length < 100);
	t.equal(log.counters.readNumber("queryLogRingFull"), 100 - length);
});

test("nonsense in place of a record is no record, or one that can be written", async () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ minLength: 128, maxLength: 128 }),
			fc.integer({ min: 0, max: 64 }),
			(noise, size) => {
				const ring = createRing(128);
				new Uint8Array(ring, 128).set(noise);
				const record = new AnswerRecord();
				if (!record.take(new RingReader(ring), 0, 56 + size)) return true;
				return record.nameEnd - record.nameAt <= 255 && record.messageEnd <= 56 + size;
			},
		),
	);
});
