/** The client's subnet as an option of EDNS (RFC 7871, section 6): family, source and scope prefix lengths, address. */
import { wordAt } from "./word.ts";

/** Family and the two lengths, before the address. */
export const SUBNET_HEAD = 4;
const FAMILY = { NONE: 0, IPV4: 1, IPV6: 2 } as const;
export const IPV4 = FAMILY.IPV4;
export const IPV6 = FAMILY.IPV6;
/** Bytes of the longest option, without its code and length. */
export const SUBNET_BYTES = SUBNET_HEAD + 16;

/** Bits of the longest prefix of a family; 0 for one that we do not know. */
export function longestPrefix(family: number): number {
	if (family === IPV4) return 32;
	return family === IPV6 ? 128 : 0;
}

/** Bytes that a prefix of so many bits takes (section 6). */
export function prefixBytes(bits: number): number {
	return (bits + 7) >>> 3;
}

/**
 * Whether the option's data between `at` and `at + length` is what a query may say (sections 6 and 7.1.2): scope 0, as
 * many bytes of address as the prefix has, nothing set behind it. Without any address the family does not matter.
 */
export function isQuerySubnet(message: Uint8Array, at: number, length: number): boolean {
	if (length < SUBNET_HEAD) return false;
	const family = wordAt(message, at);
	const source = message[at + 2];
	if (message[at + 3] !== 0 || source > longestPrefix(family)) return false;
	if (family > FAMILY.IPV6 || length !== SUBNET_HEAD + prefixBytes(source)) return false;
	const spare = prefixBytes(source) * 8 - source;
	return spare === 0 || (message[at + length - 1] & ((1 << spare) - 1)) === 0;
}

/** Whether a prefix of at least 8 bits belongs to the internet at large. */
export function isPublic(family: number, length: number, bytes: Uint8Array, at: number): boolean {
	const first = bytes[at];
	const second = length > 8 ? bytes[at + 1] : 0;
	// Of IPv6 only 2000::/3 is (RFC 4291, section 2.4).
	if (family === IPV6) return first >>> 5 === 1;
	if (first === 0 || first === 10 || first === 127 || first >= 224) return false;
	if (first === 100) return second >>> 6 !== 1;
	if (first === 169) return second !== 254;
	if (first === 172) return second >>> 4 !== 1;
	return first !== 192 || second !== 168;
}
