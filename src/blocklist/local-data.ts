/**
 * Local data of RPZ as it lies in the section `records`: per entry the line it came from (4), the number of records (2), and
 * per record type (2), TTL (4), length (2) and rdata, all big-endian.
 */
import type { LocalRecord } from "./rule.ts";

/** Of one entry; what a list says beyond that is left out, as no answer could hold it. */
const MOST_RECORDS = 255;
const LONGEST_RDATA = 0xffff;

/** One record of RPZ local data. */
export interface EntryRecord {
	readonly type: number;
	readonly ttl: number;
	readonly data: Uint8Array;
}

interface Datum {
	readonly line: number;
	readonly records: LocalRecord[];
}

/** Local data while it is collected, by the number of its entry. */
export class LocalData {
	readonly #data = new Map<number, Datum>();

	/** Records of a further line go to those that the entry has already. */
	add(entry: number, line: number, records: readonly LocalRecord[]): void {
		const known = this.#data.get(entry);
		const all = known?.records ?? [];
		for (const record of records)
			if (all.length < MOST_RECORDS && record.rdata.length <= LONGEST_RDATA) all.push(record);
		if (known === undefined) this.#data.set(entry, { line, records: all });
	}

	/** What one entry has becomes that of another, which had none or is older. */
	move(from: number, to: number): void {
		const data = this.#data.get(from);
		if (data === undefined || from === to) return;
		this.#data.delete(from);
		this.add(to, data.line, data.records);
	}

	/** The section, if it begins at `at`; tells of each entry where its part begins. */
	pack(at: number, placed: (entry: number, at: number) => void): Buffer {
		const parts: Buffer[] = [];
		for (const [entry, { line, records }] of this.#data) {
			const head = Buffer.alloc(6);
			head.writeUInt32BE(line, 0);
			head.writeUInt16BE(records.length, 4);
			const own = [head];
			for (const record of records) {
				const fixed = Buffer.alloc(8);
				fixed.writeUInt16BE(record.type, 0);
				fixed.writeUInt32BE(record.ttl, 2);
				fixed.writeUInt16BE(record.rdata.length, 6);
				own.push(fixed, Buffer.from(record.rdata));
			}
			placed(entry, at);
			const packed = Buffer.concat(own);
			at += packed.length;
			parts.push(packed);
		}
		return Buffer.concat(parts);
	}
}

function viewOf(section: Uint8Array): DataView {
	return new DataView(section.buffer, section.byteOffset, section.byteLength);
}

/** The line of the part at `at`. */
export function lineAt(section: Uint8Array, at: number): number {
	return viewOf(section).getUint32(at);
}

/** The records of the part at `at`, copied out. */
export function recordsAt(section: Uint8Array, at: number): EntryRecord[] {
	const view = viewOf(section);
	const count = view.getUint16(at + 4);
	at += 6;
	const out: EntryRecord[] = [];
	for (let i = 0; i < count; i++) {
		const length = view.getUint16(at + 6);
		out.push({
			type: view.getUint16(at),
			ttl: view.getUint32(at + 2),
			data: section.slice(at + 8, at + 8 + length),
		});
		at += 8 + length;
	}
	return out;
}
