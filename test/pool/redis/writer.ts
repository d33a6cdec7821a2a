/** Somebody who commits all the time, and knows what was acknowledged. */
import type { RedisStore } from "../../../src/pool/redis/store.ts";
import { put } from "../store-contract/pool.ts";

/** Records of one commit. */
export const EACH = 40;

/** Commits of `EACH` records, several at once, until it is stopped; those that succeeded are acknowledged. */
export class Writer {
	readonly begun: number[] = [];
	readonly acknowledged = new Set<number>();
	#next = 0;
	#stopped = false;
	readonly #work: Promise<unknown>;
	readonly #store: RedisStore;

	constructor(store: RedisStore, atOnce = 4) {
		this.#store = store;
		this.#work = Promise.all(Array.from({ length: atOnce }, () => this.#write()));
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#work;
	}

	async again(commit: number): Promise<void> {
		await this.#store.commit(edits(commit), []);
		this.acknowledged.add(commit);
	}

	async #write(): Promise<void> {
		while (!this.#stopped) {
			const commit = this.#next++;
			this.begun.push(commit);
			await this.again(commit).catch(async () => {
				// It is down: not to spin.
				await new Promise((resolve) => setTimeout(resolve, 20));
			});
		}
	}

	/** How many of each commit's records are there: all, or none. */
	countIn(keys: ReadonlySet<string>, commit: number): number {
		return edits(commit).filter(({ key }) => keys.has(key)).length;
	}
}

export function edits(commit: number) {
	return Array.from({ length: EACH }, (_, i) => put(`c${commit}-${i}.example`));
}
