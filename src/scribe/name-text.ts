/**
 * Names as text: in lower case, without the last dot, every byte that is not plain as `\DDD` (RFC 1035, section 5.1), so
 * that whatever somebody asks for is nothing but printable ASCII without blanks.
 */
import type { Line } from "./line.ts";

const DOT = 0x2e;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;

/** The uncompressed wire name between `at` and `end`. `json`: to stand between quotes there. */
export function putName(line: Line, bytes: Uint8Array, at: number, end: number, json: boolean): void {
	if (bytes[at] === 0) line.byte(DOT);
	for (let from = at; from < end && bytes[from] !== 0; from += bytes[from] + 1) {
		if (from > at) line.byte(DOT);
		const to = Math.min(from + bytes[from], end - 1);
		for (let i = from + 1; i <= to; i++) putByte(line, bytes[i], json);
	}
}

function putByte(line: Line, byte: number, json: boolean): void {
	if (byte >= 0x41 && byte <= 0x5a) {
		line.byte(byte | 0x20);
	} else if (byte === DOT || byte === BACKSLASH || byte === QUOTE) {
		line.byte(BACKSLASH);
		if (json) line.byte(BACKSLASH);
		if (json && byte !== DOT) line.byte(BACKSLASH);
		line.byte(byte);
	} else if (byte > 0x20 && byte < 0x7f) {
		line.byte(byte);
	} else {
		line.byte(BACKSLASH);
		if (json) line.byte(BACKSLASH);
		line.whole(byte, 3);
	}
}
