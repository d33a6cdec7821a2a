/** Names as DNSSEC compares and signs them: uncompressed wire names in lower case (RFC 4034, section 6). */

/** Bytes of an uncompressed wire name; in lower case wherever two are compared. */
export type Name = Uint8Array;

/** Labels of the name, the root's not counted. */
export function labelCount(name: Name): number {
	let count = 0;
	for (let at = 0; name[at] !== 0; at += name[at] + 1) count++;
	return count;
}

/** The last labels of a name, as many as `count`. */
export function lastLabels(name: Name, count: number): Name {
	let at = 0;
	for (let surplus = labelCount(name) - count; surplus > 0; surplus--) at += name[at] + 1;
	return name.subarray(at);
}

/** The name above; the root is its own. */
export function parentOf(name: Name): Name {
	return name[0] === 0 ? name : name.subarray(name[0] + 1);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
	if (a.length !== b.length) return false;
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return true;
}

/** Whether `name` is `zone`, or below it. */
export function isWithin(name: Name, zone: Name): boolean {
	const from = name.length - zone.length;
	if (from < 0) return false;
	let at = 0;
	while (at < from) at += name[at] + 1;
	return at === from && sameBytes(name.subarray(at), zone);
}

/** Whether `name` is below `zone`. */
export function isBelow(name: Name, zone: Name): boolean {
	return name.length > zone.length && isWithin(name, zone);
}

/** How many labels from the right two names have in common. */
export function commonLabels(a: Name, b: Name): number {
	const [ofA, ofB] = [labelStarts(a), labelStarts(b)];
	const most = Math.min(ofA.length, ofB.length);
	for (let i = 1; i <= most; i++) {
		const [fromA, fromB] = [ofA[ofA.length - i], ofB[ofB.length - i]];
		if (compareLabels(a, fromA, b, fromB) !== 0) return i - 1;
	}
	return most;
}

/** The canonical order (RFC 4034, section 6.1): negative when `a` comes first, 0 when they are the same. */
export function compareNames(a: Name, b: Name): number {
	const [ofA, ofB] = [labelStarts(a), labelStarts(b)];
	const most = Math.min(ofA.length, ofB.length);
	for (let i = 1; i <= most; i++) {
		const order = compareLabels(a, ofA[ofA.length - i], b, ofB[ofB.length - i]);
		if (order !== 0) return order;
	}
	return ofA.length - ofB.length;
}

/** Bytes from the left; what ends first comes first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
	const most = Math.min(a.length, b.length);
	for (let i = 0; i < most; i++) if (a[i] !== b[i]) return a[i] - b[i];
	return a.length - b.length;
}

/** `*.` in front of a name. */
export function wildcardOf(name: Name): Name {
	const out = new Uint8Array(name.length + 2);
	out[0] = 1;
	out[1] = 0x2a;
	out.set(name, 2);
	return out;
}

/** In memory of its own; the slice of a Buffer would share it. */
export function copied(bytes: Uint8Array): Uint8Array {
	return new Uint8Array(bytes);
}

/** As the key of a map. */
export function keyOfName(name: Name): string {
	return Buffer.from(name.buffer, name.byteOffset, name.length).toString("latin1");
}

/** Changes the letters of the name in place: no length of a label is mistaken for one, for those are below 64. */
export function toLowerCase(name: Name): Name {
	for (let i = 0; i < name.length; i++) if (name[i] >= 0x41 && name[i] <= 0x5a) name[i] |= 0x20;
	return name;
}

/**
 * Reads an uncompressed name in data, its case kept.
 *
 * @returns undefined when it is malformed, compressed, or runs past `end`.
 */
export function nameIn(bytes: Uint8Array, at: number, end: number): Name | undefined {
	for (let to = at; to < end; ) {
		const size = bytes[to];
		if (size === 0) return to + 1 - at <= 255 ? bytes.subarray(at, to + 1) : undefined;
		if (size > 63) return undefined;
		to += size + 1;
	}
	return undefined;
}

function labelStarts(name: Name): number[] {
	const starts: number[] = [];
	for (let at = 0; name[at] !== 0; at += name[at] + 1) starts.push(at);
	return starts;
}

function compareLabels(a: Name, fromA: number, b: Name, fromB: number): number {
	return compareBytes(
		a.subarray(fromA + 1, fromA + 1 + a[fromA]),
		b.subarray(fromB + 1, fromB + 1 + b[fromB]),
	);
}
