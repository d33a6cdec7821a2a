/** The whole walk within this process: a real blocklist, real policy, gate, cache and flights, and a made-up upstream. */
import { toSettings } from "../../src/config/settings.ts";
import { Counters, VIAS } from "../../src/observe/counters.ts";
import { Observer } from "../../src/observe/observer.ts";
import { Answer } from "../../src/resolve/answer.ts";
import { AnswerCache } from "../../src/resolve/cache.ts";
import { ClientCounts } from "../../src/resolve/client-counts.ts";
import { Forward } from "../../src/resolve/forward.ts";
import { Gate } from "../../src/resolve/gate.ts";
import { Local } from "../../src/resolve/local.ts";
import { Options } from "../../src/resolve/options.ts";
import { Policy } from "../../src/resolve/policy.ts";
import { type Asker, Query, type ReturnPath } from "../../src/resolve/query.ts";
import { Remit } from "../../src/resolve/remit.ts";
import { Waiting } from "../../src/resolve/waiting.ts";
import { Walk } from "../../src/resolve/walk.ts";
import { Round } from "../../src/sockets/round.ts";
import type { Inquiry } from "../../src/upstream/inquiry.ts";
import { followChain } from "../../src/wire/chain.ts";
import { OPTION } from "../../src/wire/codes.ts";
import { matchResponse } from "../../src/wire/match.ts";
import { nameFromText } from "../../src/wire/name.ts";
import { readQuery, SILENCE, TCP, UDP } from "../../src/wire/query.ts";
import { SENT } from "../../src/wire/query-options.ts";
import { finishReply } from "../../src/wire/reply.ts";
import { Response, readResponse } from "../../src/wire/response.ts";
import { pick, type Random } from "../bench/domains.ts";
import { filled, joined, type TestList } from "../blocklist/compiled.ts";
import { configOf } from "../supervisor/parts.ts";
import { dissect, readByDns2 } from "./anatomy.ts";
import { below, corpus, expect, mutated } from "./campaign.ts";
import { campaign } from "./led.ts";

const QUERIES = corpus("queries");
const RESPONSES = corpus("responses");
const ALL = [...QUERIES, ...RESPONSES];
const SEED = 5;
const UDP_MAX = 1232;
const HOMES = [
	[127, 0, 0, 1],
	[10, 1, 2, 3],
	[192, 168, 0, 9],
	[203, 0, 113, 7],
];

/** What answers of a kind may say in words. */
const REASONS = new Map([
	["blocked", /blocked by list/],
	["refused", /does not serve|only class|only questions/],
	["limited", /too many/],
]);

const wire = (name: string) => nameFromText(name) ?? new Uint8Array(1);
const garden = (name: string, target: string): TestList["rules"][number] => ({
	name,
	scope: "exact",
	action: "data",
	ranked: true,
	records: [{ type: 5, ttl: 60, rdata: wire(target) }],
});
/** Rules for the names of the corpus, and for those that its answers lead to. */
const LISTS: readonly TestList[] = [
	{ kind: "allow", rules: ["||mail.example.org^"] },
	{
		rules: ["||blocked.example^", "=many.example.org", "||elsewhere.example^", "*.wild.example.org"],
	},
	{
		rules: [
			garden("nx.example.org", "example.org"),
			garden("svc.example.org", "*.garden.example"),
			{ name: "caa.example.org", scope: "exact", action: "drop", ranked: true },
			{ name: "naptr.example.org", scope: "subtree", action: "tcp-only", ranked: true },
			{ name: "chain.example.org", scope: "below", action: "nxdomain", ranked: true },
			garden("target.example", "example.org"),
		],
	},
	{ rules: ["||version.bind^", "=unknown.example.org"] },
];

const settings = toSettings(
	configOf({
		listen: { identity: { server: "fuzzed", nsid: true } },
		lists: ["ads", "zone", "own"].map((name) => ({
			name,
			url: "https://lists.example/",
			...(name === "own" ? { answer: "refused" } : {}),
		})),
		upstreams: { maxInFlight: 16 },
		cache: { size: "1MiB" },
	}),
	1,
);

/** Answers at most one question a time, with what it likes. */
class Whim {
	readonly waiting: Inquiry[] = [];
	readonly #response = new Response();

	ask(inquiry: Inquiry): void {
		inquiry.mark(0x1234);
		this.waiting.push(inquiry);
	}

	answer(random: Random): string {
		const inquiry = this.waiting.shift();
		if (inquiry === undefined) return "nobody waits";
		if (random() < 0.1) {
			inquiry.waiting.failed(random() < 0.5 ? 22 : 23);
			return "failed";
		}
		const own = inquiry.packet.subarray(0, inquiry.questionEnd);
		for (let tries = 0; tries < 8; tries++) {
			const other = pick(RESPONSES, random);
			const end = Math.min(other.length, dissect(other).questionEnd);
			// The question is that of the query, so pointers to it may lead anywhere within it.
			let message: Buffer = Buffer.concat([other.subarray(0, 12), own.subarray(12), other.subarray(end)]);
			message.writeUInt16BE(1, 4);
			if (random() < 0.7)
				message = Buffer.concat([
					message.subarray(0, own.length),
					mutated(message.subarray(own.length), RESPONSES, random),
				]);
			const questionEnd = matchResponse(message, 0, message.length, inquiry.packet, inquiry.questionEnd);
			if (questionEnd < 0) continue;
			if (!readResponse(this.#response, message, 0, message.length, questionEnd, inquiry.type)) continue;
			if (followChain(this.#response) !== undefined) continue;
			inquiry.waiting.answered(this.#response);
			return "answered";
		}
		inquiry.waiting.failed(22);
		return "failed";
	}
}

class Node {
	readonly round = new Round();
	readonly walk: Walk;
	readonly whim = new Whim();
	readonly forward: Forward;
	/** Shared by all who ask, as those of a UDP listener do. */
	readonly answer = new Answer();
	readonly policy = new Policy();
	readonly cache: AnswerCache;
	readonly #counters = new Counters(Counters.create());

	constructor() {
		this.answer.bytes = Buffer.alloc(65_535 + 128);
		this.policy.use(settings.blocking);
		this.policy.swap({ memory: joined(filled(LISTS, SEED).finish()), overlay: undefined, hits: undefined });
		this.cache = new AnswerCache(settings.cache, 1, this.#counters);
		const { policy, cache, round } = this;
		this.walk = new Walk({
			gate: new Gate(settings.access),
			local: new Local(settings.local, settings.upstreams.zones, SEED),
			options: new Options(settings.listen, this.#counters),
			remit: new Remit({ ...settings.listen, ...settings.access }),
			policy,
			cache,
			observer: new Observer(this.#counters),
			round,
			seed: SEED,
		});
		this.forward = new Forward(this.whim, settings.upstreams.maxInFlight, {
			walk: this.walk,
			cache,
			policy,
			counters: this.#counters,
			round,
			seed: SEED,
			waiting: new Waiting(new ClientCounts(ClientCounts.create(1), 0, 1, SEED), settings.access),
		});
		this.walk.forward = this.forward;
	}
}

/** Checks the one reply that comes by it. */
class Judge implements ReturnPath {
	readonly clientPort = 0;
	readonly #node: Node;
	readonly #packet: Buffer;
	readonly #room: number;
	replies = 0;
	told = "";

	constructor(node: Node, packet: Buffer, room: number) {
		this.#node = node;
		this.#packet = packet;
		this.#room = room;
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		const { answer } = this.#node;
		answer.bytes.fill(0xee);
		answer.start = 64;
		answer.limit = 64 + this.#room;
		return answer;
	}

	commit(asker: Asker, answer: Answer): void {
		expect(++this.replies === 1, "a second reply");
		const via = VIAS[answer.via] ?? "";
		this.told = answer.length === 0 ? "dropped" : via;
		if (answer.length === 0) {
			expect(via === "blocked", `dropped by ${via}`);
			return;
		}
		const packet = this.#packet;
		finishReply(answer, asker, UDP_MAX);
		const most = asker.transport === TCP ? this.#room : Math.min(this.#room, asker.ednsSize, UDP_MAX);
		const { bytes, start, length } = answer;
		expect(length <= most, `${length} bytes where ${most} are the most`);
		expect(
			bytes.subarray(0, start).every((byte) => byte === 0xee),
			"writes before the reply",
		);
		expect(
			bytes.subarray(start + this.#room).every((byte) => byte === 0xee),
			"writes behind the limit",
		);
		const reply = Buffer.from(bytes.subarray(start, start + length));
		expect(reply.readUInt16BE(0) === packet.readUInt16BE(0), "another id");
		expect((reply[2] & 0xf8) === (0x80 | (packet[2] & 0x78)), "no reply");
		expect(((reply[2] ^ packet[2]) & 1) === 0 && ((reply[3] ^ packet[3]) & 0x10) === 0, "RD or CD changed");
		const ours = via !== "cache" && via !== "upstream";
		const { questions, questionEnd, edns, additional } = dissect(reply, ours);
		if (questions === 1)
			expect(reply.subarray(12, questionEnd).equals(packet.subarray(12, questionEnd)), "another question");
		expect(edns >= 0 === asker.hasEdns && additional === (asker.hasEdns ? 1 : 0), "EDNS or none");
		checkOptions(reply, asker, via);
		const text = /(blocked by list|does not serve|only class|only questions|too many questions)/.exec(
			reply.toString("latin1"),
		);
		if (text !== null) expect(REASONS.get(via)?.test(text[0]) === true, `${via} says "${text[0]}"`);
		if (ours && questions === 1 && via !== "blocked") readByDns2(reply);
	}
}

/** Every option is there because it was asked for, once, and whole. */
function checkOptions(reply: Buffer, asker: Asker, via: string): void {
	if (!asker.hasEdns) return;
	const optAt = reply.length - optLength(reply);
	const end = reply.length;
	const seen = new Set<number>();
	let at = optAt + 11;
	while (at < end) {
		const [code, length] = [reply.readUInt16BE(at), reply.readUInt16BE(at + 2)];
		expect(!seen.has(code), `option ${code} twice`);
		seen.add(code);
		at += 4 + length;
	}
	expect(at === end, "half an option");
	seen.delete(OPTION.EDE);
	expect(!seen.delete(OPTION.COOKIE) || (asker.sent & SENT.COOKIE) !== 0, "a cookie for nobody");
	expect(!seen.delete(OPTION.NSID) || (asker.sent & SENT.NSID) !== 0, "an id for nobody");
	expect(seen.size === 0, `option ${[...seen].join()} from ${via}`);
}

/** Bytes of the OPT record at the end of a reply: the one place from which its length leads to the end. */
function optLength(reply: Buffer): number {
	for (let length = 11; length <= Math.min(reply.length - 12, 500); length++) {
		const at = reply.length - length;
		if (reply[at] === 0 && reply.readUInt16BE(at + 1) === 41 && reply.readUInt16BE(at + 9) === length - 11)
			return length;
	}
	throw new Error("no OPT record at the end");
}

let node = new Node();
let asked = 0;

function ask(random: Random, note: (input: () => string) => void, packet: Buffer): string {
	// A clock of our own that may leap, so that what is cached ages.
	node.round.now += pick([0, 1, 1000, 50_000], random);
	if (asked++ % 5000 === 0) node = new Node();
	note(() => packet.toString("hex"));
	const room = pick([512, 1500, 4096, 65_535], random);
	const path = new Judge(node, packet, room);
	const memory = Buffer.concat([Buffer.alloc(20, 0xc0), packet, Buffer.alloc(20, 0xc0)]);
	const query = new Query(memory, path);
	query.transport = room === 65_535 ? TCP : UDP;
	query.addressBytes = Uint8Array.from(pick(HOMES, random));
	query.receivedAt = node.round.now;
	const fault = readQuery(query, memory, 20, 20 + packet.length);
	if (fault === SILENCE) return "silence";
	node.walk.run(query, fault);
	// The listener uses its memory for the next packet at once.
	memory.fill(0x3f);
	if (path.replies === 1) return path.told;
	const before = node.whim.waiting.length;
	while (path.replies === 0) {
		node.round.now += below(1500, random);
		expect(node.whim.waiting.length > 0, "nobody will ever answer");
		node.whim.answer(random);
	}
	expect(node.whim.waiting.length <= before, "answers, and still waits");
	return `later: ${path.told}`;
}

await campaign({
	"whole queries": (random, note) => ask(random, note, Buffer.from(pick(QUERIES, random))),
	"names of the lists": (random, note) => {
		const packet = Buffer.from(
			pick(
				QUERIES.filter((one) => one.length > 40),
				random,
			),
		);
		const names = LISTS.flatMap(({ rules }) =>
			rules.map((rule) => (typeof rule === "string" ? rule.replace(/^\W+|\^$/g, "") : rule.name)),
		);
		const prefix = pick(
			["", "", "www.", "A.b.", `${"x".repeat(63)}.${"y".repeat(63)}.${"z".repeat(60)}.`],
			random,
		);
		const name = wire(prefix + pick(names, random));
		const type = pick([1, 28, 5, 16, 65, 255, 6, 65_280], random);
		const question = Buffer.concat([name, Buffer.from([type >> 8, type & 255, 0, 1])]);
		const edns =
			random() < 0.5 ? [0, 0, 41, 2 + below(14, random), 0, 0, 0, 0x80 * below(2, random), 0, 0, 0] : [];
		packet.fill(0, 4, 12);
		packet[2] &= 0x01;
		packet[5] = 1;
		packet[11] = edns.length > 0 ? 1 : 0;
		return ask(random, note, Buffer.concat([packet.subarray(0, 12), question, Buffer.from(edns)]));
	},
	"options of all kinds": (random, note) => {
		const name = pick(["www.blocked.test", "mail.example.test", "example.test", "version.bind"], random);
		const question = random() < 0.05 ? [] : [...wire(name), 0, 1, 0, 1];
		const options = Array.from({ length: below(5, random) }, () => {
			const length = pick([0, 1, 8, 9, 16, 24, 40, 41], random);
			const data = Array.from({ length }, () => below(256, random));
			return [0, pick([3, 8, 10, 10, 11, 12, 15, 100], random), 0, length, ...data];
		}).flat();
		const opt = [0, 0, 41, 2 + below(14, random), 0, 0, 0, 0, 0, options.length >> 8, options.length & 255];
		const flags = random() < 0.9 ? 1 : 0;
		const header = [0x12, 0x34, flags, 0, 0, question.length === 0 ? 0 : 1, 0, 0, 0, 0, 0, 1];
		return ask(random, note, Buffer.from([...header, ...question, ...opt, ...options]));
	},
	mutated: (random, note) => ask(random, note, mutated(pick(QUERIES, random), ALL, random)),
});
