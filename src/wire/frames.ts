/** Messages in a byte stream, each behind its length in two bytes (RFC 1035, section 4.2.2). */

/** Takes pieces of a stream as they come and gives whole messages. */
export class Frames {
	#rest: Buffer = Buffer.alloc(0);

	/** Whether part of a message is here and the rest is not. */
	get isPartial(): boolean {
		return this.#rest.length > 0;
	}

	/** Calls `message` for each that is complete; stops early when that returns false, and keeps the rest. */
	push(piece: Buffer, message: (bytes: Buffer) => boolean): void {
		let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
		while (data.length >= 2) {
			const length = data.readUInt16BE(0);
			if (data.length < 2 + length) break;
			const whole = data.subarray(2, 2 + length);
			data = data.subarray(2 + length);
			this.#rest = data;
			if (!message(whole)) break;
		}
		// A copy, so that a few bytes do not keep a whole read buffer alive.
		this.#rest = data.length === 0 ? EMPTY : Buffer.from(data);
	}
}

const EMPTY = Buffer.alloc(0);

/** The message between `start` and `end`, framed, in memory of its own. */
export function framed(message: Uint8Array, start: number, end: number): Buffer {
	const out = Buffer.allocUnsafe(2 + end - start);
	out.writeUInt16BE(end - start, 0);
	out.set(message.subarray(start, end), 2);
	return out;
}
