/**
 * Puts any number of entries in the order of their keys, with little memory: sorted parts are written to files, which
 * are then read side by side. A B-tree that is filled in order is written once; out of order, a page for each entry.
 */
import { closeSync, openSync, readdirSync, readSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface Entry {
	/** Packed. */
	readonly key: string;
	readonly value: string;
}

const SUFFIX = ".run";
/** Characters of keys and values that are held until a part is written. */
const MOST_HELD = 3_000_000;
const BUFFER_BYTES = 64 * 1024;
/** Lengths of key and value. */
const HEAD_BYTES = 8;

/** Left by a process that ended meanwhile. */
export function removeRuns(folder: string): void {
	for (const name of readdirSync(folder)) {
		if (name.endsWith(SUFFIX)) rmSync(join(folder, name), { force: true });
	}
}

interface RunFile {
	readonly path: string;
	readonly entries: number;
}

export class SortedRuns {
	readonly #folder: string;
	readonly #name: string;
	readonly #mostHeld: number;
	#keys: string[] = [];
	/** Beside the keys; none as long as all are empty. */
	#values: string[] = [];
	#heldLength = 0;
	readonly #files: RunFile[] = [];

	/** @param name of the files. @param mostHeld characters in memory. */
	constructor(folder: string, name: string, mostHeld = MOST_HELD) {
		this.#folder = folder;
		this.#name = name;
		this.#mostHeld = mostHeld;
	}

	/** Throws the system's error when the disk is full. */
	add(key: string, value: string): void {
		this.#keys.push(key);
		if (value !== "" || this.#values.length > 0) this.#values[this.#keys.length - 1] = value;
		this.#heldLength += key.length + value.length;
		if (this.#heldLength >= this.#mostHeld) this.#write();
	}

	/** Every key once, with the value that was added last. Nothing may be added from now on. */
	*merged(): Generator<Entry> {
		if (this.#files.length > 0 && this.#keys.length > 0) this.#write();
		const runs: Run[] = [];
		try {
			if (this.#files.length === 0) runs.push(new Run(this.#sorted(), 0));
			else for (const [i, file] of this.#files.entries()) runs.push(new Run(read(file), i));
			yield* merge(runs);
		} finally {
			for (const run of runs) run.close();
		}
	}

	drop(): void {
		this.#forget();
		for (const { path } of this.#files.splice(0)) rmSync(path, { force: true });
	}

	/** Of equal keys, the one that was added last stands last. */
	*#sorted(): Generator<Entry> {
		const [keys, values] = [this.#keys, this.#values];
		if (values.length === 0) {
			for (const key of keys.sort()) yield { key, value: "" };
			return;
		}
		const order = Uint32Array.from(keys, (_, i) => i);
		order.sort((a, b) => (keys[a] < keys[b] ? -1 : keys[a] > keys[b] ? 1 : a - b));
		for (const i of order) yield { key: keys[i], value: values[i] ?? "" };
	}

	#write(): void {
		const path = join(this.#folder, `${this.#name}-${this.#files.length}${SUFFIX}`);
		this.#files.push({ path, entries: this.#keys.length });
		const fd = openSync(path, "w", 0o600);
		try {
			let buffer = Buffer.allocUnsafe(BUFFER_BYTES);
			let end = 0;
			for (const { key, value } of this.#sorted()) {
				const most = HEAD_BYTES + key.length + 3 * value.length;
				if (end + most > buffer.length) {
					writeAll(fd, buffer, end);
					end = 0;
					if (most > buffer.length) buffer = Buffer.allocUnsafe(most);
				}
				const valueAt = end + HEAD_BYTES + buffer.write(key, end + HEAD_BYTES, "latin1");
				const length = value === "" ? 0 : buffer.write(value, valueAt);
				buffer.writeUInt32LE(key.length, end);
				buffer.writeUInt32LE(length, end + 4);
				end = valueAt + length;
			}
			writeAll(fd, buffer, end);
		} finally {
			closeSync(fd);
		}
		this.#forget();
	}

	#forget(): void {
		this.#keys = [];
		this.#values = [];
		this.#heldLength = 0;
	}
}

/** A sorted part, and where its reader stands. */
class Run {
	readonly #entries: Iterator<Entry>;
	/** Parts that came later win. */
	readonly order: number;
	head: Entry | undefined;

	constructor(entries: Iterator<Entry>, order: number) {
		this.#entries = entries;
		this.order = order;
		this.advance();
	}

	advance(): void {
		const next = this.#entries.next();
		this.head = next.done === true ? undefined : next.value;
	}

	close(): void {
		this.#entries.return?.();
	}
}

function* merge(runs: readonly Run[]): Generator<Entry> {
	// In the order of their heads, so that the first is the next to tell.
	const queue: Run[] = [];
	for (const run of runs) enqueue(queue, run);
	let last: Entry | undefined;
	for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
		const { head } = run;
		if (head === undefined) continue;
		if (last !== undefined && last.key !== head.key) yield last;
		last = head;
		run.advance();
		enqueue(queue, run);
	}
	if (last !== undefined) yield last;
}

function enqueue(queue: Run[], run: Run): void {
	const { head, order } = run;
	if (head === undefined) return;
	let low = 0;
	let high = queue.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		const other = queue[middle];
		const otherKey = other.head?.key ?? "";
		if (otherKey < head.key || (otherKey === head.key && other.order < order)) low = middle + 1;
		else high = middle;
	}
	queue.splice(low, 0, run);
}

function* read({ path, entries }: RunFile): Generator<Entry> {
	const fd = openSync(path, "r");
	try {
		let buffer = Buffer.allocUnsafe(BUFFER_BYTES);
		let start = 0;
		let end = 0;
		/** Whether `length` bytes stand at `start`, read on if need be. */
		const have = (length: number): boolean => {
			if (end - start >= length) return true;
			const larger = length > buffer.length ? Buffer.allocUnsafe(length) : buffer;
			buffer.copy(larger, 0, start, end);
			buffer = larger;
			end -= start;
			start = 0;
			while (end < length) {
				const count = readSync(fd, buffer, end, buffer.length - end, null);
				if (count === 0) break;
				end += count;
			}
			return end >= length;
		};
		for (let left = entries; left > 0; left--) {
			if (!have(HEAD_BYTES)) throw new Error(`${path} was cut off while it was read`);
			const keyLength = buffer.readUInt32LE(start);
			const length = HEAD_BYTES + keyLength + buffer.readUInt32LE(start + 4);
			if (!have(length)) throw new Error(`${path} was cut off while it was read`);
			const keyEnd = start + HEAD_BYTES + keyLength;
			const key = buffer.toString("latin1", start + HEAD_BYTES, keyEnd);
			yield { key, value: buffer.toString("utf8", keyEnd, start + length) };
			start += length;
		}
	} finally {
		closeSync(fd);
	}
}

function writeAll(fd: number, buffer: Buffer, length: number): void {
	for (let at = 0; at < length; ) at += writeSync(fd, buffer, at, length - at);
}
