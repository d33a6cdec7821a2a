/** Subnets of clients, each known by a number that is never given twice. */
import { prefixBytes } from "../wire/subnet.ts";

/** As many as are known at once; beyond it all are forgotten, and what was cached for them is not found any more. */
const MOST_SUBNETS = 16_384;
/** Numbers below stand for no subnet: 0 for whoever has none. */
const FIRST_ID = 3;
/** With 28 bits they fit beside DO and CD. */
const LAST_ID = 0x0fff_ffff;

/** A prefix. */
export interface Subnet {
	readonly id: number;
	/** As RFC 7871 counts: 1 for IPv4, 2 for IPv6. */
	readonly family: number;
	/** In bits. */
	readonly length: number;
	/** As many as the prefix has, the last padded with zero bits. */
	readonly bytes: Uint8Array;
	/** Another one with the same hash. */
	readonly next: Subnet | undefined;
}

/** Of all tables of a thread, so that a cache that outlives one never takes one subnet for another. */
let nextId = FIRST_ID;

export class SubnetTable {
	readonly #byHash = new Map<number, Subnet>();
	readonly #byId = new Map<number, Subnet>();
	readonly #seed: number;
	readonly #exhausted: () => void;

	/** `exhausted` is called when numbers begin anew: nothing cached under one may be found any more. */
	constructor(seed: number, exhausted: () => void) {
		this.#seed = seed;
		this.#exhausted = exhausted;
	}

	byId(id: number): Subnet | undefined {
		return this.#byId.get(id);
	}

	/** The subnet of `length` bits of the address that begins at `at`. */
	of(family: number, length: number, address: Uint8Array, at: number): Subnet {
		const size = prefixBytes(length);
		const mask = lastMask(length);
		let hash = this.#seed ^ Math.imul(family * 256 + length, 0x9e37_79b1);
		for (let i = 0; i < size; i++) {
			const byte = i === size - 1 ? address[at + i] & mask : address[at + i];
			hash = Math.imul(hash ^ byte, 0x0100_0193);
			hash ^= hash >>> 15;
		}
		let found = this.#byHash.get(hash);
		while (found !== undefined) {
			if (found.family === family && found.length === length && covers(found, family, length, address, at))
				return found;
			found = found.next;
		}
		return this.#add(hash, family, length, address, at);
	}

	#add(hash: number, family: number, length: number, address: Uint8Array, at: number): Subnet {
		if (this.#byId.size >= MOST_SUBNETS) {
			this.#byHash.clear();
			this.#byId.clear();
		}
		if (nextId > LAST_ID) {
			nextId = FIRST_ID;
			this.#byHash.clear();
			this.#byId.clear();
			this.#exhausted();
		}
		const bytes = address.slice(at, at + prefixBytes(length));
		if (bytes.length > 0) bytes[bytes.length - 1] &= lastMask(length);
		const subnet: Subnet = { id: nextId++, family, length, bytes, next: this.#byHash.get(hash) };
		this.#byHash.set(hash, subnet);
		this.#byId.set(subnet.id, subnet);
		return subnet;
	}
}

/** The bits of the last byte of a prefix that belong to it. */
function lastMask(length: number): number {
	return (0xff << (prefixBytes(length) * 8 - length)) & 0xff;
}

/** Whether the prefix of `length` bits at `at` lies within the subnet. */
export function covers(
	subnet: Subnet,
	family: number,
	length: number,
	address: Uint8Array,
	at: number,
): boolean {
	if (subnet.family !== family || subnet.length > length) return false;
	const { bytes } = subnet;
	const last = bytes.length - 1;
	for (let i = 0; i < last; i++) if (bytes[i] !== address[at + i]) return false;
	return last < 0 || bytes[last] === (address[at + last] & lastMask(subnet.length));
}
