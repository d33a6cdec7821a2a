/** NSEC records (RFC 4034, section 4; RFC 4035, section 5.4). */
import {
	commonLabels,
	compareNames,
	copied,
	isBelow,
	isWithin,
	labelCount,
	lastLabels,
	type Name,
	nameIn,
	sameBytes,
	toLowerCase,
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

export interface Nsec {
	readonly owner: Name;
	/** In lower case. */
	readonly next: Name;
	readonly bitmap: Uint8Array;
}

/** @returns undefined when it is malformed. */
export function readNsec(owner: Name, data: Uint8Array): Nsec | undefined {
	const next = nameIn(data, 0, data.length);
	if (next === undefined) return undefined;
	const bitmap = data.subarray(next.length);
	return isBitmap(bitmap) ? { owner, next: toLowerCase(copied(next)), bitmap } : undefined;
}

export class NsecDenials implements Denials {
	readonly #zone: Name;
	readonly #records: readonly Nsec[];

	/** `sets`: of type NSEC, signed by `zone`. */
	constructor(zone: Name, sets: readonly RecordSet[]) {
		this.#zone = zone;
		this.#records = sets.flatMap(({ owner, data }) =>
			data.flatMap((one) => {
				const nsec = readNsec(owner, one);
				return nsec !== undefined && isWithin(owner, zone) && isWithin(nsec.next, zone) ? [nsec] : [];
			}),
		);
	}

	async absent(name: Name): Promise<Proof> {
		const covering = this.#denying(name);
		if (covering === undefined) return "unproven";
		return toProof(this.#denying(wildcardFor(name, covering)) !== undefined);
	}

	async without(name: Name, type: number): Promise<Proof> {
		const own = this.#at(name);
		if (own !== undefined) return toProof(lacksType(own.bitmap, type, name[0] === 0));
		const covering = this.#covering(name);
		if (covering === undefined) return "unproven";
		// It exists only because something below it does (RFC 4035, section 5.4; RFC 4592, section 2.2.2).
		if (isBelow(covering.next, name)) return "proven";
		const wildcard = this.#at(wildcardFor(name, covering));
		return toProof(wildcard !== undefined && lacksType(wildcard.bitmap, type, false));
	}

	async expanded(name: Name, labels: number): Promise<Proof> {
		const covering = this.#denying(name);
		if (covering === undefined) return "unproven";
		return toProof(encloserLabels(name, covering) === labels);
	}

	async undelegated(name: Name): Promise<DelegationProof> {
		const own = this.#at(name);
		if (own !== undefined) return delegationIn(own.bitmap);
		return this.#covering(name) === undefined ? "unproven" : "none";
	}

	#at(name: Name): Nsec | undefined {
		return this.#records.find(({ owner }) => sameBytes(owner, name));
	}

	/** One that covers the name, below which there is nothing either. */
	#denying(name: Name): Nsec | undefined {
		const covering = this.#covering(name);
		return covering === undefined || isBelow(covering.next, name) ? undefined : covering;
	}

	#covering(name: Name): Nsec | undefined {
		if (!isWithin(name, this.#zone)) return undefined;
		return this.#records.find(({ owner, next, bitmap }) => {
			if (compareNames(owner, name) >= 0) return false;
			// That of the zone's last name leads back to the first, which is the zone's own.
			const isLast = compareNames(next, owner) <= 0;
			if (isLast ? !sameBytes(next, this.#zone) : compareNames(name, next) >= 0) return false;
			return !(isBelow(name, owner) && leadsAway(bitmap));
		});
	}
}

/** Labels of the nearest name above that exists, as the record that covers `name` shows. */
function encloserLabels(name: Name, { owner, next }: Nsec): number {
	return Math.min(labelCount(name) - 1, Math.max(commonLabels(name, owner), commonLabels(name, next)));
}

function wildcardFor(name: Name, covering: Nsec): Name {
	return wildcardOf(lastLabels(name, encloserLabels(name, covering)));
}

function toProof(holds: boolean): Proof {
	return holds ? "proven" : "unproven";
}
