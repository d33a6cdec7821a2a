/** One worker's resolver: every part of the walk, put together. */
import type { SharedBlocklist } from "../blocklist/shared-blocklist.ts";
import type { AccessSettings } from "../config/access-settings.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import type { Settings } from "../config/settings.ts";
import { Counters } from "../observe/counters.ts";
import { Observer } from "../observe/observer.ts";
import { TapPoint } from "../observe/tap.ts";
import { AnswerCache } from "../resolve/cache.ts";
import { ClientCounts } from "../resolve/client-counts.ts";
import type { Flush } from "../resolve/flush.ts";
import { Forward } from "../resolve/forward.ts";
import { Gate } from "../resolve/gate.ts";
import { Local } from "../resolve/local.ts";
import { Options } from "../resolve/options.ts";
import { Policy } from "../resolve/policy.ts";
import type { Query } from "../resolve/query.ts";
import type { RateLimits } from "../resolve/rate-limits.ts";
import { Remit } from "../resolve/remit.ts";
import type { Subnets } from "../resolve/subnets.ts";
import { Waiting } from "../resolve/waiting.ts";
import { Walk } from "../resolve/walk.ts";
import { Round } from "../sockets/round.ts";
import { RandomNumbers } from "../upstream/random.ts";
import type { Report } from "../upstream/upstream.ts";
import type { Engine } from "./engine.ts";
import { createEngine } from "./engines.ts";
import type { Recording, WorkerStart } from "./messages.ts";
import { type AllUpstreams, createUpstreams } from "./outward.ts";
import { Records } from "./records.ts";
import { Validating } from "./validating.ts";

/** Questions to upstreams that a new configuration no longer names may still be answered for so long. */
const FAREWELL_MS = 10_000;

export class Resolver {
	readonly round: Round;
	readonly counters: Counters;
	readonly engine: Engine;
	/** Where dnstap taps in. */
	readonly tapPoint: TapPoint;
	readonly #policy: Policy;
	readonly #walk: Walk;
	readonly #cache: AnswerCache;
	readonly #forward: Forward;
	readonly #random: RandomNumbers;
	readonly #waiting: Waiting;
	readonly #start: WorkerStart;
	/** Undefined: no rate is limited. */
	#rates: RateLimits | undefined;
	#access: AccessSettings;
	readonly #report: Report;
	/** What clients' subnets mean, as it was configured. */
	#clientSubnet = "";
	#upstreams: AllUpstreams;
	/** Of configurations before this one, while the last answers may come. */
	readonly #leaving = new Set<AllUpstreams>();
	/** What they were made from. */
	#outward: string;
	/** The zones among them. */
	#zones: string;
	readonly #validating: Validating;
	readonly #records: Records;
	readonly #flushUpstreams = () => this.#upstreams.flush();

	/** `report`: to the log of the process, as a warning. */
	static async create(start: WorkerStart, report: Report): Promise<Resolver> {
		const round = new Round();
		const random = new RandomNumbers();
		const counters = new Counters(start.counters);
		// The walk is made after the engine, which needs a way into it.
		const entry: { run: (query: Query, fault: number) => void } = { run: () => {} };
		const run = (query: Query, fault: number) => entry.run(query, fault);
		const tapPoint = new TapPoint();
		const engine = await createEngine(start.engine, { run, round, counters, random, tapPoint });
		const resolver = new Resolver(start, engine, round, random, counters, tapPoint, report);
		entry.run = (query, fault) => resolver.#walk.run(query, fault);
		await resolver.#limitRates(start.settings.access);
		await resolver.#useSubnets(start.settings);
		await resolver.#validating.use(start.settings);
		return resolver;
	}

	private constructor(
		start: WorkerStart,
		engine: Engine,
		round: Round,
		random: RandomNumbers,
		counters: Counters,
		tapPoint: TapPoint,
		report: Report,
	) {
		const { settings, seed } = start;
		this.#start = start;
		this.#access = settings.access;
		this.#report = report;
		this.engine = engine;
		this.round = round;
		this.#random = random;
		this.counters = counters;
		this.tapPoint = tapPoint;
		const observer = new Observer(counters);
		this.#policy = new Policy();
		this.#policy.use(settings.blocking);
		this.#policy.swap(start.blocklist);
		this.#cache = new AnswerCache(settings.cache, start.workers, counters);
		const counts = new ClientCounts(start.limits.waiting, start.number, start.workers, seed);
		this.#waiting = new Waiting(counts, settings.access);
		this.#walk = new Walk({
			gate: new Gate(settings.access),
			local: this.#createLocal(settings),
			options: optionsOf(settings, counters),
			remit: remitOf(settings),
			policy: this.#policy,
			cache: this.#cache,
			observer,
			round,
			seed,
		});
		this.#outward = outwardOf(settings, start.upstreamSlots);
		this.#zones = JSON.stringify(settings.upstreams.zones);
		this.#upstreams = this.#createUpstreams(settings, start.upstreamSlots);
		this.#forward = new Forward(this.#upstreams, settings.upstreams.maxInFlight, {
			walk: this.#walk,
			cache: this.#cache,
			policy: this.#policy,
			counters,
			round,
			seed,
			waiting: this.#waiting,
		});
		this.#records = new Records(counters, tapPoint);
		this.record(start.recording);
		this.#walk.forward = this.#forward;
		this.#forward.patienceMs = patienceOf(settings);
		this.#validating = new Validating(this.#upstreams, {
			forward: this.#forward,
			cache: this.#cache,
			counters,
			round,
			report,
		});
		round.onEnd(this.#flushUpstreams);
		round.onEnd(() => observer.roundEnded());
		setInterval(() => this.#cache.report(), 1000).unref();
	}

	get run(): (query: Query, fault: number) => void {
		return (query, fault) => this.#walk.run(query, fault);
	}

	/** `blocking`: the settings that the list numbers of the index belong to, when they changed along with it. */
	swap(blocklist: SharedBlocklist, blocking?: BlockingSettings): void {
		if (blocking !== undefined) this.#policy.use(blocking);
		this.#policy.swap(blocklist);
	}

	/** A larger overlay of the blocklist in use. */
	lay(overlay: SharedArrayBuffer): void {
		this.#policy.lay(overlay);
	}

	/** Another configuration; sockets, cache and flights stay. Resolves when what it needs has been loaded. */
	async use(settings: Settings, upstreamSlots: readonly number[], workers: number): Promise<void> {
		this.#walk.gate = new Gate(settings.access);
		this.#waiting.use(settings.access, workers);
		const limited = this.#limitRates(settings.access);
		this.#walk.options = optionsOf(settings, this.counters);
		const subnets = this.#useSubnets(settings);
		this.#walk.remit = remitOf(settings);
		this.#walk.local = this.#createLocal(settings);
		this.#policy.use(settings.blocking);
		this.#cache.use(settings.cache, workers);
		this.#forward.mostInFlight = settings.upstreams.maxInFlight;
		this.#forward.patienceMs = patienceOf(settings);
		const outward = outwardOf(settings, upstreamSlots);
		// The same upstreams keep what is known of their health and speed.
		if (outward !== this.#outward) this.#turnTo(settings, upstreamSlots, outward);
		await this.#validating.use(settings);
		await limited;
		await subnets;
	}

	#turnTo(settings: Settings, upstreamSlots: readonly number[], outward: string): void {
		this.#outward = outward;
		// What one server said of a name must not pass for the word of another.
		const zones = JSON.stringify(settings.upstreams.zones);
		if (zones !== this.#zones) this.#cache.clear();
		this.#zones = zones;
		const old = this.#upstreams;
		this.#upstreams = this.#createUpstreams(settings, upstreamSlots);
		this.#validating.turnTo(this.#upstreams);
		const flushOld = () => old.flush();
		this.round.onEnd(flushOld);
		this.#leaving.add(old);
		setTimeout(() => {
			this.round.offEnd(flushOld);
			this.#leaving.delete(old);
			old.close();
		}, FAREWELL_MS).unref();
	}

	/** What is written down of each question from now on. */
	record(recording: Recording | undefined): void {
		this.#walk.recorder = this.#records.use(recording);
	}

	/** @returns how many cached answers were forgotten. */
	flush(flush: Flush): number {
		return this.#cache.flush(flush);
	}

	close(): void {
		this.#forward.close();
		this.#upstreams.close();
		for (const old of this.#leaving) old.close();
		this.engine.close();
	}

	/** Whom the limits of rates have met since the last call, by the key that limits. */
	takeLimited(): ReturnType<RateLimits["take"]> {
		return this.#rates?.take() ?? [];
	}

	async #limitRates(access: AccessSettings): Promise<void> {
		this.#access = access;
		this.#walk.discardAfter = access.discardAfterMs === 0 ? Number.POSITIVE_INFINITY : access.discardAfterMs;
		this.#rates = undefined;
		if (access.rateLimit !== undefined || access.responseRateLimit !== undefined) {
			const { RateLimits } = await import("../resolve/rate-limits.ts");
			// Yet another configuration may have come meanwhile.
			if (this.#access !== access) return;
			this.#rates = new RateLimits(access, this.#start.limits, this.counters, this.#start.seed);
		}
		this.#walk.clientRates = this.#rates?.clients;
		this.#walk.responseRates = this.#rates?.responses;
	}

	/** What is known of subnets stays over a reload that changes nothing of them. */
	async #useSubnets({ upstreams }: Settings): Promise<void> {
		const never = upstreams.zones.flatMap(({ names }) => names);
		const wanted = JSON.stringify([upstreams.clientSubnet, never]);
		if (wanted === this.#clientSubnet) return;
		this.#clientSubnet = wanted;
		let subnets: Subnets | undefined;
		if (upstreams.clientSubnet.mode !== "off") {
			const { Subnets } = await import("../resolve/subnets.ts");
			// Yet another configuration may have come meanwhile.
			if (this.#clientSubnet !== wanted) return;
			subnets = new Subnets(upstreams.clientSubnet, never, this.#cache, this.#start.seed);
		}
		this.#walk.subnets = subnets;
		this.#forward.subnets = subnets;
	}

	#createLocal({ local, upstreams }: Settings): Local {
		return new Local(local, upstreams.zones, this.#start.seed);
	}

	#createUpstreams({ upstreams }: Settings, slots: readonly number[]): AllUpstreams {
		return createUpstreams(upstreams, slots, {
			createUdp: this.engine.carrier.bind(this.engine),
			counters: this.counters,
			round: this.round,
			random: this.#random,
			tapPoint: this.tapPoint,
			report: this.#report,
			keeps: (name) => this.#walk.local.keeps(name),
			seed: this.#start.seed,
		});
	}
}

function patienceOf({ cache }: Settings): number {
	return cache.staleMaxAgeMs === 0 ? Number.POSITIVE_INFINITY : cache.staleAfterMs;
}

function remitOf({ listen, access }: Settings): Remit {
	return new Remit({ ...listen, ...access });
}

function optionsOf({ listen, upstreams }: Settings, counters: Counters): Options {
	return new Options(listen, counters, upstreams.clientSubnet.mode !== "off");
}

/** Whether two settings name the same upstreams, asked in the same way. */
function outwardOf(settings: Settings, slots: readonly number[]): string {
	return JSON.stringify([settings.upstreams, slots]);
}
