/** What a worker's tap writes into its ring, as the scribe reads it. */
import { test } from "tap";
import { DNSTAP_MESSAGES, VIAS } from "../../src/config/vocabulary.ts";
import { Counters } from "../../src/observe/counters.ts";
import { Lexicon, LexiconReader } from "../../src/observe/lexicon.ts";
import { KIND } from "../../src/observe/record.ts";
import { createRing, RingReader, RingWriter } from "../../src/observe/ring.ts";
import { Tap, type Tapping } from "../../src/observe/tap.ts";
import { WallClock } from "../../src/observe/wall-clock.ts";
import { DnstapEncoder } from "../../src/scribe/dnstap/message.ts";
import { WireRecord } from "../../src/scribe/dnstap/wire-record.ts";
import { decodeDnstap } from "../scribe/dnstap/decoded.ts";

const CLIENT = Buffer.of(192, 0, 2, 1);
const LOCAL = Buffer.of(0, 192, 0, 2, 53);
const UPSTREAM = { address: Buffer.from("20010db8000000000000000000000053", "hex"), port: 5353 };
const BLOCKED = VIAS.indexOf("blocked");
const CACHE = VIAS.indexOf("cache");

function pipe(tapping: Partial<Tapping> = {}, ringBytes = 1 << 20) {
	const memory = createRing(ringBytes);
	const counters = new Counters(Counters.create());
	const lexicon = new Lexicon();
	const clock = new WallClock(
		() => 5,
		() => 1_764_383_400_005,
		1_764_383_400_000,
	);
	const all = { messages: DNSTAP_MESSAGES, vias: (1 << VIAS.length) - 1, sample: 1 };
	const tap = new Tap({ ...all, ...tapping }, new RingWriter(memory), counters, clock);
	const reader = new RingReader(memory);
	const record = new WireRecord(new LexiconReader(lexicon.memory));
	const encoder = new DnstapEncoder(Buffer.alloc(0), Buffer.alloc(0));
	const read = () => {
		const seen: ReturnType<typeof decodeDnstap>[] = [];
		reader.read((kind, at, end) => {
			if (kind !== KIND.wire || !record.read(reader, at, end)) throw new Error("no record of a message");
			encoder.encode(record);
			seen.push(decodeDnstap(Buffer.from(encoder.bytes.subarray(encoder.start))));
		}, ringBytes);
		return seen;
	};
	return { tap, counters, lexicon, read };
}

function asked(id: number, clientPort = 40_000, message = Buffer.from(`??message ${id}`)) {
	return {
		message,
		start: 2,
		id,
		transport: 0,
		addressBytes: CLIENT,
		addressAt: 0,
		addressLength: 4,
		receivedAt: 1.25,
		path: { clientPort },
	};
}

function answered(text: string, via = CACHE, list = -1, action = 1, reason = 0) {
	const bytes = Buffer.from(`!${text}!`);
	return { bytes, start: 1, length: text.length, via, list, action, reason };
}

function sent(id: number, localPort?: number) {
	const packet = Buffer.from(`packet ${id}, and what is left of another`);
	const packetLength = packet.indexOf(",");
	return {
		packet,
		packetLength,
		id,
		sentAt: 2.5,
		channel: localPort === undefined ? undefined : { localPort },
	};
}

test("each of the four messages", async (t) => {
	const { tap, lexicon, read } = pipe();
	const question = Buffer.from("??0123456789ab\x03bad\x07example\0\0\x01\0\x01", "latin1");
	const list = lexicon.numberOf("malicious");
	tap.clientQuery(asked(7), 9, LOCAL, 1, 53);
	tap.clientResponse(asked(7), answered("an answer"), LOCAL, 1, 53);
	const blocked = { ...answered("", BLOCKED, list), bytes: question, start: 2, length: question.length - 2 };
	tap.clientResponse({ ...asked(8), transport: 1 }, blocked, LOCAL, 1, 53);
	tap.forwarderQuery(sent(9), UPSTREAM, false);
	tap.forwarderResponse(sent(9, 1234), UPSTREAM, true, Buffer.from("..reply.."), 2, 7);
	const local = LOCAL.subarray(1);
	const ends = {
		family: 4,
		queryAddress: CLIENT,
		queryPort: 40_000,
		responseAddress: local,
		responsePort: 53,
	};
	const upstream = {
		family: 6,
		queryAddress: undefined,
		responseAddress: UPSTREAM.address,
		responsePort: 5353,
	};
	const queryTime = 1_764_383_400.00125;
	const seen = read();
	t.match(seen, [
		{ type: "CQ", protocol: "udp", ...ends, query: Buffer.from("message"), queryTime, response: undefined },
		{
			type: "CR",
			protocol: "udp",
			...ends,
			response: Buffer.from("an answer"),
			queryTime,
			policy: undefined,
		},
		{ type: "CR", protocol: "tcp", ...ends },
		{ type: "FQ", protocol: "udp", ...upstream, query: Buffer.from("packet 9"), queryPort: undefined },
		{ type: "FR", protocol: "tcp", ...upstream, response: Buffer.from("reply"), queryPort: 1234 },
	]);
	t.match(seen[2]?.policy, {
		type: "cordon",
		rule: "malicious",
		action: 1,
		match: 1,
		value: question.subarray(14, 27),
	});
	t.equal(seen[0]?.responseTime, undefined);
	t.ok((seen[1]?.responseTime ?? 0) > 1_764_383_400, "by the clock of the moment");
	t.equal(seen[4]?.queryTime, 1_764_383_400.0025);
});

test("what decided, as far as dnstap has a word for it", async (t) => {
	const { tap, read } = pipe();
	// Indexes into BLOCK_ACTIONS and BLOCK_REASONS; what stands for an alias and a service has no match.
	const actions = [6, 1, 2, undefined, 4, 6, 5, 6];
	const matches = [1, undefined, undefined, 3, 3, 3];
	for (const action of actions.keys())
		tap.clientResponse(asked(1), answered("x", BLOCKED, -1, action), LOCAL, 1, 53);
	for (const reason of matches.keys())
		tap.clientResponse(asked(1), answered("x", BLOCKED, -1, 1, reason), LOCAL, 1, 53);
	const policies = read().map(({ policy }) => policy);
	t.strictSame(
		policies.slice(0, actions.length).map((policy) => policy?.action),
		actions,
	);
	t.strictSame(
		policies.slice(actions.length).map((policy) => policy?.match),
		matches,
	);
	t.ok(
		policies.every((policy) => policy?.rule === undefined && policy?.value === undefined),
		"neither a list without a name, nor a name that cannot be read",
	);
});

test("only what is wanted", async (t) => {
	const { tap, read } = pipe({ messages: ["client-response"], vias: 1 << BLOCKED });
	tap.clientQuery(asked(1), 9, LOCAL, 1, 53);
	tap.clientResponse(asked(1), answered("cached"), LOCAL, 1, 53);
	tap.clientResponse(asked(2), answered("blocked", BLOCKED), LOCAL, 1, 53);
	tap.forwarderQuery(sent(9), UPSTREAM, false);
	tap.forwarderResponse(sent(9), UPSTREAM, false, Buffer.from("reply"), 0, 5);
	t.strictSame(
		read().map(({ response }) => String(response)),
		["blocked"],
	);
});

test("a sample has query and response of an exchange, or neither", async (t) => {
	const { tap, read } = pipe({ sample: 4 });
	const whole = 8000;
	for (let id = 0; id < whole; id++) {
		tap.clientQuery(asked(id, 1024 + (id % 7)), 3, LOCAL, 1, 53);
		tap.clientResponse(asked(id, 1024 + (id % 7)), answered(`${id}`), LOCAL, 1, 53);
		if (id % 1000 !== 999) continue;
		const seen = read();
		for (let i = 0; i < seen.length; i += 2) {
			t.strictSame([seen[i]?.type, seen[i + 1]?.type], ["CQ", "CR"]);
			t.equal(seen[i]?.queryPort, seen[i + 1]?.queryPort);
		}
		// Twenty standard deviations and more, for ids in a row are spread evenly rather than by chance.
		t.ok(seen.length / 2 > 100 && seen.length / 2 < 400, `${seen.length / 2} of 1000`);
	}
	for (let id = 0; id < 1000; id++) {
		tap.forwarderQuery(sent(id), UPSTREAM, false);
		tap.forwarderResponse(sent(id), UPSTREAM, false, Buffer.from(`${id}`), 0, 1);
	}
	const forwarded = read();
	t.equal(forwarded.filter(({ type }) => type === "FQ").length, forwarded.length / 2);
	t.ok(forwarded.length > 200 && forwarded.length < 800);
});

test("the longest messages fit, and what finds no room is counted", async (t) => {
	const { tap, counters, read } = pipe({}, 1 << 18);
	const answer = { ...answered(""), bytes: Buffer.alloc(65_535, 7), start: 0, length: 65_535 };
	for (let i = 0; i < 10; i++) tap.clientResponse(asked(1), answer, LOCAL, 1, 53);
	const seen = read();
	t.equal(seen.length, 3);
	t.ok(seen.every(({ response }) => response?.equals(answer.bytes)));
	t.equal(counters.readNumber("dnstapRingFull"), 7);
	tap.clientResponse(asked(1), answer, LOCAL, 1, 53);
	t.equal(read().length, 1, "there is room again");
});
