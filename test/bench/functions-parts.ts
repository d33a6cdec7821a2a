/** What the functions are measured on: an index, queries, responses, and a walk without sockets. */
import { BlocklistBuilder } from "../../src/blocklist/builder.ts";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { configSchema } from "../../src/config/schema.ts";
import { toSettings } from "../../src/config/settings.ts";
import { FIRST_CONFIGURED_LIST } from "../../src/config/vocabulary.ts";
import { Counters } from "../../src/observe/counters.ts";
import { Observer } from "../../src/observe/observer.ts";
import { Recorder } from "../../src/observe/recorder.ts";
import { RingWriter } from "../../src/observe/ring.ts";
import { WallClock } from "../../src/observe/wall-clock.ts";
import { Answer } from "../../src/resolve/answer.ts";
import { AnswerCache } from "../../src/resolve/cache.ts";
import { Gate } from "../../src/resolve/gate.ts";
import { Local } from "../../src/resolve/local.ts";
import { Options } from "../../src/resolve/options.ts";
import { Policy } from "../../src/resolve/policy.ts";
import { type Asker, Query, type ReturnPath } from "../../src/resolve/query.ts";
import { Remit } from "../../src/resolve/remit.ts";
import { Walk } from "../../src/resolve/walk.ts";
import { Round } from "../../src/sockets/round.ts";
import { DomainName, hashSuffixes, nameFromText } from "../../src/wire/name.ts";
import { readQuery } from "../../src/wire/query.ts";
import { finishReply } from "../../src/wire/reply.ts";
import { query, wildcardReply } from "./packet.ts";

export const SEED = 0x1234_5678;
export const UDP_MAX = 1232;
const EDNS = Buffer.from([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);

/** Takes the answers and lets them go; finishes them as a listener would. */
export class NullPath implements ReturnPath {
	readonly clientPort = 0;
	readonly answer = new Answer();
	/** Summed up, so that no answer was in vain. */
	bytes = 0;

	constructor() {
		this.answer.bytes = new Uint8Array(65_536);
		this.answer.limit = 4096;
	}

	keep(): ReturnPath {
		return this;
	}

	open(): Answer {
		return this.answer;
	}

	commit(asker: Asker, answer: Answer): void {
		finishReply(answer, asker, UDP_MAX);
		this.bytes += answer.length;
	}
}

/** A query packet as a client sends it, with EDNS if wanted. */
export function packetFor(name: string, edns: boolean): Buffer {
	const plain = query(0x1234, name);
	if (!edns) return plain;
	const packet = Buffer.concat([plain, EDNS]);
	packet[11] = 1;
	return packet;
}

export function readQueryOf(packet: Buffer, path: ReturnPath): Query {
	const asked = new Query(packet, path);
	asked.addressBytes = Uint8Array.of(127, 0, 0, 1);
	if (readQuery(asked, packet, 0, packet.length) !== 0) throw new Error("the bench made no good query");
	hashSuffixes(asked.name, SEED);
	return asked;
}

export function hashed(name: string): DomainName {
	const domain = new DomainName();
	domain.assign(nameFromText(name) ?? new Uint8Array(1));
	hashSuffixes(domain, SEED);
	return domain;
}

/** The response of the authority of the other benches: one A record. */
export function responseFor(packet: Buffer): Buffer {
	const response = wildcardReply(packet);
	if (response === undefined) throw new Error("the bench made no good query");
	return response;
}

export function buildParts(domains: Iterable<string>): Uint8Array[] {
	const builder = new BlocklistBuilder(SEED, 1);
	let line = 0;
	for (const name of domains)
		builder.add(
			{ name, scope: "subtree", action: "block" },
			{ list: FIRST_CONFIGURED_LIST, kind: "block" },
			++line,
		);
	return builder.finish();
}

/** Everything of a worker but its sockets. */
export class BenchNode {
	readonly counters = new Counters(Counters.create());
	readonly round = new Round();
	readonly policy = new Policy();
	readonly cache: AnswerCache;
	readonly gate: Gate;
	readonly local: Local;
	readonly observer = new Observer(this.counters);
	readonly walk: Walk;
	readonly index: BlocklistIndex;

	constructor(memory: SharedArrayBuffer) {
		const config = configSchema.parse({ lists: [{ name: "bench", url: "https://lists.example/" }] });
		const settings = toSettings(config, 1);
		this.index = new BlocklistIndex(memory);
		this.policy.use(settings.blocking);
		this.policy.swap({ memory, overlay: undefined, hits: undefined });
		this.cache = new AnswerCache(settings.cache, 1, this.counters);
		this.gate = new Gate(settings.access);
		this.local = new Local(settings.local, settings.upstreams.zones, SEED);
		this.walk = new Walk({
			gate: this.gate,
			local: this.local,
			options: new Options(settings.listen, this.counters),
			remit: new Remit({ ...settings.listen, ...settings.access }),
			policy: this.policy,
			cache: this.cache,
			observer: this.observer,
			round: this.round,
			seed: SEED,
		});
	}

	/** What the query log wants by default. */
	recorderTo(ring: SharedArrayBuffer): Recorder {
		const wanted = { upstreamNames: [], vias: 0xff, sample: 1, withRecords: false };
		return new Recorder(wanted, new RingWriter(ring), this.counters, new WallClock());
	}
}
