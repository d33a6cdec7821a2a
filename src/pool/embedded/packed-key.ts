/** Keys as LMDB compares them: text of which each character is one byte, so that the order of text is the order of bytes. */

/** LMDB takes 1978 bytes; what we add to a record's key has to fit as well. */
export const MOST_KEY_BYTES = 1024;

const STAMP_BYTES = 7;

/** The bytes of `key` in UTF-8, a character each. Keys of ours are ASCII, which stays as it is. */
export function packed(key: string): string {
	return Buffer.byteLength(key) === key.length ? key : Buffer.from(key).toString("latin1");
}

export function unpacked(key: string): string {
	return Buffer.byteLength(key) === key.length ? key : Buffer.from(key, "latin1").toString();
}

/** A whole number from 0 to 2^53, as text of seven bytes that sorts like it. */
export function stamp(number: number): string {
	const high = Math.floor(number / 2 ** 32);
	return String.fromCharCode(
		(high >>> 16) & 255,
		(high >>> 8) & 255,
		high & 255,
		(number >>> 24) & 255,
		(number >>> 16) & 255,
		(number >>> 8) & 255,
		number & 255,
	);
}

/** The number whose stamp begins at `at`. */
export function stamped(text: string, at: number): number {
	let number = 0;
	for (let i = at; i < at + STAMP_BYTES; i++) number = number * 256 + text.charCodeAt(i);
	return number;
}

/** What follows the stamp that begins at `at`. */
export function afterStamp(text: string, at: number): string {
	return text.slice(at + STAMP_BYTES);
}
