/** From what is said about domains to what is answered: verdicts, made anew for whatever was touched. */
import { setImmediate as breathe } from "node:timers/promises";
import type { BlocklistIndex } from "../../blocklist/index.ts";
import type { SnapshotAbout } from "../../blocklist/snapshot.ts";
import { FIRST_CONFIGURED_LIST } from "../../config/vocabulary.ts";
import type { Judge } from "../../pool/judging.ts";
import type { Replica } from "../../pool/replica.ts";
import type { Verdict, VerdictSink } from "../../pool/verdict.ts";
import { DomainName, hashSuffixes, nameFromText } from "../../wire/name.ts";
import type { Overlays } from "./overlays.ts";

/** With so many names beside the compiled blocklist, it is compiled anew. */
const COMPILE_ABOVE = 20_000;
/** However much changes, it is not compiled more often than this. */
const COMPILE_EVERY_MS = 30_000;
/** Verdicts made before others on this thread have their turn. */
const SLICE = 1000;
/** Domains whose moments are asked for at once. */
const MOMENTS = 1_000_000;

export interface VerdictsParts {
	readonly replica: Replica;
	readonly judge: () => Judge;
	/** Milliseconds since the epoch, by the pool's clock. */
	readonly now: () => number;
	readonly overlays: Overlays;
	/** The blocklist in use. */
	readonly index: () => BlocklistIndex | undefined;
	readonly recompile: () => Promise<void>;
}

type Following = "block" | "log-only" | undefined;

export class Verdicts {
	readonly #parts: VerdictsParts;
	#block = 0;
	#logOnly = 0;
	#compiledAt = Number.NEGATIVE_INFINITY;
	#timer: NodeJS.Timeout | undefined;
	/** The blocklist whose overlay is being filled: the counts are those of this one already. */
	#filling: BlocklistIndex | undefined;
	#isClosed = false;

	constructor(parts: VerdictsParts) {
		this.#parts = parts;
	}

	/** Domains by what follows here. */
	get counts(): { readonly block: number; readonly logOnly: number } {
		return { block: this.#block, logOnly: this.#logOnly };
	}

	async touched(domains: readonly string[]): Promise<void> {
		const { overlays } = this.#parts;
		for (const [i, domain] of domains.entries()) {
			if (i % SLICE === SLICE - 1) await breathe();
			if (domain === "") continue;
			const verdict = this.#judge(domain);
			this.#count(followingFrom(this.#standing(), domain), -1);
			overlays.set(domain, verdict);
			this.#count(followingOf(verdict), 1);
		}
		if (overlays.size > COMPILE_ABOVE) this.compileSoon();
	}

	/** All domains of which a member speaks: whether they count has changed. */
	async spokenOfBy(speaks: (records: ReturnType<Replica["read"]>) => boolean): Promise<void> {
		let found: string[] = [];
		for (const { domain, records } of this.#parts.replica.domains()) {
			if (speaks(records)) found.push(domain);
			if (found.length < SLICE) continue;
			await this.touched(found);
			found = [];
			await breathe();
		}
		await this.touched(found);
	}

	/** Compiles anew, but not again and again. */
	compileSoon(): void {
		if (this.#timer !== undefined || this.#isClosed) return;
		const wait = Math.max(0, this.#compiledAt + COMPILE_EVERY_MS - performance.now());
		this.#timer = setTimeout(() => {
			void this.#parts.recompile().finally(() => {
				this.#compiledAt = performance.now();
				this.#timer = undefined;
			});
		}, wait);
		this.#timer.unref();
	}

	/**
	 * Fills the overlay of a blocklist that is about to be used with all that has changed since it was judged.
	 *
	 * @param compiled that blocklist, without an overlay.
	 */
	async fill(sink: VerdictSink, about: SnapshotAbout, compiled: BlocklistIndex): Promise<void> {
		const { replica, now } = this.#parts;
		const { seq, judgedAt, block, logOnly } = about.pool ?? { seq: 0, judgedAt: 0, block: 0, logOnly: 0 };
		const touched = replica.touched().filter((one) => one.seq > seq);
		const moments = judgedAt < now() ? replica.moments(judgedAt, now(), MOMENTS) : [];
		this.#block = block;
		this.#logOnly = logOnly;
		this.#filling = compiled;
		let done = 0;
		for (const domain of new Set([...touched.map((one) => one.domain), ...moments])) {
			if (++done % SLICE === 0) await breathe();
			if (domain === "") continue;
			const verdict = this.#judge(domain);
			this.#count(followingFrom(this.#standing(), domain), -1);
			sink.set(domain, verdict);
			this.#count(followingOf(verdict), 1);
		}
	}

	/** The blocklist that was filled is in use now. */
	adopted(): void {
		this.#filling = undefined;
	}

	close(): void {
		this.#isClosed = true;
		clearTimeout(this.#timer);
	}

	/** What says how a domain is counted at present. */
	#standing(): BlocklistIndex | undefined {
		if (this.#filling === undefined) return this.#parts.index();
		this.#filling.overlay = this.#parts.overlays.next;
		return this.#filling;
	}

	#judge(domain: string): Verdict {
		const { replica, judge, now } = this.#parts;
		return judge().verdict(domain, replica.read(domain), now());
	}

	#count(following: Following, by: number): void {
		if (following === "block") this.#block += by;
		else if (following === "log-only") this.#logOnly += by;
	}
}

function followingOf({ exact, subtree }: Verdict): Following {
	if (exact?.action === "block" || subtree?.action === "block") return "block";
	return exact === undefined && subtree === undefined ? undefined : "log-only";
}

/** What a blocklist says in the pool's name of exactly this domain. */
function followingFrom(index: BlocklistIndex | undefined, domain: string): Following {
	const wire = index === undefined ? undefined : nameFromText(domain);
	if (index === undefined || wire === undefined) return undefined;
	const name = new DomainName();
	name.assign(wire);
	hashSuffixes(name, index.seed);
	let following: Following;
	for (const entry of index.findAll(name)) {
		if (entry.name !== domain || entry.list === 0 || entry.list >= FIRST_CONFIGURED_LIST) continue;
		if (entry.action === "block") return "block";
		following = "log-only";
	}
	return following;
}
