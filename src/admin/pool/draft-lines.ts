/** NDJSON, line by line: what cannot be read is that line's own fault. */
import { isUtf8 } from "node:buffer";
import type { DraftLine } from "../../pool/desk.ts";
import { Refusal } from "./refusal.ts";

export interface LineLimits {
	readonly maxLines: number;
	readonly maxLineBytes: number;
}

const LF = 10;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function parsed(line: Buffer): unknown {
	if (!isUtf8(line)) return new Error("is not UTF-8; write names and reasons in UTF-8");
	try {
		return JSON.parse(line.toString("utf8")) as unknown;
	} catch (error) {
		return new Error(`is not JSON: ${(error as Error).message}; write one JSON object on each line`);
	}
}

/** Space, tab, CR: nothing that JSON would see. */
function isBlank(line: Buffer): boolean {
	for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
	return true;
}

/** One line while its pieces come in. A line that is too long is counted, not kept. */
class PartialLine {
	readonly #most: number;
	#pieces: Buffer[] = [];
	#bytes = 0;

	constructor(most: number) {
		this.#most = most;
	}

	add(piece: Buffer): void {
		this.#bytes += piece.length;
		if (this.#bytes > this.#most) this.#pieces = [];
		else if (piece.length > 0) this.#pieces.push(piece);
	}

	/** What it says; undefined when it says nothing. Begins anew. */
	finish(number: number): DraftLine | undefined {
		const bytes = this.#bytes;
		const whole = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
		this.#pieces = [];
		this.#bytes = 0;
		if (bytes > this.#most) {
			return {
				line: number,
				value: new Error(`has ${bytes} bytes; no line may have more than ${this.#most}`),
			};
		}
		const first = number === 1 && whole.subarray(0, 3).equals(BYTE_ORDER_MARK);
		const line = first ? whole.subarray(3) : whole;
		return isBlank(line) ? undefined : { line: number, value: parsed(line) };
	}
}

/** Blank lines say nothing, and have their number. Throws a Refusal when there are too many lines. */
export async function* draftLines(
	chunks: AsyncIterable<Buffer>,
	{ maxLines, maxLineBytes }: LineLimits,
): AsyncGenerator<DraftLine, void> {
	const partial = new PartialLine(maxLineBytes);
	let number = 1;
	for await (const chunk of chunks) {
		let start = 0;
		for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
			partial.add(chunk.subarray(start, end));
			const draft = partial.finish(number);
			if (number > maxLines) throw tooMany(maxLines);
			if (draft !== undefined) yield draft;
			start = end + 1;
			number++;
		}
		partial.add(chunk.subarray(start));
	}
	const last = partial.finish(number);
	if (last === undefined) return;
	if (number > maxLines) throw tooMany(maxLines);
	yield last;
}

function tooMany(most: number): Refusal {
	return new Refusal(
		413,
		`the batch has more than ${most} lines, blank ones counted. Nothing of it was taken; send it in several batches`,
	);
}
