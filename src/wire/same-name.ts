/** Names compared where they stand in a message, through their pointers; `checkName` has stepped over both before. */

/** Whether the names at `a` and `b` are the same; case does not count (RFC 4343, section 3). */
export function sameName(message: Uint8Array, start: number, a: number, b: number): boolean {
	for (;;) {
		a = beyondPointers(message, start, a);
		b = beyondPointers(message, start, b);
		if (a === b) return true;
		const size = message[a];
		if (size !== message[b]) return false;
		if (size === 0) return true;
		for (let i = 1; i <= size; i++) {
			const one = message[a + i];
			const other = message[b + i];
			if (one !== other && !sameLetter(one, other)) return false;
		}
		a += size + 1;
		b += size + 1;
	}
}

/** Whether the name at `name` is the one at `zone`, or below it. */
export function isWithin(message: Uint8Array, start: number, name: number, zone: number): boolean {
	let surplus = labelsOf(message, start, name) - labelsOf(message, start, zone);
	if (surplus < 0) return false;
	for (; surplus > 0; surplus--) {
		name = beyondPointers(message, start, name);
		name += message[name] + 1;
	}
	return sameName(message, start, name, zone);
}

function labelsOf(message: Uint8Array, start: number, at: number): number {
	for (let labels = 0; ; labels++) {
		at = beyondPointers(message, start, at);
		if (message[at] === 0) return labels;
		at += message[at] + 1;
	}
}

function beyondPointers(message: Uint8Array, start: number, at: number): number {
	while (message[at] >= 0xc0) at = start + (((message[at] & 0x3f) << 8) | message[at + 1]);
	return at;
}

function sameLetter(a: number, b: number): boolean {
	const lower = a | 0x20;
	return lower === (b | 0x20) && lower >= 0x61 && lower <= 0x7a;
}
