/** Names on the wire: reading with compression, lower case, and the hash of every suffix in one pass. */
import { HEADER_BYTES, MAX_NAME_BYTES } from "./codes.ts";

/** 255 bytes hold at most 127 labels of one byte each, and the root. */
const MAX_LABELS = 128;

/**
 * A name as label lengths and bytes, in lower case, its root included. Made once and filled again and again:
 * whoever wants to keep one takes `copy()` of its bytes.
 */
export class DomainName {
	readonly bytes = new Uint8Array(MAX_NAME_BYTES + 1);
	/** Bytes used, the root's zero included; 0 while nothing was read. */
	length = 0;
	/** Labels without the root. */
	labels = 0;
	/** Where each label begins in `bytes`. */
	readonly starts = new Uint8Array(MAX_LABELS);
	/** `hashes[i]` is that of the suffix from label i to the root; `hashes[labels]` that of the root. */
	readonly hashes = new Int32Array(MAX_LABELS + 1);

	copy(): Uint8Array {
		return this.bytes.slice(0, this.length);
	}

	/** Takes over the bytes of a name that `copy()` gave. */
	assign(wire: Uint8Array): void {
		readName(wire, 0, wire.length, this, false);
	}

	equals(wire: Uint8Array): boolean {
		if (wire.length !== this.length) return false;
		for (let i = 0; i < wire.length; i++) if (wire[i] !== this.bytes[i]) return false;
		return true;
	}
}

/**
 * Reads the name at `at` into `into`, in lower case. Compression pointers must lead strictly backwards to before
 * the name that holds them, which is what RFC 1035, section 4.1.4 means by "prior occurrence" and what makes a
 * loop impossible.
 *
 * @returns where the name ends in the message, or -1 when it is malformed, too long or runs past `end`.
 */
export function readName(
	message: Uint8Array,
	at: number,
	end: number,
	into: DomainName,
	pointers: boolean,
	start = 0,
): number {
	const { bytes, starts } = into;
	let length = 0;
	let labels = 0;
	let after = -1;
	let lowest = at;
	for (;;) {
		if (at >= end) return -1;
		const size = message[at];
		if (size === 0) {
			bytes[length] = 0;
			into.length = length + 1;
			into.labels = labels;
			return after < 0 ? at + 1 : after;
		}
		if (size < 64) {
			if (at + 1 + size > end || length + size + 2 > MAX_NAME_BYTES) return -1;
			starts[labels++] = length;
			bytes[length++] = size;
			for (let i = at + 1; i <= at + size; i++) {
				const byte = message[i];
				bytes[length++] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
			}
			at += size + 1;
			continue;
		}
		if (size < 0xc0 || !pointers || at + 1 >= end) return -1;
		if (after < 0) after = at + 2;
		at = start + (((size & 0x3f) << 8) | message[at + 1]);
		if (at >= lowest) return -1;
		// What it leads to ends before it as well.
		end = lowest;
		lowest = at;
	}
}

/**
 * Steps over the name at `at` without reading it.
 *
 * @returns where it ends, or -1 when it is malformed or runs past `end`.
 */
export function skipName(message: Uint8Array, at: number, end: number): number {
	for (;;) {
		if (at >= end) return -1;
		const size = message[at];
		if (size === 0) return at + 1;
		if (size >= 0xc0) return at + 2 <= end ? at + 2 : -1;
		if (size >= 64) return -1;
		at += size + 1;
	}
}

/**
 * Steps over the name at `at` as `readName` would, through its pointers, but keeps nothing of it.
 *
 * @returns where it ends, or -1 when `readName` would not read it either.
 */
export function checkName(message: Uint8Array, at: number, end: number, start: number): number {
	let length = 1;
	let after = -1;
	let lowest = at;
	for (;;) {
		if (at >= end) return -1;
		const size = message[at];
		if (size === 0) return after < 0 ? at + 1 : after;
		if (size < 64) {
			length += size + 1;
			at += size + 1;
			if (at > end || length > MAX_NAME_BYTES) return -1;
			continue;
		}
		if (size < 0xc0 || at + 1 >= end) return -1;
		if (after < 0) after = at + 2;
		at = start + (((size & 0x3f) << 8) | message[at + 1]);
		// Neither into the header, which is another one in each reply, nor on into what follows the pointer.
		if (at >= lowest || at < start + HEADER_BYTES) return -1;
		end = lowest;
		lowest = at;
	}
}

/**
 * Fills `hashes`: right to left, so that each label's hash goes on from that of the suffix behind it. `seed` keeps
 * outsiders from choosing names that collide.
 */
export function hashSuffixes(name: DomainName, seed: number): void {
	const { bytes, starts, hashes, labels } = name;
	let hash = seed | 0;
	hashes[labels] = hash;
	for (let label = labels - 1; label >= 0; label--) {
		const from = starts[label];
		const to = from + bytes[from];
		for (let i = from; i <= to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
		hash ^= hash >>> 15;
		hash = Math.imul(hash, 0x2c1b3c6d);
		hash ^= hash >>> 13;
		hashes[label] = hash;
	}
}

/**
 * The wire form of a name in text, in lower case, with `\DDD` and `\X` escapes (RFC 1035, section 5.1).
 *
 * @returns undefined when it has an empty or overlong label, or is too long.
 */
export function nameFromText(text: string): Uint8Array | undefined {
	const out = new Uint8Array(MAX_NAME_BYTES);
	if (text === "." || text === "") return out.slice(0, 1);
	let length = 1;
	let labelAt = 0;
	for (let i = 0; i < text.length; i++) {
		let code = text.charCodeAt(i);
		if (code === 0x2e) {
			if (!endLabel()) return undefined;
			labelAt = length++;
			continue;
		}
		if (code === 0x5c) {
			const digits = /^\d{3}/.exec(text.slice(i + 1, i + 4));
			code = digits === null ? text.charCodeAt(i + 1) : Number(digits[0]);
			i += digits === null ? 1 : 3;
		}
		if (!(code <= 255) || length >= MAX_NAME_BYTES - 1) return undefined;
		out[length++] = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
	}
	// Nothing behind the last dot that ended a label: that byte is the root's.
	if (labelAt > 0 && length === labelAt + 1) return out.slice(0, length);
	return endLabel() ? out.slice(0, length + 1) : undefined;

	function endLabel(): boolean {
		const size = length - labelAt - 1;
		out[labelAt] = size;
		return size > 0 && size < 64 && length < MAX_NAME_BYTES;
	}
}

/** The text of an uncompressed wire name at `at`, without trailing dot; bytes that are not plain are escaped. */
export function nameToText(wire: Uint8Array, at = 0): string {
	if (wire[at] === 0) return ".";
	let text = "";
	while (wire[at] !== 0 && at < wire.length) {
		if (text !== "") text += ".";
		const to = at + wire[at];
		for (let i = at + 1; i <= to; i++) {
			const byte = wire[i];
			if (byte === 0x2e || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
			else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
			else text += `\\${String(byte).padStart(3, "0")}`;
		}
		at = to + 1;
	}
	return text;
}
