/**
 * The numbers of one worker, in memory it shares with the main thread: the worker alone writes, a scrape only
 * reads, so that neither waits for the other. Each is one aligned 64-bit float, which is never seen half written.
 */
import { VIAS } from "../config/vocabulary.ts";
import { DROPPED, QTYPE_SLOT, QTYPES, RCODE_SLOT, RCODES } from "./code-slots.ts";

export { VIAS, type Via } from "../config/vocabulary.ts";

export const TRANSPORTS = ["udp", "tcp"] as const;
export const BLOCK_ACTIONS = [
	"zero-ip",
	"nxdomain",
	"nodata",
	"refused",
	"drop",
	"custom",
	"tcp-only",
	"data",
] as const;
/** Why a question is blocked: its own name, or what its answer leads to. */
export const BLOCK_REASONS = ["name", "alias", "service", "hint", "address", "rebinding"] as const;
/** What is limited: questions of a client, answers to a network, questions of a client that wait, answers that come late. */
export const LIMITS = ["client", "response", "waiting", "late"] as const;
export const LIMIT_ACTIONS = ["refused", "failed", "truncated", "dropped", "sent", "logged"] as const;
export const CATEGORY_SLOTS = 16;

/** Upper bounds of the duration histograms, in seconds; one more bucket follows for everything slower. */
export const DURATION_BOUNDS = [
	0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
] as const;
const BUCKETS = DURATION_BOUNDS.length + 1;

export type Limit = (typeof LIMITS)[number];
export type LimitAction = (typeof LIMIT_ACTIONS)[number];
export type BlockReason = (typeof BLOCK_REASONS)[number];
export type BlockAction = (typeof BLOCK_ACTIONS)[number];

/** Upstreams counted one by one; the configuration may not name more. */
export const MAX_UPSTREAMS = 32;

/** What is counted once for a worker, in the order it lies in memory. */
export const WORKER_NUMBERS = [
	"packetsReceived",
	"packetsMalformed",
	"repliesUnsent",
	"tcpAccepted",
	"tcpRefused",
	"tcpOpen",
	"tcpMadeRoom",
	"tcpOverfull",
	"tcpHeldBytes",
	"cacheHits",
	"cacheMisses",
	"cacheInserts",
	"cacheEvictions",
	"cachePrefetches",
	"cacheEntries",
	"cacheBytes",
	"flightsOpen",
	"flightsJoined",
	"flightsShed",
	"askersWaiting",
	"cookiesClient",
	"cookiesValid",
	"cookiesBad",
	"cookiesMalformed",
	"unusableLoop",
	"unusableLong",
	"unusableAliases",
	"unusableClass",
	"unusableLarge",
	"dnssecSecure",
	"dnssecInsecure",
	"dnssecBogus",
	"dnssecIndeterminate",
	"dnssecOverBudget",
	"dnssecSignatures",
	"dnssecLookups",
	"queryLogRingFull",
	"dnstapRingFull",
] as const;
export type WorkerNumber = (typeof WORKER_NUMBERS)[number];

/** Those that say how much there is now, not how much there was in all. */
const WORKER_LEVELS: readonly WorkerNumber[] = [
	"tcpOpen",
	"cacheEntries",
	"cacheBytes",
	"flightsOpen",
	"askersWaiting",
];

/** What is counted for each upstream. `up` is 1 or 0. */
export const UPSTREAM_NUMBERS = [
	"queries",
	"answers",
	"timeouts",
	"networkErrors",
	"serverFailures",
	"strangers",
	"tcpRetries",
	"wrongIds",
	"wrongQuestions",
	"wrongCases",
	"wrongCookies",
	"wrongSubnets",
	"caseExemptions",
	"badCookies",
	"up",
] as const;
export type UpstreamNumber = (typeof UPSTREAM_NUMBERS)[number];

const QUERIES = 0;
const RESPONSES = QUERIES + TRANSPORTS.length * QTYPES.length;
const BLOCKED = RESPONSES + VIAS.length * RCODES.length;
const LOGGED = BLOCKED + CATEGORY_SLOTS * BLOCK_ACTIONS.length;
const REASONS = LOGGED + CATEGORY_SLOTS;
const LIMITED = REASONS + BLOCK_REASONS.length;
const DURATIONS = LIMITED + LIMITS.length * LIMIT_ACTIONS.length;
const DURATION_SUMS = DURATIONS + VIAS.length * BUCKETS;
const NUMBERS = DURATION_SUMS + VIAS.length;
const NUMBER_AT = Object.fromEntries(WORKER_NUMBERS.map((name, i) => [name, NUMBERS + i])) as Record<
	WorkerNumber,
	number
>;
const UPSTREAM_AT = Object.fromEntries(UPSTREAM_NUMBERS.map((name, i) => [name, i])) as Record<
	UpstreamNumber,
	number
>;
const UPSTREAMS = NUMBERS + WORKER_NUMBERS.length;
const UPSTREAM_SIZE = UPSTREAM_NUMBERS.length + BUCKETS + 1;
const SLOTS = UPSTREAMS + MAX_UPSTREAMS * UPSTREAM_SIZE;

function bucketOf(seconds: number): number {
	let bucket = 0;
	while (bucket < DURATION_BOUNDS.length && seconds > DURATION_BOUNDS[bucket]) bucket++;
	return bucket;
}

/** A histogram as counted: how many fell into each bucket (not summed up), and the sum of all seconds. */
export interface DurationCounts {
	readonly buckets: readonly number[];
	readonly sum: number;
}

export class Counters {
	static readonly bytes = SLOTS * Float64Array.BYTES_PER_ELEMENT;
	readonly #slots: Float64Array;

	constructor(memory: SharedArrayBuffer) {
		this.#slots = new Float64Array(memory);
	}

	static create(): SharedArrayBuffer {
		return new SharedArrayBuffer(Counters.bytes);
	}

	/** `transport`: index into TRANSPORTS. `qtype`: the number on the wire. */
	query(transport: number, qtype: number): void {
		this.#slots[QUERIES + transport * QTYPES.length + QTYPE_SLOT[qtype]]++;
	}

	/** `via`: index into VIAS. `rcode`: the number on the wire, or -1 when nothing was sent. */
	response(via: number, rcode: number): void {
		const slot = rcode < 0 ? DROPPED : RCODE_SLOT[rcode & 31];
		this.#slots[RESPONSES + via * RCODES.length + slot]++;
	}

	/** `category`: its index in the configuration's list of categories. `action`, `reason`: into BLOCK_ACTIONS, BLOCK_REASONS. */
	blocked(category: number, action: number, reason: number): void {
		this.#slots[REASONS + reason]++;
		this.#slots[BLOCKED + category * BLOCK_ACTIONS.length + action]++;
	}

	/** `category` as for `blocked`. */
	logged(category: number): void {
		this.#slots[LOGGED + category]++;
	}

	/** `limit`: index into LIMITS. `action`: index into LIMIT_ACTIONS. */
	limited(limit: number, action: number): void {
		this.#slots[LIMITED + limit * LIMIT_ACTIONS.length + action]++;
	}

	/** `count` answers of one kind that each took `seconds`. */
	duration(via: number, seconds: number, count: number): void {
		this.#slots[DURATIONS + via * BUCKETS + bucketOf(seconds)] += count;
		this.#slots[DURATION_SUMS + via] += seconds * count;
	}

	add(number: WorkerNumber, amount: number): void {
		this.#slots[NUMBER_AT[number]] += amount;
	}

	set(number: WorkerNumber, value: number): void {
		this.#slots[NUMBER_AT[number]] = value;
	}

	upstreamAdd(upstream: number, number: UpstreamNumber): void {
		this.#slots[this.#upstream(upstream) + UPSTREAM_AT[number]]++;
	}

	upstreamUp(upstream: number, up: boolean): void {
		this.#slots[this.#upstream(upstream) + UPSTREAM_AT.up] = up ? 1 : 0;
	}

	upstreamDuration(upstream: number, seconds: number): void {
		const at = this.#upstream(upstream) + UPSTREAM_NUMBERS.length;
		this.#slots[at + bucketOf(seconds)]++;
		this.#slots[at + BUCKETS] += seconds;
	}

	/**
	 * For the main thread, once the worker is gone: what it held open is gone with it, what it counted stays.
	 */
	retire(): void {
		for (const number of WORKER_LEVELS) this.set(number, 0);
		for (let upstream = 0; upstream < MAX_UPSTREAMS; upstream++) this.upstreamUp(upstream, false);
	}

	readQueries(transport: number, qtype: number): number {
		return this.#slots[QUERIES + transport * QTYPES.length + qtype];
	}

	readResponses(via: number, rcode: number): number {
		return this.#slots[RESPONSES + via * RCODES.length + rcode];
	}

	readBlocked(category: number, action: number): number {
		return this.#slots[BLOCKED + category * BLOCK_ACTIONS.length + action];
	}

	readReason(reason: number): number {
		return this.#slots[REASONS + reason];
	}

	readLogged(category: number): number {
		return this.#slots[LOGGED + category];
	}

	readLimited(limit: number, action: number): number {
		return this.#slots[LIMITED + limit * LIMIT_ACTIONS.length + action];
	}

	readDurations(via: number): DurationCounts {
		return this.#counts(DURATIONS + via * BUCKETS, DURATION_SUMS + via);
	}

	readNumber(number: WorkerNumber): number {
		return this.#slots[NUMBER_AT[number]];
	}

	readUpstream(upstream: number, number: UpstreamNumber): number {
		return this.#slots[this.#upstream(upstream) + UPSTREAM_AT[number]];
	}

	readUpstreamDurations(upstream: number): DurationCounts {
		const at = this.#upstream(upstream) + UPSTREAM_NUMBERS.length;
		return this.#counts(at, at + BUCKETS);
	}

	#counts(at: number, sum: number): DurationCounts {
		return { buckets: Array.from(this.#slots.subarray(at, at + BUCKETS)), sum: this.#slots[sum] };
	}

	#upstream(upstream: number): number {
		return UPSTREAMS + upstream * UPSTREAM_SIZE;
	}
}
