/** A whole state that comes in, in any order, to take the place of the one that is there. */
import { setImmediate as breathe } from "node:timers/promises";
import type { PoolRecord, Position } from "../record.ts";
import { domainOf } from "../record-key.ts";
import type { ReplicaCounts, ReplicaReplacement } from "../replica.ts";
import { DiskFault } from "./environment.ts";
import { packed, unpacked } from "./packed-key.ts";
import { momentsOf, type Side } from "./side.ts";
import { type Entry, SortedRuns } from "./sorted-runs.ts";
import type { PoolState } from "./state.ts";
import { Tally } from "./tally.ts";

/** Entries of one transaction, and of one stretch of work without a pause. */
const STEP = 4000;

export class LmdbReplacement implements ReplicaReplacement {
	readonly #state: PoolState;
	readonly #releasePages: () => void;
	readonly #runs: SortedRuns;
	readonly #moments: SortedRuns;
	/** Of what was put, a key that came twice counted twice. */
	readonly #put = new Tally();
	#over = false;

	constructor(state: PoolState, releasePages: () => void) {
		this.#state = state;
		this.#releasePages = releasePages;
		this.#runs = new SortedRuns(state.environment.folder, "records");
		this.#moments = new SortedRuns(state.environment.folder, "moments");
	}

	get counts(): ReplicaCounts {
		const { contributions, byMember, members } = this.#put;
		return { contributions, byMember, members };
	}

	async put(records: readonly PoolRecord[]): Promise<void> {
		this.#assertGoing();
		this.#onDisk(() => {
			for (const { key, value } of records) {
				if (key === "") continue;
				this.#put.note(key, undefined, value);
				this.#runs.add(packed(key), value);
			}
		});
	}

	/** @param alongside what else is written in the same transaction in which this state takes the other's place. */
	async finish(
		position: Position,
		most: number,
		alongside: () => void = () => {},
	): Promise<readonly string[] | "many"> {
		this.#assertGoing();
		try {
			const tally = new Tally();
			const differing = await this.#fill(tally, most);
			this.#assertGoing();
			this.#state.switchSides(position, tally, differing, alongside);
			return differing;
		} finally {
			this.abandon();
		}
	}

	async drop(): Promise<void> {
		this.abandon();
	}

	/** What is under way rejects at its next step. */
	abandon(): void {
		if (this.#over) return;
		this.#over = true;
		this.#runs.drop();
		this.#moments.drop();
		this.#state.clearInactive(this.#releasePages);
	}

	/** Fills the other side, and compares it with the one that counts on the way. */
	async #fill(tally: Tally, most: number): Promise<readonly string[] | "many"> {
		const { inactive, active, environment } = this.#state;
		this.#state.clearInactive(this.#releasePages);
		const differing = new Differing(environment.range(active.records, { start: "\0" }), most);
		try {
			const records = await this.#append(inactive, "records", this.#runs.merged(), (entry) => {
				differing.next(entry);
				tally.note(unpacked(entry.key), undefined, entry.value);
				for (const moment of momentsOf(entry.key, entry.value)) this.#moments.add(moment, "");
			});
			this.#checkSize(inactive, "records", records);
			differing.end();
		} finally {
			differing.close();
		}
		this.#runs.drop();
		const moments = await this.#append(inactive, "moments", this.#moments.merged(), () => {});
		this.#checkSize(inactive, "moments", moments);
		return differing.domains;
	}

	/** @returns how many. */
	async #append(
		side: Side,
		table: "records" | "moments",
		entries: Generator<Entry>,
		also: (entry: Entry) => void,
	): Promise<number> {
		let count = 0;
		try {
			for (let more = true; more; ) {
				this.#assertGoing();
				const part: Entry[] = [];
				this.#onDisk(() => {
					while (part.length < STEP) {
						const next = entries.next();
						if (next.done === true) break;
						also(next.value);
						part.push(next.value);
					}
				});
				more = part.length === STEP;
				count += part.length;
				if (part.length > 0) {
					this.#state.environment.transact(() => {
						for (const { key, value } of part) side[table].putSync(key, value, APPEND);
					});
				}
				this.#releasePages();
				await breathe();
			}
		} finally {
			entries.return(undefined);
		}
		return count;
	}

	/** LMDB says nothing when what is appended is not in order. */
	#checkSize(side: Side, table: "records" | "moments", expected: number): void {
		const { entryCount } = side[table].getStats() as { entryCount?: number };
		if (entryCount !== expected) {
			throw new Error(`${entryCount} of ${expected} ${table} arrived in ${this.#state.environment.folder}`);
		}
	}

	#assertGoing(): void {
		this.#state.environment.assertOpen();
		if (this.#over) throw new Error("this replacement of the replica is over, or another one was begun");
	}

	#onDisk(work: () => void): void {
		try {
			work();
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (typeof code !== "string") throw error;
			throw new DiskFault(
				`cannot write to ${this.#state.environment.folder}: ${code}; see whether that disk is full, or failing`,
			);
		}
	}
}

// putSync takes a version where its types expect one, or these.
const APPEND = { append: true };

/** Walks the old state beside the new one. */
class Differing {
	readonly #old: Generator<Entry>;
	readonly #most: number;
	#head: Entry | undefined;
	#last: string | undefined;
	#domains: string[] | "many" = [];

	constructor(old: Generator<Entry>, most: number) {
		this.#old = old;
		this.#most = most;
		this.#advance();
	}

	get domains(): readonly string[] | "many" {
		return this.#domains;
	}

	/** The next entry of the new state. */
	next(entry: Entry): void {
		while (this.#head !== undefined && this.#head.key < entry.key) {
			this.#add(this.#head.key);
			this.#advance();
		}
		if (this.#head?.key !== entry.key) this.#add(entry.key);
		else {
			if (this.#head.value !== entry.value) this.#add(entry.key);
			this.#advance();
		}
	}

	end(): void {
		for (; this.#head !== undefined; this.#advance()) this.#add(this.#head.key);
	}

	close(): void {
		this.#head = undefined;
		this.#old.return(undefined);
	}

	#advance(): void {
		const next = this.#domains === "many" ? undefined : this.#old.next();
		this.#head = next === undefined || next.done === true ? undefined : next.value;
	}

	#add(key: string): void {
		const domain = domainOf(key);
		if (this.#domains === "many" || domain === this.#last) return;
		this.#last = domain;
		this.#domains.push(unpacked(domain));
		if (this.#domains.length > this.#most) this.#domains = "many";
	}
}
