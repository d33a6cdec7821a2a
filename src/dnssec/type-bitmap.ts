/** The types that a name has, as NSEC and NSEC3 records list them (RFC 4034, section 4.1.2). */

/** Whether windows come in order, each with 1 to 32 bytes that are there. */
export function isBitmap(bytes: Uint8Array): boolean {
	let last = -1;
	for (let at = 0; at < bytes.length; ) {
		if (at + 2 > bytes.length) return false;
		const [window, length] = [bytes[at], bytes[at + 1]];
		if (window <= last || length < 1 || length > 32) return false;
		last = window;
		at += 2 + length;
		if (at > bytes.length) return false;
	}
	return true;
}

/** `bytes` are a bitmap. */
export function hasType(bytes: Uint8Array, type: number): boolean {
	const [window, place, bit] = [type >> 8, (type & 0xff) >> 3, 0x80 >> (type & 7)];
	for (let at = 0; at < bytes.length; at += 2 + bytes[at + 1])
		if (bytes[at] === window) return place < bytes[at + 1] && (bytes[at + 2 + place] & bit) !== 0;
	return false;
}
