/** NSEC3 records (RFC 5155). */
import { createHash } from "node:crypto";
import type { Budget } from "./budget.ts";
import {
	compareBytes,
	isWithin,
	keyOfName,
	labelCount,
	lastLabels,
	type Name,
	parentOf,
	sameBytes,
	wildcardOf,
} from "./canonical-name.ts";
import {
	type DelegationProof,
	type Denials,
	delegationIn,
	lacksType,
	leadsAway,
	type Proof,
} from "./denial.ts";
import type { RecordSet } from "./record-set.ts";
import { isBitmap } from "./type-bitmap.ts";

/** Zones that ask for more count as insecure (RFC 9276, section 3.2). */
export const MOST_ITERATIONS = 50;
const SHA1 = 1;
const SHA1_BYTES = 20;
const OPT_OUT = 1;

export interface Nsec3 {
	/** The hash that its owner's first label stands for. */
	readonly hash: Uint8Array;
	readonly zone: Name;
	readonly flags: number;
	readonly algorithm: number;
	readonly iterations: number;
	readonly salt: Uint8Array;
	readonly next: Uint8Array;
	readonly bitmap: Uint8Array;
}

/** @returns undefined when it is malformed. */
export function readNsec3(owner: Name, data: Uint8Array): Nsec3 | undefined {
	const hash = owner[0] === 0 ? undefined : base32Hex(owner.subarray(1, 1 + owner[0]));
	if (hash === undefined || data.length < 5) return undefined;
	const saltEnd = 5 + data[4];
	const nextEnd = saltEnd + 1 + data[saltEnd];
	// A salt or hash that is cut off makes for an end that is not there, or none at all.
	if (!(nextEnd <= data.length)) return undefined;
	const bitmap = data.subarray(nextEnd);
	if (!isBitmap(bitmap)) return undefined;
	return {
		hash,
		zone: parentOf(owner),
		algorithm: data[0],
		flags: data[1],
		iterations: (data[2] << 8) | data[3],
		salt: data.subarray(5, saltEnd),
		next: data.subarray(saltEnd + 1, nextEnd),
		bitmap,
	};
}

/** RFC 5155, section 5. `name` in lower case. */
export function hashName(name: Name, salt: Uint8Array, iterations: number): Uint8Array {
	let hash = createHash("sha1").update(name).update(salt).digest();
	for (let i = 0; i < iterations; i++) hash = createHash("sha1").update(hash).update(salt).digest();
	return hash;
}

interface Encloser {
	/** The nearest name above that exists. */
	readonly name: Name;
	/** The record that covers the name one label longer. */
	readonly cover: Nsec3;
}

export class Nsec3Denials implements Denials {
	readonly #zone: Name;
	readonly #budget: Budget;
	/** All of the same parameters (RFC 5155, section 8.2). */
	readonly #records: readonly Nsec3[];
	readonly #isCostly: boolean;
	readonly #hashes = new Map<string, Uint8Array>();

	/** `sets`: of type NSEC3, signed by `zone`. */
	constructor(zone: Name, sets: readonly RecordSet[], budget: Budget) {
		this.#zone = zone;
		this.#budget = budget;
		// Unknown algorithms and flags are ignored (RFC 5155, sections 8.1 and 8.2).
		const all = sets
			.flatMap(({ owner, data }) => data.flatMap((one) => readNsec3(owner, one) ?? []))
			.filter(
				(one) =>
					one.algorithm === SHA1 &&
					(one.flags & ~OPT_OUT) === 0 &&
					sameBytes(one.zone, zone) &&
					one.hash.length === SHA1_BYTES &&
					one.next.length === SHA1_BYTES,
			);
		this.#isCostly = all.some(({ iterations }) => iterations > MOST_ITERATIONS);
		this.#records = all.filter(
			({ iterations, salt }) => iterations === all[0].iterations && sameBytes(salt, all[0].salt),
		);
	}

	/** RFC 5155, section 8.4. */
	async absent(name: Name): Promise<Proof> {
		if (this.#isCostly) return "iterations";
		const encloser = await this.#encloser(name);
		if (encloser === undefined) return "unproven";
		if ((await this.#covering(wildcardOf(encloser.name))) === undefined) return "unproven";
		return byOptOut(encloser);
	}

	/** RFC 5155, sections 8.5 to 8.7. */
	async without(name: Name, type: number): Promise<Proof> {
		if (this.#isCostly) return "iterations";
		const own = await this.#at(name);
		if (own !== undefined) return lacksType(own.bitmap, type, name[0] === 0) ? "proven" : "unproven";
		const encloser = await this.#encloser(name);
		if (encloser === undefined) return "unproven";
		const wildcard = await this.#at(wildcardOf(encloser.name));
		if (wildcard !== undefined)
			return lacksType(wildcard.bitmap, type, false) ? byOptOut(encloser) : "unproven";
		// No record of its own, and none of a wildcard's: only an unsigned delegation can be there, or what leads to one.
		return (encloser.cover.flags & OPT_OUT) === 0 ? "unproven" : "insecure";
	}

	/** RFC 5155, section 8.8. */
	async expanded(name: Name, labels: number): Promise<Proof> {
		if (this.#isCostly) return "iterations";
		const cover = await this.#covering(lastLabels(name, labels + 1));
		return cover === undefined ? "unproven" : byOptOut({ name, cover });
	}

	/** RFC 5155, section 8.9. */
	async undelegated(name: Name): Promise<DelegationProof> {
		if (this.#isCostly) return "iterations";
		const own = await this.#at(name);
		if (own !== undefined) return delegationIn(own.bitmap);
		const encloser = await this.#encloser(name);
		if (encloser === undefined) return "unproven";
		return (encloser.cover.flags & OPT_OUT) === 0 ? "none" : "insecure";
	}

	/** RFC 5155, section 8.3. */
	async #encloser(name: Name): Promise<Encloser | undefined> {
		const least = labelCount(this.#zone);
		for (let labels = labelCount(name) - 1; labels >= least; labels--) {
			const candidate = lastLabels(name, labels);
			const own = await this.#at(candidate);
			if (own === undefined) continue;
			if (leadsAway(own.bitmap)) return undefined;
			const cover = await this.#covering(lastLabels(name, labels + 1));
			return cover === undefined ? undefined : { name: candidate, cover };
		}
		return undefined;
	}

	async #at(name: Name): Promise<Nsec3 | undefined> {
		if (this.#records.length === 0 || !isWithin(name, this.#zone)) return undefined;
		const hash = await this.#hash(name);
		return this.#records.find((one) => sameBytes(one.hash, hash));
	}

	async #covering(name: Name): Promise<Nsec3 | undefined> {
		if (this.#records.length === 0 || !isWithin(name, this.#zone)) return undefined;
		const hash = await this.#hash(name);
		return this.#records.find(({ hash: own, next }) => {
			const isLast = compareBytes(next, own) <= 0;
			const isAfter = compareBytes(own, hash) < 0;
			const isBefore = compareBytes(hash, next) < 0;
			return isLast ? isAfter || isBefore : isAfter && isBefore;
		});
	}

	async #hash(name: Name): Promise<Uint8Array> {
		const key = keyOfName(name);
		const known = this.#hashes.get(key);
		if (known !== undefined) return known;
		const { salt, iterations } = this.#records[0];
		await this.#budget.hashes(iterations + 1);
		const hash = hashName(name, salt, iterations);
		this.#hashes.set(key, hash);
		return hash;
	}
}

/** RFC 5155, section 9.2. */
function byOptOut({ cover }: Encloser): Proof {
	return (cover.flags & OPT_OUT) === 0 ? "proven" : "insecure";
}

const DIGITS = "0123456789abcdefghijklmnopqrstuv";

/** RFC 4648, section 7, without padding; `text` in lower case. */
function base32Hex(text: Uint8Array): Uint8Array | undefined {
	const out = new Uint8Array(Math.floor((text.length * 5) / 8));
	let [bits, held, at] = [0, 0, 0];
	for (const byte of text) {
		const digit = DIGITS.indexOf(String.fromCharCode(byte));
		if (digit < 0) return undefined;
		bits = ((bits << 5) | digit) & 0xfff;
		held += 5;
		if (held >= 8) {
			held -= 8;
			out[at++] = bits >>> held;
		}
	}
	return out;
}
