/** Messages in a byte stream, each behind its length in two bytes (RFC 1035, section 4.2.2). */

const EMPTY = Buffer.alloc(0);

/** Takes pieces of a stream as they come and gives whole messages. */
export class Frames {
	#rest: Buffer = EMPTY;
	readonly #longest: number;

	/** `longest`: bytes of the longest message that is taken. */
	constructor(longest = 0xffff) {
		this.#longest = longest;
	}

	/** Bytes that are here and have not been given yet. */
	get pending(): number {
		return this.#rest.length;
	}

	/**
	 * Calls `message` for each that is complete; stops early when that returns false, and keeps the rest.
	 *
	 * @returns false when a message announces itself that is too long: nothing behind its beginning can be read.
	 */
	push(piece: Buffer, message: (bytes: Buffer) => boolean): boolean {
		let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
		while (data.length >= 2) {
			const length = data.readUInt16BE(0);
			if (length > this.#longest) return false;
			if (data.length < 2 + length) break;
			const whole = data.subarray(2, 2 + length);
			data = data.subarray(2 + length);
			this.#rest = data;
			if (!message(whole)) break;
		}
		// A copy, so that a few bytes do not keep a whole read buffer alive.
		this.#rest = data.length === 0 ? EMPTY : Buffer.from(data);
		return true;
	}
}

/** The message between `start` and `end`, framed, in memory of its own. */
export function framed(message: Uint8Array, start: number, end: number): Buffer {
	const out = Buffer.allocUnsafe(2 + end - start);
	out.writeUInt16BE(end - start, 0);
	out.set(message.subarray(start, end), 2);
	return out;
}
