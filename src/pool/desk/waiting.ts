import { decodeContribution, decodeDispute } from "../codec.ts";
import type { Dispute } from "../contribution.ts";
import type { HeldEntry } from "../desk.ts";
import type { PoolRecord } from "../record.ts";
import { kindOf } from "../record-key.ts";
import { DomainCase, type DomainCaseParts } from "./domain-case.ts";
import { Turns } from "./turns.ts";

/** Domains looked at in a row: a few milliseconds. */
const SLICE = 1000;
const RELEASE_EVERY = 100_000;
/** So many are listed; the status counts all. */
const MOST_LISTED = 10_000;

interface Waits {
	readonly protected: number;
	readonly disputed: boolean;
}

/**
 * Domains about which something may wait for a person: few, found once among all and then kept up with what changes,
 * since asking about millions takes long.
 */
export class Waiting {
	readonly #parts: DomainCaseParts;
	readonly #domains = new Map<string, Waits>();
	/** One thing at a time, in the order in which it was asked for. */
	#work: Promise<void> = Promise.resolve();
	#protected = 0;
	#disputed = 0;
	#closed = false;

	constructor(parts: DomainCaseParts) {
		this.#parts = parts;
	}

	/** As of when each was last touched or listed. */
	get counts(): { readonly protected: number; readonly disputed: number } {
		return { protected: this.#protected, disputed: this.#disputed };
	}

	/** Looks at all there are: at first, when the replica was replaced, and when the guard changed. */
	scan(): Promise<void> {
		return this.#queue(async () => {
			const { replica } = this.#parts.desk;
			const turns = new Turns(SLICE);
			let seen = 0;
			for (const domain of [...this.#domains.keys()]) await this.#assessInTurn(domain, turns);
			for (const { domain, records } of replica.domains()) {
				if (turns.over()) await turns.next();
				if (this.#closed) return;
				if (++seen % RELEASE_EVERY === 0) replica.releasePages();
				// Read again: what the scan sees may be old by now.
				if (this.#mayWait(domain, records)) this.#assess(domain);
			}
			replica.releasePages();
		});
	}

	/** Something changed about these, or began or ceased to be valid. */
	touched(domains: Iterable<string>): Promise<void> {
		return this.#queue(() => this.#assessAll(domains));
	}

	/** Somebody's word counts more or less than before. */
	reassess(): Promise<void> {
		return this.#queue(() => this.#assessAll([...this.#domains.keys()]));
	}

	/** The oldest first. */
	async entries(): Promise<readonly HeldEntry[]> {
		const entries: HeldEntry[] = [];
		await this.#queue(async () => {
			const turns = new Turns(SLICE);
			for (const domain of [...this.#domains.keys()]) {
				const found = await this.#assessInTurn(domain, turns);
				if (entries.length < MOST_LISTED) entries.push(...(found?.entries() ?? []));
			}
		});
		return entries.sort((a, b) => a.since - b.since);
	}

	/** All that anybody disputes, decided or not, in the order of domains. */
	async disputes(): Promise<readonly Dispute[]> {
		const disputes: Dispute[] = [];
		await this.#queue(async () => {
			const turns = new Turns(SLICE);
			for (const domain of [...this.#domains.keys()].sort()) {
				if (turns.over()) await turns.next();
				for (const { key, value } of this.#parts.desk.replica.read(domain)) {
					const dispute = kindOf(key) === "dispute" ? decodeDispute(key, value) : undefined;
					if (dispute !== undefined) disputes.push(dispute);
				}
			}
		});
		return disputes;
	}

	/** Ends what is under way. The replica may be closed afterwards. */
	async close(): Promise<void> {
		this.#closed = true;
		await this.#work;
	}

	#queue(work: () => Promise<void>): Promise<void> {
		const done = this.#work.then(() => (this.#closed ? undefined : work()));
		this.#work = done.catch(() => {});
		return done;
	}

	async #assessAll(domains: Iterable<string>): Promise<void> {
		const turns = new Turns(SLICE);
		for (const domain of domains) await this.#assessInTurn(domain, turns);
	}

	async #assessInTurn(domain: string, turns: Turns): Promise<DomainCase | undefined> {
		if (turns.over()) await turns.next();
		return this.#closed ? undefined : this.#assess(domain);
	}

	/** @returns what is said about it, when something may wait. */
	#assess(domain: string): DomainCase | undefined {
		const before = this.#domains.get(domain);
		if (before !== undefined) {
			this.#protected -= before.protected;
			this.#disputed -= before.disputed ? 1 : 0;
		}
		if (!this.#mayWait(domain, this.#parts.desk.replica.read(domain))) {
			this.#domains.delete(domain);
			return undefined;
		}
		const found = new DomainCase(domain, this.#parts);
		const waits = { protected: found.waiting().length, disputed: found.isDisputed };
		this.#domains.set(domain, waits);
		this.#protected += waits.protected;
		this.#disputed += waits.disputed ? 1 : 0;
		return found;
	}

	/** Whether it has a dispute, or anything about a protected name. */
	#mayWait(domain: string, records: readonly PoolRecord[]): boolean {
		let contributed = false;
		for (const { key, value } of records) {
			const kind = kindOf(key);
			if (kind === "dispute") return true;
			if (kind !== "contribution") continue;
			contributed = true;
			if ((decodeContribution(key, value)?.approvalsNeeded ?? 0) > 0) return true;
		}
		return contributed && this.#parts.desk.guard().check(domain).kind === "protected";
	}
}
