/**
 * Protocol Buffers by hand: dnstap needs four kinds of fields, and an encoder that allocates nothing for any of them.
 * A message is written from its end to its beginning, so that the length in front of what is nested is known when its
 * turn comes.
 */

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

export class BackwardMessage {
	/** What is written stands between `start` and the end. */
	readonly bytes: Buffer;
	start: number;

	/** `size`: bytes of the longest message; who writes sees to it that none is longer. */
	constructor(size: number) {
		this.bytes = Buffer.allocUnsafeSlow(size);
		this.start = size;
	}

	clear(): void {
		this.start = this.bytes.length;
	}

	/** `value`: a whole number, not negative. */
	putNumber(field: number, value: number): void {
		this.#varint(value);
		this.#tag(field, VARINT);
	}

	/** `value`: below 2 to the power of 32. */
	putFixed(field: number, value: number): void {
		this.start -= 4;
		this.bytes.writeUInt32LE(value, this.start);
		this.#tag(field, FIXED32);
	}

	putBytes(field: number, from: Uint8Array, at: number, end: number): void {
		const length = end - at;
		this.start -= length;
		const { bytes, start } = this;
		for (let i = 0; i < length; i++) bytes[start + i] = from[at + i];
		this.#varint(length);
		this.#tag(field, BYTES);
	}

	/** Makes what was written since `start` was `end` the nested message `field`. */
	nest(field: number, end: number): void {
		this.#varint(end - this.start);
		this.#tag(field, BYTES);
	}

	#tag(field: number, kind: number): void {
		this.#varint(field * 8 + kind);
	}

	/** Seven bits in each byte, the lowest first; the highest bit says that more follow. */
	#varint(value: number): void {
		let size = 1;
		for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
		this.start -= size;
		let at = this.start;
		for (; size > 1; size--) {
			this.bytes[at++] = (value % 128) | 0x80;
			value = Math.floor(value / 128);
		}
		this.bytes[at] = value;
	}
}
