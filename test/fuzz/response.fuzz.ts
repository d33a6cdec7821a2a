/** An upstream's response on its way to clients: matched, read, cached, written again and again while it ages. */
import { toSettings } from "../../src/config/settings.ts";
import { Counters } from "../../src/observe/counters.ts";
import { Answer } from "../../src/resolve/answer.ts";
import { AnswerCache } from "../../src/resolve/cache.ts";
import { writeCached } from "../../src/resolve/cached-answer.ts";
import { Query } from "../../src/resolve/query.ts";
import { bitsOf, keyOf } from "../../src/resolve/question.ts";
import { followChain } from "../../src/wire/chain.ts";
import { TYPE } from "../../src/wire/codes.ts";
import { matchResponse } from "../../src/wire/match.ts";
import { DomainName, hashSuffixes } from "../../src/wire/name.ts";
import { readQuery, TCP, UDP } from "../../src/wire/query.ts";
import { finishReply } from "../../src/wire/reply.ts";
import { Response, readResponse, readTarget } from "../../src/wire/response.ts";
import { trimResponse } from "../../src/wire/trim.ts";
import { pick, type Random } from "../bench/domains.ts";
import { configOf } from "../supervisor/parts.ts";
import { type Decoded, decode, decodeName } from "../wire/decoded.ts";
import { dissect, readByDns2 } from "./anatomy.ts";
import { Broken, below, corpus, expect, mutated } from "./campaign.ts";
import { campaign } from "./led.ts";

const RESPONSES = corpus("responses").filter((bytes) => bytes.readUInt16BE(4) === 1);
const NOWHERE = { keep: () => NOWHERE, open: () => new Answer(), commit: () => {}, clientPort: 0 };
const UDP_MAX = 1232;
const SEED = 99;
const { cache: SETTINGS } = toSettings(configOf({}), 1);

const cache = new AnswerCache(SETTINGS, 1, new Counters(Counters.create()));
const response = new Response();
const target = new DomainName();

/** The query that a response of the corpus answers. */
function askedFor(message: Buffer): Query {
	const packet = Buffer.from(message.subarray(0, dissect(message).questionEnd));
	packet.writeUInt16BE(0x0100, 2);
	packet.fill(0, 6, 12);
	const query = new Query(packet, NOWHERE);
	expect(readQuery(query, packet, 0, packet.length) === 0, "the corpus holds no such query");
	hashSuffixes(query.name, SEED);
	return query;
}

function written(query: Query, fill: number, room: number, now: number, random: Random): Buffer {
	const entry = cache.look(query, keyOf(query), now);
	if (entry === undefined) throw new Broken("kept and not found");
	const answer = new Answer();
	answer.bytes = Buffer.alloc(room + 64, fill);
	answer.start = 32;
	answer.limit = 32 + room;
	query.transport = random() < 0.5 ? UDP : TCP;
	query.hasEdns = random() < 0.5;
	query.ednsSize = query.hasEdns ? pick([512, 513, 1232, 4096, 65_535], random) : 512;
	writeCached(answer, query, entry, now);
	finishReply(answer, query, UDP_MAX);
	const most = query.transport === TCP ? room : Math.min(room, query.ednsSize, UDP_MAX);
	expect(answer.length <= most, `${answer.length} bytes where ${most} are the most`);
	expect(
		answer.bytes.subarray(0, 32).every((byte) => byte === fill),
		"writes before the reply",
	);
	expect(
		answer.bytes.subarray(32 + room).every((byte) => byte === fill),
		"writes behind the limit",
	);
	return Buffer.from(answer.bytes.subarray(32, 32 + answer.length));
}

/** The TTLs of a reply, OPT's aside. */
function ttls(message: Buffer): number[] {
	const found: number[] = [];
	let at = dissect(message, false).questionEnd;
	while (at < message.length) {
		while (message[at] !== 0 && message[at] < 0xc0) at += message[at] + 1;
		at += message[at] === 0 ? 1 : 2;
		if (message.readUInt16BE(at) !== 41) found.push(message.readUInt32BE(at + 4));
		at += 10 + message.readUInt16BE(at + 8);
	}
	return found;
}

const PROOFS: readonly number[] = [TYPE.DS, TYPE.NSEC, TYPE.NSEC3];

/** Nothing but what answers the question, by another reading of the reply than the program's. */
function judgeChain({ bytes, answer, authority }: Decoded, query: Query): void {
	const [asked] = decodeName(Buffer.from(query.name.copy()), 0);
	const names = [asked];
	const isOf = (name: string, zone: string) => zone === "" || name === zone || name.endsWith(`.${zone}`);
	for (const { name, type, data, dataAt } of answer) {
		const owner = name.toLowerCase();
		const covered = type === TYPE.RRSIG ? data.readUInt16BE(0) : type;
		expect(type !== TYPE.RRSIG || query.dnssecOk || query.type === type || query.type === TYPE.ANY, "RRSIG");
		if (query.type === TYPE.ANY || type === query.type || covered === query.type) {
			expect(names.at(-1) === owner, `a record of ${owner}, but the chain ends at ${names.at(-1)}`);
		} else if (covered === TYPE.DNAME) {
			expect(
				names.some((one) => isOf(one, owner)),
				`a DNAME of ${owner}`,
			);
		} else {
			expect(covered === TYPE.CNAME && names.includes(owner), `type ${type} of ${owner}`);
			if (type === TYPE.CNAME) names.push(decodeName(bytes, dataAt)[0].toLowerCase());
		}
	}
	for (const { name, type, data } of authority) {
		const covered = type === TYPE.RRSIG ? data.readUInt16BE(0) : type;
		expect(type === TYPE.SOA || query.dnssecOk, `type ${type} in the authority section`);
		expect(covered === TYPE.SOA || PROOFS.includes(covered), `type ${type} in the authority section`);
		if (type === TYPE.SOA) expect(isOf(names.at(-1) ?? "", name.toLowerCase()), `an SOA of ${name}`);
	}
}

function judge(message: Buffer, query: Query, random: Random): string {
	// At the very end of memory that is filled with something else.
	const start = below(40, random);
	const memory = Buffer.alloc(start + message.length, 0xc0);
	memory.set(message, start);
	const end = memory.length;
	const questionEnd = matchResponse(memory, start, end, query.message, query.message.length);
	if (questionEnd < 0) return "no answer to this";
	expect(questionEnd - start === query.message.length, "another end of the question");
	if (!readResponse(response, memory, start, end, questionEnd, query.type)) return "malformed";
	const longer = Buffer.concat([memory, Buffer.alloc(300, 1)]);
	const again = new Response();
	expect(readResponse(again, longer, start, end, questionEnd, query.type), "depends on what is behind it");
	expect(
		again.authorityEnd === response.authorityEnd && again.negativeTtl === response.negativeTtl,
		"reads behind",
	);
	const fault = followChain(response);
	if (fault !== undefined) return `no answer: ${fault}`;
	query.dnssecOk = random() < 0.5;
	if (!trimResponse(response, query.dnssecOk)) return "not to be written anew";
	for (const at of response.targets)
		expect(readTarget(response, at, target), "a target that cannot be checked");
	const now = 1000;
	const question = {
		name: query.name.bytes,
		nameAt: 0,
		nameLength: query.name.length,
		nameHash: query.name.hashes[0],
		type: query.type,
		bits: bitsOf(query),
	};
	cache.clear();
	const entry = cache.put(question, keyOf(query), response, now);
	const life = (entry.expiresAt - entry.storedAt) / 1000;
	expect(
		life >= 0 && life <= Math.max(SETTINGS.maxTtlSeconds, SETTINGS.failureTtlMs / 1000),
		`kept for ${life} s`,
	);
	if (life === 0) return "not kept";
	const kept = Buffer.from(response.message);
	const original = Array.from({ length: response.ttlCount }, (_, i) =>
		kept.readUInt32BE(response.questionEnd + response.ttlOffsets[i]),
	);
	for (const age of [0, life / 2, life - 0.001]) {
		const reply = written(query, 0xee, pick([512, 4096, 65_535], random), now + age * 1000, random);
		const told = ttls(reply);
		// A name whose pointer leads into a TTL is another name when that has changed: whoever sends it wants no more.
		const unchanged = told.every((ttl, i) => ttl === original[i]);
		const { answers } = dissect(reply, unchanged);
		if (unchanged) judgeChain(decode(reply), query);
		expect((reply[2] & 0x80) !== 0 && reply.readUInt16BE(0) === query.id, "another id");
		const truncated = (reply[2] & 2) !== 0;
		expect(truncated ? answers === 0 : answers === response.answers, `${answers} answers`);
		for (const ttl of told)
			expect(ttl <= Math.max(0, life - Math.floor(age)), `TTL ${ttl} after ${age} of ${life} s`);
	}
	expect(cache.look(query, keyOf(query), entry.expiresAt) === undefined, "outlives its TTL");
	return response.rcode === 0 ? "kept" : response.rcode === 3 ? "kept, NXDOMAIN" : "kept, a failure";
}

await campaign({
	mutated: (random, note) => {
		const original = pick(RESPONSES, random);
		const query = askedFor(original);
		const tail = mutated(original.subarray(query.message.length), RESPONSES, random);
		// Mostly behind the question, so that it stays an answer to it.
		let message: Buffer = Buffer.concat([original.subarray(0, query.message.length), tail]);
		if (random() < 0.5 && message.length > 12)
			message.writeUInt16BE(below(12, random), pick([6, 8, 10], random));
		if (random() < 0.3) message = mutated(message, RESPONSES, random);
		note(() => message.toString("hex"));
		return judge(message, query, random);
	},
	untouched: (random, note) => {
		const message = pick(RESPONSES, random);
		note(() => message.toString("hex"));
		const query = askedFor(message);
		const told = judge(message, query, random);
		if (told.startsWith("kept")) readByDns2(written(query, 0, 65_535, 1000, random));
		return told;
	},
});
