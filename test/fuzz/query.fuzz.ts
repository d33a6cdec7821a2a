/** The query parser, and the smallest reply to what it read. */
import fc from "fast-check";
import { Query } from "../../src/resolve/query.ts";
import { RCODE } from "../../src/wire/codes.ts";
import { COOKIE_ONLY, readQuery, SILENCE, TCP, UDP } from "../../src/wire/query.ts";
import { SENT } from "../../src/wire/query-options.ts";
import { beginReply, finishReply, Reply } from "../../src/wire/reply.ts";
import type { Random } from "../bench/domains.ts";
import { dissect, readByDns2 } from "./anatomy.ts";
import { below, corpus, expect, mutated, randomBytes, type Trial } from "./campaign.ts";
import { campaign } from "./led.ts";

const QUERIES = corpus("queries");
const ALL = [...QUERIES, ...corpus("responses")];
const NOWHERE = { keep: () => NOWHERE, open: () => never(), commit: () => {}, clientPort: 0 };
const UDP_MAX = 1232;

function never(): never {
	throw new Error("nothing is answered here");
}

/** The packet at the very end of memory filled with something else. */
function placed(packet: Uint8Array, before: number, fill: number, behind: number): Buffer {
	const memory = Buffer.alloc(before + packet.length + behind, fill);
	memory.set(packet, before);
	return memory;
}

interface Reading {
	readonly fault: number;
	readonly query: Query;
}

function read(packet: Uint8Array, before: number, fill: number, behind: number): Reading {
	const query = new Query(placed(packet, before, fill, behind), NOWHERE);
	return { fault: readQuery(query, query.message, before, before + packet.length), query };
}

function shown({ fault, query }: Reading): string {
	const { name, start, questionEnd, id, flags, type, hasEdns, ednsSize, dnssecOk, sent, message } = query;
	const data = (bit: number, at: number, length: number) =>
		(sent & bit) === 0 ? "" : Buffer.from(message.subarray(at, at + length)).toString("hex");
	const readable = fault === 0 ? [Buffer.from(name.copy()).toString("hex"), query.class, type] : [];
	return JSON.stringify([
		fault,
		questionEnd - start,
		fault === SILENCE ? 0 : [id, flags],
		hasEdns,
		ednsSize,
		dnssecOk,
		sent,
		data(SENT.COOKIE, query.cookieAt, query.cookieLength),
		data(SENT.SUBNET, query.subnetAt, query.subnetLength),
		readable,
	]);
}

/** What must hold for any bytes; tells what became of them. */
function check(packet: Buffer): string {
	const here = read(packet, 0, 0, 0);
	const told = shown(here);
	for (const [before, fill, behind] of [
		[7, 0xff, 0],
		[3000, 0xc0, 300],
		[16, 0x00, 300],
		[1, 0x01, 1],
	])
		expect(shown(read(packet, before, fill, behind)) === told, `depends on what is around it (${fill})`);
	const { fault, query } = here;
	if (fault === SILENCE) {
		expect(packet.length < 12 || (packet[2] & 0x80) !== 0, "silence for what may be answered");
		return "silence";
	}
	expect(packet.length >= 12 && (packet[2] & 0x80) === 0, "a reply to a reply");
	expect(query.questionEnd >= 12 && query.questionEnd <= packet.length, "a question beyond the packet");
	if (fault === 0) expect(packet.readUInt16BE(4) === 1, "a good query without its one question");
	if (fault === COOKIE_ONLY) expect(packet.readUInt16BE(4) === 0, "a question and yet none");
	expect(query.hasEdns || query.sent === 0, "options without EDNS");
	expect(fault !== RCODE.BADVERS || query.sent === 0, "options of another version");
	for (const transport of [UDP, TCP]) {
		query.transport = transport;
		// As over a transport with encryption.
		query.padBlock = transport === TCP ? 468 : 0;
		reply(packet, query, fault === COOKIE_ONLY ? 0 : fault);
	}
	if (fault === COOKIE_ONLY) return "cookie only";
	return fault === 0 ? (query.sent === 0 ? "good" : "good, with options") : `rcode ${fault}`;
}

function reply(packet: Buffer, query: Query, fault: number): void {
	const answer = new Reply();
	answer.bytes = Buffer.alloc(4096 + 64, 0xee);
	answer.start = 32;
	answer.limit = answer.start + 4096;
	beginReply(answer, query, fault);
	finishReply(answer, query, UDP_MAX);
	const bytes = Buffer.from(answer.bytes.subarray(answer.start, answer.start + answer.length));
	expect((bytes[2] & 0x80) !== 0, "a reply without QR");
	expect(bytes.readUInt16BE(0) === packet.readUInt16BE(0), "another id");
	expect((bytes[3] & 15) === (fault & 15), "another rcode");
	const isPadded = query.padBlock > 0 && query.hasEdns && (query.sent & SENT.PADDING) !== 0;
	if (isPadded) expect(bytes.length % query.padBlock === 0, "half a block");
	else expect(bytes.length <= packet.length + 11, "longer than its query and EDNS");
	const { questions, additional, edns, questionEnd } = dissect(bytes);
	expect(questions === (query.questionEnd > 12 ? 1 : 0), "another number of questions");
	if (questions === 1)
		expect(bytes.subarray(12, questionEnd).equals(packet.subarray(12, questionEnd)), "another question");
	expect(additional === (query.hasEdns ? 1 : 0) && edns >= 0 === query.hasEdns, "EDNS without being asked");
	if (questions === 1) readByDns2(bytes);
	const around = [answer.bytes.subarray(0, 32), answer.bytes.subarray(32 + answer.length, 4160)];
	for (const part of around)
		expect(
			part.every((byte) => byte === 0xee),
			"writes beyond the reply",
		);
}

/** Queries put together by fast-check, nearly right. */
const label = fc.uint8Array({ minLength: 1, maxLength: 63 }).map((bytes) => [bytes.length, ...bytes]);
const word = fc.oneof(fc.constantFrom(0, 1, 2, 41, 255), fc.nat(0xffff)).map((n) => [n >> 8, n & 255]);
/** The options that mean something, and others. */
const code = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom(3, 8, 10, 11, 12, 15).map((n) => [0, n]) },
	word,
);
const record = fc
	.tuple(
		fc.oneof(fc.constant([0]), fc.constant([0xc0, 12]), label),
		fc.oneof(fc.constant([0, 41]), word),
		word,
		fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
		fc.array(fc.tuple(code, fc.uint8Array({ maxLength: 41 })), { maxLength: 3 }),
		fc.integer({ min: -2, max: 2 }),
	)
	.map(([owner, type, size, ttl, options, slip]) => {
		const data = options.flatMap(([code, bytes]) => [...code, 0, bytes.length, ...bytes]);
		const length = Math.max(0, data.length + (slip === 1 ? 1 : 0));
		return [...owner, ...type, ...size, ...ttl, length >> 8, length & 255, ...data];
	});
const query = fc
	.tuple(
		fc.nat(0xffff),
		fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0x0100, 0, 0x0110) }, fc.nat(0xffff)),
		fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.nat(3)),
		fc.array(label, { maxLength: 6 }),
		word,
		word,
		fc.array(record, { maxLength: 3 }),
	)
	.map(([id, flags, questions, labels, type, cls, records]) => {
		const header = [id, flags, questions, 0, 0, records.length].flatMap((n) => [n >> 8, n & 255]);
		return Buffer.from([...header, ...labels.flat(), 0, ...type, ...cls, ...records.flat()]);
	});

const trial =
	(make: (random: Random) => Buffer): Trial =>
	(random, note) => {
		const packet = make(random);
		note(() => packet.toString("hex"));
		return check(packet);
	};

await campaign({
	mutated: trial((random) => mutated(QUERIES[below(QUERIES.length, random)], ALL, random)),
	"mutated twice": trial((random) =>
		mutated(mutated(ALL[below(ALL.length, random)], ALL, random), ALL, random),
	),
	random: trial((random) => randomBytes(below(60, random), random)),
	"fast-check": (random, note) => {
		let last = Buffer.alloc(0);
		note(() => last.toString("hex"));
		const property = fc.property(query, (packet) => {
			last = packet;
			check(packet);
		});
		fc.assert(property, { seed: below(2 ** 31, random), numRuns: 20, endOnFailure: false });
		return "held";
	},
});
