/** Whether sets of records, and denials of them, hold: by the keys of the zones that sign them. */
import { EDE, TYPE } from "../wire/codes.ts";
import type { Anchors } from "./anchors.ts";
import type { Budget } from "./budget.ts";
import { isWithin, keyOfName, type Name, parentOf } from "./canonical-name.ts";
import type { Errand } from "./errand.ts";
import { NsecDenials } from "./nsec.ts";
import { Nsec3Denials } from "./nsec3.ts";
import type { RecordSet } from "./record-set.ts";
import { signedLabels } from "./signed-data.ts";
import type { Bogus, FoundDenials, SecureSet, SecureZone, Untrusted } from "./trust.ts";
import type { Verified, Verifier } from "./verifier.ts";

/** Zones that one set may be signed by: its own, and while it moves another one. */
const MOST_SIGNERS = 2;

/** What the trust in sets is made of. */
interface ZoneKnowledge {
	keysOf(zone: Name, errand: Errand): Promise<SecureZone | Untrusted>;
	securityOf(name: Name, errand: Errand): Promise<Untrusted | "secure">;
}

export class SetTrust {
	readonly #zones: ZoneKnowledge;
	readonly #anchors: Anchors;
	readonly #verifier: Verifier;

	constructor(zones: ZoneKnowledge, anchors: Anchors, verifier: Verifier) {
		this.#zones = zones;
		this.#anchors = anchors;
		this.#verifier = verifier;
	}

	/** Throws OverBudget. */
	async of(set: RecordSet, errand: Errand, budget: Budget): Promise<SecureSet | Untrusted> {
		const place = placeOf(set.owner, set.type);
		let why: Untrusted = bogus(EDE.RRSIGS_MISSING);
		for (const zone of this.#signersFor(place, [set])) {
			const trust = await this.#zones.keysOf(zone, errand);
			if (trust.kind === "secure") {
				const verified = await this.#verifier.check(set, zone, trust.keys, budget);
				if (typeof verified !== "number") return { kind: "secure", verified };
				why = bogus(verified);
			} else if (trust.kind !== "insecure") why = trust;
		}
		return await this.#unless(place, why, errand);
	}

	/** The NSEC and NSEC3 records among `sets` that speak for a name and type. Throws OverBudget. */
	async denials(
		sets: readonly RecordSet[],
		name: Name,
		type: number,
		errand: Errand,
		budget: Budget,
	): Promise<FoundDenials | Untrusted> {
		const place = placeOf(name, type);
		const proofs = sets.filter((set) => !set.isAnswer && (set.type === TYPE.NSEC || set.type === TYPE.NSEC3));
		const isSigned = sets.some(({ isAnswer, signatures }) => !isAnswer && signatures.length > 0);
		let why: Untrusted = bogus(isSigned ? EDE.NSEC_MISSING : EDE.RRSIGS_MISSING);
		for (const zone of this.#signersFor(place, proofs)) {
			const trust = await this.#zones.keysOf(zone, errand);
			if (trust.kind !== "secure") {
				if (trust.kind !== "insecure") why = trust;
				continue;
			}
			const verified: [RecordSet, Verified][] = [];
			for (const set of proofs) {
				const found = await this.#verifier.check(set, zone, trust.keys, budget);
				// One that came from a wildcard says nothing of the name that it came under (RFC 4592, section 4.4).
				if (typeof found === "number") why = bogus(found);
				else if (found.signature.labels === signedLabels(set.owner)) verified.push([set, found]);
			}
			if (verified.length === 0) continue;
			const own = verified.map(([set]) => set);
			const nsec = own.filter((set) => set.type === TYPE.NSEC);
			const denials = nsec.length > 0 ? new NsecDenials(zone, nsec) : new Nsec3Denials(zone, own, budget);
			return { kind: "denials", denials, sets: verified };
		}
		return await this.#unless(place, why, errand);
	}

	/** `why`, unless nothing needs to be signed there. */
	async #unless(place: Name, why: Untrusted, errand: Errand): Promise<Untrusted> {
		const security = await this.#zones.securityOf(place, errand);
		return security === "secure" ? why : security;
	}

	/** The zones, below the trust anchor that is responsible for a name, that the sets are signed by. */
	#signersFor(place: Name, sets: readonly RecordSet[]): readonly Name[] {
		const anchor = this.#anchors.above(place);
		if (anchor === undefined) return [];
		const zones = new Map<string, Name>();
		for (const { signatures } of sets)
			for (const { signer } of signatures)
				if (isWithin(place, signer) && isWithin(signer, anchor.zone)) zones.set(keyOfName(signer), signer);
		return [...zones.values()].slice(0, MOST_SIGNERS);
	}
}

/** The DS of a zone is its parent's (RFC 4035, section 2.4). */
function placeOf(name: Name, type: number): Name {
	return type === TYPE.DS ? parentOf(name) : name;
}

/** Not kept by itself. */
function bogus(ede: number): Bogus {
	return { kind: "bogus", ede, expiresAt: 0 };
}
