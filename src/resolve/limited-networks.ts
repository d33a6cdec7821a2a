/** The networks that a rate limit has met, for one line in the log a minute and network. */
import type { RateTable } from "./rate-table.ts";

/** Networks told of in a minute by one worker. */
const MOST_TOLD = 16;
/** No more of an address goes into the log: what follows names a household or a person. */
const MOST_BITS = { 4: 24, 6: 48 } as const;

/** What the log says of one network. */
export interface LimitedNetwork {
	readonly network: string;
	/** In one minute, over all workers. */
	readonly times: number;
}

export class LimitedNetworks {
	readonly #table: RateTable;
	readonly #entries = new Int32Array(MOST_TOLD);
	#count = 0;

	constructor(table: RateTable) {
		this.#table = table;
	}

	/** The table's last `take` found nothing to take. */
	note(): void {
		const table = this.#table;
		if (table.countLimited() === 1 && this.#count < MOST_TOLD) this.#entries[this.#count++] = table.entry;
	}

	/** Those that were noted since the last call. */
	take(): LimitedNetwork[] {
		const table = this.#table;
		const entries = new Set(this.#entries.subarray(0, this.#count));
		this.#count = 0;
		// What was never limited is another's by now.
		return Array.from(entries, (entry) => ({
			network: networkOf(table, entry),
			times: table.limited(entry),
		})).filter(({ times }) => times > 0);
	}
}

/** Shortened, as a prefix. */
function networkOf(table: RateTable, entry: number): string {
	const words = [0, 1, 2, 3].map((word) => table.wordOf(entry, word));
	if (words[0] === 0 && words[1] === 0 && words[2] === 0xffff) {
		const address = words[3] & ~(0xffff_ffff >>> MOST_BITS[4]);
		return `${[24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".")}/${MOST_BITS[4]}`;
	}
	const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]).slice(0, MOST_BITS[6] / 16);
	return `${groups.map((group) => group.toString(16)).join(":")}::/${MOST_BITS[6]}`;
}
