import type { Log } from "../../observe/log.ts";
import type { Change, PoolRecord } from "../record.ts";

/** The longest key that means anything has 383 bytes; LMDB takes 1978. */
const MOST_KEY_BYTES = 600;
const MOST_VALUE_BYTES = 8192;

type Fault = "a key that is empty" | "a key of more than 600 bytes" | "a value of more than 8 KiB";

/**
 * Keeps out of the replica what is absurdly large. All else goes in byte for byte, even what means nothing to us: so
 * that the replica can be compared with the store, and since a later version may know what it means. Whoever judges
 * records ignores what it cannot read.
 */
export class Sieve {
	readonly #log: Log;
	readonly #told = new Set<Fault>();
	/** Records left out so far. */
	refused = 0;

	constructor(log: Log) {
		this.#log = log;
	}

	records(records: readonly PoolRecord[]): readonly PoolRecord[] {
		return records.every((record) => faultOf(record) === undefined)
			? records
			: records.filter((record) => !this.#refuses(record));
	}

	/**
	 * A value that is too large takes the record out: else a node that followed would keep the value before, which a node
	 * that scanned never saw.
	 */
	changes(changes: readonly Change[]): readonly Change[] {
		if (changes.every((change) => faultOf(change) === undefined)) return changes;
		const kept: Change[] = [];
		for (const change of changes) {
			if (!this.#refuses(change)) kept.push(change);
			else if (!isKeyAbsurd(change.key)) kept.push({ seq: change.seq, key: change.key, value: undefined });
		}
		return kept;
	}

	#refuses(record: { readonly key: string; readonly value: string | undefined }): boolean {
		const fault = faultOf(record);
		if (fault === undefined) return false;
		this.refused++;
		if (!this.#told.has(fault)) {
			this.#told.add(fault);
			this.#log.warn(
				"the shared pool holds a record of absurd size, which is left out here, as are all like it; somebody writes to the store past Cordon: see who may",
				{ fault, key: record.key.slice(0, 80) },
			);
		}
		return true;
	}
}

function faultOf({ key, value }: { key: string; value: string | undefined }): Fault | undefined {
	if (key === "") return "a key that is empty";
	if (isKeyAbsurd(key)) return "a key of more than 600 bytes";
	if (value !== undefined && isLonger(value, MOST_VALUE_BYTES)) return "a value of more than 8 KiB";
	return undefined;
}

function isKeyAbsurd(key: string): boolean {
	return key === "" || isLonger(key, MOST_KEY_BYTES);
}

/** In bytes of UTF-8, of which a character of JavaScript takes 1 to 3. */
function isLonger(text: string, most: number): boolean {
	return text.length > most || (text.length * 3 > most && Buffer.byteLength(text) > most);
}
