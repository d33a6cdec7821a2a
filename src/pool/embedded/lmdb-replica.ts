/** The replica, in LMDB. */
import type { Change, PoolRecord, Position } from "../record.ts";
import type { Replica, ReplicaCounts, TouchedDomain } from "../replica.ts";
import { MOST_KEY_BYTES, packed, unpacked } from "./packed-key.ts";
import { LmdbReplacement } from "./replacement.ts";
import type { PoolState } from "./state.ts";

/** TAB, which ends the domain in a key, is the last before this: so it stands behind all records of a domain. */
const BEHIND = "\n";

/** Each edit reads three pages or more, with each of which Linux maps 64 KiB; they are given back after so many. */
const EDITS_PER_RELEASE = 256;

/**
 * Takes in whatever it is given under a key of 1 to 1024 bytes, even what means nothing. Methods throw, or reject with,
 * DiskFault when the disk is full or the replica is closed.
 */
export class LmdbReplica implements Replica {
	readonly #state: PoolState;
	readonly #releaseFilePages: (path: string) => void;
	#replacement: LmdbReplacement | undefined;
	#edits = 0;

	constructor(state: PoolState, releaseFilePages: (path: string) => void) {
		this.#state = state;
		this.#releaseFilePages = releaseFilePages;
	}

	get position(): Position | undefined {
		return this.#state.position;
	}

	get counts(): ReplicaCounts {
		return this.#state.counts;
	}

	get(key: string): string | undefined {
		if (key === "" || key.length > MOST_KEY_BYTES) return undefined;
		const name = packed(key);
		return name.length > MOST_KEY_BYTES ? undefined : this.#state.active.records.get(name);
	}

	read(domain: string): readonly PoolRecord[] {
		const name = domain.length > MOST_KEY_BYTES ? "" : packed(domain);
		if (name === "" || name.length >= MOST_KEY_BYTES) return [];
		return this.#between(`${name}\t`, name + BEHIND);
	}

	members(): readonly PoolRecord[] {
		return this.#between("\t", BEHIND);
	}

	*domains(after?: string): Generator<{ readonly domain: string; readonly records: readonly PoolRecord[] }> {
		const { environment, active } = this.#state;
		const start = (after === undefined ? "" : packed(after)) + BEHIND;
		let name = "";
		let records: PoolRecord[] = [];
		for (const { key, value } of environment.range(active.records, { start })) {
			const same = name !== "" && key.charCodeAt(name.length) === 0x09 && key.startsWith(name);
			if (!same) {
				const end = key.indexOf("\t");
				// Not a record of a domain.
				if (end <= 0) continue;
				if (records.length > 0) yield { domain: unpacked(name), records };
				name = key.slice(0, end);
				records = [];
			}
			records.push({ key: unpacked(key), value });
		}
		if (records.length > 0) yield { domain: unpacked(name), records };
	}

	/** Everything, in the order of keys, in pages. */
	*pages(size: number): Generator<readonly PoolRecord[]> {
		const { environment, active } = this.#state;
		let page: PoolRecord[] = [];
		for (const { key, value } of environment.range(active.records, { start: "\0" })) {
			if (page.push({ key: unpacked(key), value }) < size) continue;
			yield page;
			page = [];
		}
		if (page.length > 0) yield page;
	}

	/** @returns only domains that differ now from before; the empty one when a member's record does. */
	async apply(changes: readonly Change[], position: Position): Promise<readonly string[]> {
		return this.#state.edit((turn) => {
			for (const { key, value, seq } of changes) {
				turn.edit(key, value, seq);
				this.edited();
			}
			return position;
		});
	}

	/** An edit was made, here or past it: what it read is given back now and then, in the middle of a transaction, too. */
	edited(): void {
		if (++this.#edits < EDITS_PER_RELEASE) return;
		this.#edits = 0;
		this.releasePages();
	}

	touched(): readonly TouchedDomain[] {
		this.#state.environment.assertOpen();
		return this.#state.touched();
	}

	async settled(seq: number): Promise<void> {
		this.#state.environment.assertOpen();
		this.#state.settle(seq);
	}

	/**
	 * Whether a replacement differed in too many domains to name them, and what the compiled blocklist holds has not been
	 * settled since: then `touched` does not have all, and it has to be compiled anew.
	 */
	get hasUnnamed(): boolean {
		return this.#state.hasUnnamed;
	}

	moments(after: number, until: number, limit: number): readonly string[] {
		return this.#state.active.domainsWithMoments(after, until, limit);
	}

	nextMoment(after: number): number | undefined {
		return this.#state.active.nextMoment(after);
	}

	/** One that was begun before, and is not finished, is over. */
	replace(): LmdbReplacement {
		this.#state.environment.assertWritable();
		this.#replacement?.abandon();
		this.#replacement = new LmdbReplacement(this.#state, () => this.releasePages());
		return this.#replacement;
	}

	releasePages(): void {
		if (!this.#state.environment.closed) this.#releaseFilePages(this.#state.environment.file);
	}

	async close(): Promise<void> {
		this.#replacement?.abandon();
		await this.#state.environment.close();
	}

	#between(start: string, end: string): PoolRecord[] {
		const records: PoolRecord[] = [];
		const { environment, active } = this.#state;
		for (const { key, value } of environment.range(active.records, { start, end })) {
			records.push({ key: unpacked(key), value });
		}
		return records;
	}
}
