/** Addresses as text. */
import type { Line } from "./line.ts";

const DOT = 0x2e;
const COLON = 0x3a;

/** IPv6 as RFC 5952 has it. */
export function putAddress(line: Line, bytes: Uint8Array, at: number, length: number): void {
	if (length === 4) {
		for (let i = 0; i < 4; i++) {
			if (i > 0) line.byte(DOT);
			line.whole(bytes[at + i]);
		}
		return;
	}
	const { from, to } = longestZeros(bytes, at);
	for (let group = 0; group < 8; group++) {
		if (group === from) {
			line.byte(COLON);
			line.byte(COLON);
			group = to - 1;
			continue;
		}
		if (group > 0 && group !== to) line.byte(COLON);
		putGroup(line, bytes[at + group * 2], bytes[at + group * 2 + 1]);
	}
}

function putGroup(line: Line, high: number, low: number): void {
	const start = line.length;
	line.hex(high);
	line.hex(low);
	let zeros = 0;
	while (zeros < 3 && line.bytes[start + zeros] === 0x30) zeros++;
	line.bytes.copyWithin(start, start + zeros, line.length);
	line.length -= zeros;
}

/** The first of the longest runs of at least two groups of zeros. */
function longestZeros(bytes: Uint8Array, at: number): { readonly from: number; readonly to: number } {
	let from = -1;
	let to = -1;
	for (let group = 0; group < 8; ) {
		let end = group;
		while (end < 8 && bytes[at + end * 2] === 0 && bytes[at + end * 2 + 1] === 0) end++;
		if (end - group >= 2 && end - group > to - from) {
			from = group;
			to = end;
		}
		group = end === group ? group + 1 : end;
	}
	return { from, to };
}
