/** Numbers in messages: 16 and 32 bits, the highest first (RFC 1035, section 2.3.2). */

export function wordAt(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 8) | bytes[at + 1];
}

export function putWord(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 8;
	bytes[at + 1] = value & 0xff;
}

export function putLong(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 24;
	bytes[at + 1] = (value >>> 16) & 0xff;
	bytes[at + 2] = (value >>> 8) & 0xff;
	bytes[at + 3] = value & 0xff;
}

/** One more of what the word at `at` counts. */
export function countUp(bytes: Uint8Array, at: number): void {
	putWord(bytes, at, wordAt(bytes, at) + 1);
}
