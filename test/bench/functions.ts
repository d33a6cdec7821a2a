/** `npm run bench`: the functions that every query goes through, in ns per operation. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { NO_RULING } from "../../src/blocklist/overlay.ts";
import { OverlayWriter } from "../../src/blocklist/overlay-writer.ts";
import { readSnapshot, writeSnapshot } from "../../src/blocklist/snapshot.ts";
import { createRing, RingReader } from "../../src/observe/ring.ts";
import { writeCached } from "../../src/resolve/cached-answer.ts";
import type { Query } from "../../src/resolve/query.ts";
import { bitsOf, keyOf } from "../../src/resolve/question.ts";
import { followChain } from "../../src/wire/chain.ts";
import { hashSuffixes } from "../../src/wire/name.ts";
import { readQuery } from "../../src/wire/query.ts";
import { finishReply } from "../../src/wire/reply.ts";
import { Response, readResponse } from "../../src/wire/response.ts";
import { trimResponse } from "../../src/wire/trim.ts";
import { joined } from "../blocklist/compiled.ts";
import { blockedDomains, goodNames } from "./domains.ts";
import {
	BenchNode,
	buildParts,
	hashed,
	NullPath,
	packetFor,
	readQueryOf,
	responseFor,
	SEED,
	UDP_MAX,
} from "./functions-parts.ts";
import { type Result, summed, table, write } from "./functions-report.ts";
import { machineLine } from "./machine.ts";

const { values: options } = parseArgs({
	options: { write: { type: "boolean", default: false }, smoke: { type: "boolean", default: false } },
});
const DOMAINS = options.smoke ? 2000 : 1_000_000;
const NAMES = options.smoke ? 256 : 16_384;
const ROUNDS = options.smoke ? 3 : 15;
const ROUND_MS = options.smoke ? 5 : 120;
const HEAVY_ROUNDS = options.smoke ? 2 : 5;

/** Everything computed ends here: what is looked at cannot be optimised away. */
let sink = 0;

/** Nanoseconds per call, over rounds that each walk round and round the inputs. */
function measure(count: number, operation: (i: number) => number): Result {
	const calls = (times: number) => {
		let sum = 0;
		for (let done = 0, i = 0; done < times; done++) {
			sum += operation(i);
			if (++i === count) i = 0;
		}
		sink += sum;
	};
	let times = 256;
	let took = 0;
	// Warm up, and find how many calls make a round.
	while (took < ROUND_MS / 2) {
		times *= 2;
		const began = performance.now();
		calls(times);
		took = performance.now() - began;
	}
	times = Math.max(count, Math.round((times * ROUND_MS) / took));
	const rounds = Array.from({ length: ROUNDS }, () => {
		const began = performance.now();
		calls(times);
		return ((performance.now() - began) * 1e6) / times;
	});
	return summed("ns", rounds);
}

/** Milliseconds for the whole. */
function measureWhole(operation: () => number): Result {
	const rounds = Array.from({ length: HEAVY_ROUNDS }, () => {
		const began = performance.now();
		sink += operation();
		return performance.now() - began;
	});
	return summed("ms", rounds);
}

const machine = machineLine();
const results: Record<string, Result> = {};
const folder = mkdtempSync(join(tmpdir(), "cordon-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function take(name: string, result: Result): void {
	results[name] = result;
	process.stderr.write(`${name}: ${result.median.toFixed(1)} ${result.unit}\n`);
}

const blocked = blockedDomains(DOMAINS);
const some = [...blocked]
	.filter((_, i) => i % Math.max(1, Math.floor(DOMAINS / NAMES)) === 0)
	.slice(0, NAMES);
const good = goodNames(NAMES, blocked);
const deep = some.map((name) => `a.b.c.${name}`);
const path = new NullPath();

const parts = buildParts(blocked);
const memory = joined(parts);
const node = new BenchNode(memory);
const { index, walk, cache, gate, policy, counters } = node;

const plain = good.map((name) => packetFor(name, false));
const edns = good.map((name) => packetFor(name, true));
const query = readQueryOf(plain[0], path);
take(
	"readQuery, plain",
	measure(plain.length, (i) => readQuery(query, plain[i], 0, plain[i].length) + query.type),
);
take(
	"readQuery, EDNS",
	measure(edns.length, (i) => readQuery(query, edns[i], 0, edns[i].length) + query.ednsSize),
);

const goodNamesHashed = good.map(hashed);
take(
	"hashSuffixes",
	measure(goodNamesHashed.length, (i) => {
		hashSuffixes(goodNamesHashed[i], SEED);
		return goodNamesHashed[i].hashes[0];
	}),
);

for (const [what, names] of [
	["hit, exact name", some.map(hashed)],
	["hit, three labels below", deep.map(hashed)],
	["miss", goodNamesHashed],
] as const)
	take(
		`find: ${what}`,
		measure(names.length, (i) => index.find(names[i])),
	);

const blockedQueries = some.map((name) => readQueryOf(packetFor(name, true), path));
const { answer } = path;
const reply = (asked: Query) => {
	finishReply(answer, asked, UDP_MAX);
	return answer.length;
};
take(
	"blocked reply: check, finishReply",
	measure(blockedQueries.length, (i) => policy.check(blockedQueries[i], answer) + reply(blockedQueries[i])),
);

const goodQueries = edns.map((packet) => readQueryOf(packet, path));
const response = new Response();
const responses = plain.map(responseFor);
const now = node.round.now;
const put = (i: number) => {
	const asked = goodQueries[i];
	const message = responses[i];
	const questionEnd = asked.questionEnd;
	if (!readResponse(response, message, 0, message.length, questionEnd, asked.type))
		throw new Error("the bench made no good response");
	if (followChain(response) !== undefined || !trimResponse(response, false))
		throw new Error("the bench made no answer");
	const { name, type } = asked;
	const question = {
		name: name.bytes,
		nameAt: 0,
		nameLength: name.length,
		nameHash: name.hashes[0],
		type,
		bits: bitsOf(asked),
	};
	return cache.put(question, keyOf(asked), response, now).recordBytes;
};
take("cache put: readResponse, put", measure(goodQueries.length, put));
for (let i = 0; i < goodQueries.length; i++) put(i);
take(
	"cache hit: get, writeCached, finishReply",
	measure(goodQueries.length, (i) => {
		const asked = goodQueries[i];
		const entry = cache.look(asked, keyOf(asked), now);
		if (entry === undefined) throw new Error("the cache of the bench is too small");
		writeCached(answer, asked, entry, now + 5000);
		return reply(asked);
	}),
);
take(
	"gate check",
	measure(goodQueries.length, (i) => (gate.check(goodQueries[i], answer) ? 1 : 0)),
);
take(
	"counters: one query and its answer",
	measure(1, (i) => {
		counters.query(0, 1);
		counters.response(0, 0);
		counters.blocked(1, 0, 0);
		counters.add("packetsReceived", 1);
		return i;
	}),
);

const ring = createRing(1 << 20);
const records = new RingReader(ring);
const ignored = () => {};
for (const recorder of [undefined, node.recorderTo(ring)]) {
	walk.recorder = recorder;
	for (const [what, packets] of [
		["blocked", blockedQueries.map(({ message }) => message)],
		["cached", edns],
	] as const) {
		const asked = readQueryOf(edns[0], path);
		take(
			`whole walk${recorder === undefined ? "" : ", recorded"}: ${what}`,
			measure(packets.length, (i) => {
				const fault = readQuery(asked, packets[i], 0, packets[i].length);
				asked.receivedAt = now;
				asked.allowed = false;
				walk.run(asked, fault);
				// As often as the scribe would, so that the ring is never full.
				if (recorder !== undefined && i % 1024 === 0) records.read(ignored, 1 << 20);
				return path.answer.length;
			}),
		);
	}
}
walk.recorder = undefined;

/** Changes since the blocklist was compiled, as many as there are before it is compiled anew. */
const CHANGES = 20_000;
const overlay = OverlayWriter.create(CHANGES, SEED, 0);
for (let i = 0; i < CHANGES; i++) overlay.set(`changed${i}.example`, NO_RULING, NO_RULING);
const changed = new BlocklistIndex(memory, overlay);
take(
	"find: miss, under 20,000 changes of the pool",
	measure(goodNamesHashed.length, (i) => changed.find(goodNamesHashed[i])),
);
take(
	"a change of the pool: OverlayWriter.set",
	measure(some.length, (i) => Number(overlay.set(`changed${i}.example`, 1, 1))),
);

const names = [...blocked];
take(
	"build the index",
	measureWhole(() => buildParts(names).length),
);
const snapshot = join(folder, "blocklist.snapshot");
const about = { recipe: "", compiledAt: 0, lists: [] };
take(
	"write the snapshot",
	measureWhole(() => {
		writeSnapshot(snapshot, parts, about);
		return parts.length;
	}),
);
take(
	"load the snapshot",
	measureWhole(() => {
		const loaded = readSnapshot(snapshot, () => memory);
		return loaded === undefined ? 0 : new BlocklistIndex(loaded.memory).bytes;
	}),
);
take("size of the index", summed("bytes", [index.bytes]));

if (!Number.isFinite(sink)) throw new Error("something did not give a number");
process.stdout.write(`\n${DOMAINS} domains, ${NAMES} names, ${machine}\n\n${table(results)}`);
if (options.smoke) process.stdout.write("\nA smoke run: none of these numbers means anything.\n");
else if (options.write) process.stdout.write(`\nwritten to ${write(results, machine)}\n`);
// Timers of the modules measured must not keep the bench alive.
process.exit(0);
