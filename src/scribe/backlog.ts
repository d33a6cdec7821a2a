/** Whole lines that wait to be written, in memory of a fixed size. */

const NEWLINE = 0x0a;

export class Backlog {
	readonly #bytes: Uint8Array;
	#start = 0;
	#end = 0;
	#lines = 0;

	constructor(bytes: number) {
		this.#bytes = new Uint8Array(bytes);
	}

	/** Bytes that wait. */
	get length(): number {
		return this.#end - this.#start;
	}

	/** Lines of which not all is written. */
	get lines(): number {
		return this.#lines;
	}

	/** Takes a line, its end included, unless there is no room for it. */
	add(line: Uint8Array, length: number): boolean {
		const bytes = this.#bytes;
		if (this.#end + length > bytes.length) {
			if (this.length + length > bytes.length) return false;
			bytes.copyWithin(0, this.#start, this.#end);
			this.#end -= this.#start;
			this.#start = 0;
		}
		const to = this.#end;
		if (length <= 512) for (let i = 0; i < length; i++) bytes[to + i] = line[i];
		else bytes.set(line.subarray(0, length), to);
		this.#end += length;
		this.#lines++;
		return true;
	}

	/** What waits, at most so many bytes of it. Good until the next call of anything here. */
	waiting(most: number): Uint8Array {
		return this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + most));
	}

	/** The same in whole lines: one at least, however long it is. */
	waitingLines(most: number): Uint8Array {
		const whole = Math.min(most, this.length);
		const length = whole - this.begun(whole);
		if (length > 0 || this.length === 0) return this.waiting(length);
		return this.waiting(this.#bytes.indexOf(NEWLINE, this.#start) + 1 - this.#start);
	}

	/**
	 * The first `length` bytes are written.
	 *
	 * @returns how many lines end within them.
	 */
	written(length: number): number {
		const from = this.#start;
		let lines = 0;
		for (let i = from; i < from + length; i++) if (this.#bytes[i] === NEWLINE) lines++;
		this.#start += length;
		this.#lines -= lines;
		if (this.#start === this.#end) this.#start = this.#end = 0;
		return lines;
	}

	/** Of the first `length` bytes, those of a line that does not end among them. */
	begun(length: number): number {
		const end = this.#start + length;
		let from = end;
		while (from > this.#start && this.#bytes[from - 1] !== NEWLINE) from--;
		return end - from;
	}
}
