/** Cuts a stream of bytes into lines. */
import { isAscii } from "node:buffer";

const LF = 0x0a;
const CR = 0x0d;

/** Bytes of a line above which it is not read: no name, rule or record is that long. */
export const LONGEST_LINE = 4096;

/** `long`: the line is longer than LONGEST_LINE, and `line` only its beginning. */
export type OnLine = (line: string, long: boolean) => void;

/** Lines end with LF, CRLF or CR. Never holds more than one chunk and one line. */
export class LineCutter {
	readonly #onLine: OnLine;
	#rest: Buffer = Buffer.alloc(0);
	/** Within a long line that was reported already: what is left of it is dropped. */
	#dropping = false;
	#first = true;

	constructor(onLine: OnLine) {
		this.#onLine = onLine;
	}

	push(chunk: Buffer): void {
		let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
		if (this.#dropping) data = this.#drop(data);
		// A CR at the very end may be half of a CRLF: it waits for the next chunk.
		const end = lastEnd(data);
		if (end > 0) this.#cut(data.subarray(0, end));
		this.#rest = data.subarray(end);
		if (this.#rest.length > LONGEST_LINE + 1) {
			this.#emit(this.#rest.toString("latin1", 0, LONGEST_LINE), true);
			this.#dropping = true;
			this.#rest = this.#rest.subarray(this.#rest.at(-1) === CR ? -1 : this.#rest.length);
		}
	}

	/** After the last chunk: the last line may have no ending. */
	end(): void {
		if (this.#dropping || this.#rest.length === 0) return;
		this.#cut(this.#rest.at(-1) === CR ? this.#rest : Buffer.concat([this.#rest, Buffer.of(LF)]));
	}

	/** `data` ends with the ending of its last line. */
	#cut(data: Buffer): void {
		const text = data.toString(isAscii(data) ? "latin1" : "utf8");
		const returns = data.includes(CR);
		let start = 0;
		while (start < text.length) {
			let stop = text.indexOf("\n", start);
			if (stop < 0) stop = text.length;
			if (returns) this.#cutReturns(text.slice(start, stop));
			else this.#check(text.slice(start, stop));
			start = stop + 1;
		}
	}

	/** `text` stands before an LF, or at the end of a piece that ends with CR. */
	#cutReturns(text: string): void {
		const body = text.endsWith("\r") ? text.slice(0, -1) : text;
		if (body.includes("\r")) for (const line of body.split("\r")) this.#check(line);
		else this.#check(body);
	}

	#check(line: string): void {
		// A UTF-16 unit is at most three bytes of UTF-8.
		const long =
			line.length > LONGEST_LINE ||
			(line.length * 3 > LONGEST_LINE && Buffer.byteLength(line) > LONGEST_LINE);
		this.#emit(long ? line.slice(0, LONGEST_LINE) : line, long);
	}

	#emit(line: string, long: boolean): void {
		const text = this.#first && line.startsWith("\ufeff") ? line.slice(1) : line;
		this.#first = false;
		this.#onLine(text, long);
	}

	/** What follows the ending of the long line, or what may be half of that ending. */
	#drop(data: Buffer): Buffer {
		const feed = data.indexOf(LF);
		const back = data.indexOf(CR);
		if (feed < 0 && back < 0) return data.subarray(data.length);
		if (back < 0 || (feed >= 0 && feed < back)) {
			this.#dropping = false;
			return data.subarray(feed + 1);
		}
		if (back === data.length - 1) return data.subarray(back);
		this.#dropping = false;
		return data.subarray(feed === back + 1 ? feed + 1 : back + 1);
	}
}

/** Just past the last line ending that is known to be whole. */
function lastEnd(data: Buffer): number {
	const stop = data.at(-1) === CR ? data.length - 1 : data.length;
	if (stop === 0) return 0;
	return Math.max(data.lastIndexOf(LF, stop - 1), data.lastIndexOf(CR, stop - 1)) + 1;
}
