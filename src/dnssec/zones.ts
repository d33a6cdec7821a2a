/**
 * What is known of zones: which have keys that are trusted, and which are not signed. Learned from trust anchors down, by
 * asking for DS and DNSKEY records; each question is asked once, however many wait for it.
 */
import { EDE, RCODE, TYPE } from "../wire/codes.ts";
import { isSupportedDigest } from "./algorithms.ts";
import type { Anchor, Anchors } from "./anchors.ts";
import { Budget, OverBudget } from "./budget.ts";
import { keyOfName, labelCount, lastLabels, type Name, parentOf, sameBytes } from "./canonical-name.ts";
import type { Errand } from "./errand.ts";
import { Lookup, type Outward, type Reply } from "./lookup.ts";
import {
	type DelegationSigner,
	isUsable,
	mayName,
	names,
	PublicKey,
	readDelegationSigner,
} from "./public-key.ts";
import { SetTrust } from "./set-trust.ts";
import { SharedWork } from "./shared-work.ts";
import type {
	Bogus,
	Exhausted,
	Insecure,
	NoCut,
	SecureCut,
	SecureZone,
	Unknown,
	Untrusted,
} from "./trust.ts";
import type { Verifier } from "./verifier.ts";

/** Signed zones that are remembered; each takes some kilobytes for its keys. */
const MOST_ZONES = 1000;
/** Names of which it is remembered whether a zone begins there. */
const MOST_CUTS = 10_000;
/** Keys of one zone that are looked at. */
const MOST_KEYS = 64;
const LONGEST_SECURE_S = 86_400;
const LONGEST_INSECURE_S = 3600;
/** What no record says how long to keep. */
const UNSAID_S = 60;

const FOREVER = Number.POSITIVE_INFINITY;
/** No trust anchor is responsible. */
export const NOT_ANCHORED: Insecure = { kind: "insecure", ede: EDE.NONE, expiresAt: FOREVER };

export interface ZonesParts {
	readonly outward: Outward;
	readonly anchors: Anchors;
	readonly verifier: Verifier;
	/** Milliseconds, for how long things are kept. */
	readonly clock: () => number;
	/** Opens a round of work. */
	readonly join: () => void;
	/** How often a question is asked whose answer does not hold: more than once only where there are several upstreams. */
	readonly tries: number;
	/** How long is remembered what does not hold. */
	readonly failureMs: number;
	/** A lookup goes out. */
	readonly asked: () => void;
	/** The keys of a trust anchor's zone do not hold. */
	readonly anchorFailed: (zone: Name, ede: number) => void;
}

export type ZoneTrust = SecureZone | Untrusted;
export type Delegation = SecureCut | NoCut | Untrusted;

export class Zones {
	readonly #parts: ZonesParts;
	readonly #keys: SharedWork<ZoneTrust>;
	readonly #cuts: SharedWork<Delegation>;
	readonly #sets: SetTrust;

	constructor(parts: ZonesParts) {
		this.#parts = parts;
		this.#keys = new SharedWork(MOST_ZONES, parts.clock);
		this.#cuts = new SharedWork(MOST_CUTS, parts.clock);
		this.#sets = new SetTrust(this, parts.anchors, parts.verifier);
	}

	get sets(): SetTrust {
		return this.#sets;
	}

	/** The keys of a zone, which some signature names. Throws OverBudget. */
	async keysOf(zone: Name, errand: Errand): Promise<ZoneTrust> {
		const anchor = this.#parts.anchors.above(zone);
		if (anchor === undefined) return NOT_ANCHORED;
		return await this.#keys.get(keyOfName(zone), async () => {
			errand.step();
			if (sameBytes(anchor.zone, zone)) return await this.#learnKeys(zone, anchor, FOREVER);
			const cut = await this.delegation(zone, errand);
			// What is no zone cannot sign.
			if (cut.kind === "none") return this.#bogus(EDE.DNSSEC_BOGUS);
			return cut.kind === "cut" ? await this.#learnKeys(zone, cut, cut.expiresAt) : cut;
		});
	}

	/** Whether what stands at a name has to be signed. Throws OverBudget. */
	async securityOf(name: Name, errand: Errand): Promise<Untrusted | "secure"> {
		const anchor = this.#parts.anchors.above(name);
		if (anchor === undefined) return NOT_ANCHORED;
		const most = labelCount(name);
		for (let labels = labelCount(anchor.zone) + 1; labels <= most; labels++) {
			const cut = await this.delegation(lastLabels(name, labels), errand);
			if (cut.kind !== "cut" && cut.kind !== "none") return cut;
		}
		return "secure";
	}

	/** What the zone above says of a name that is below a trust anchor. Throws OverBudget. */
	async delegation(name: Name, errand: Errand): Promise<Delegation> {
		const anchor = this.#parts.anchors.above(name);
		if (anchor === undefined) return NOT_ANCHORED;
		return await this.#cuts.get(keyOfName(name), async () => {
			errand.step();
			const budget = new Budget();
			const found = await this.#learn<Delegation>(name, TYPE.DS, (reply) =>
				this.#judgeDelegation(name, reply, errand, budget),
			);
			// Where not even the anchor's own zone comes with signatures, none do.
			if (
				found.kind === "bogus" &&
				found.ede === EDE.RRSIGS_MISSING &&
				sameBytes(parentOf(name), anchor.zone)
			)
				this.#parts.anchorFailed(anchor.zone, found.ede);
			return found;
		});
	}

	async #learn<T extends { readonly kind: string }>(
		name: Name,
		type: number,
		judge: (reply: Reply) => Promise<T>,
	): Promise<T | Unknown | Exhausted> {
		const { outward, join, tries } = this.#parts;
		const lookup = new Lookup(outward, join, name, type);
		for (let left = tries; ; left--) {
			this.#parts.asked();
			const reply = await lookup.ask();
			const found = typeof reply === "number" ? this.#unknown(reply) : await this.#within(() => judge(reply));
			if (left <= 1 || (found.kind !== "bogus" && found.kind !== "unknown")) return found;
		}
	}

	/** A zone whose records take too much work is remembered as one that cannot be trusted. */
	async #within<T>(judge: () => Promise<T>): Promise<T | Exhausted> {
		try {
			return await judge();
		} catch (error) {
			if (!(error instanceof OverBudget) || error.isOfSearch) throw error;
			return { kind: "exhausted", ede: EDE.DNSSEC_BOGUS, expiresAt: this.#failureEnd };
		}
	}

	async #judgeDelegation(name: Name, reply: Reply, errand: Errand, budget: Budget): Promise<Delegation> {
		const set = reply.sets.find(
			({ isAnswer, type, owner }) => isAnswer && type === TYPE.DS && sameBytes(owner, name),
		);
		if (set !== undefined) {
			const trust = await this.#sets.of(set, errand, budget);
			if (trust.kind !== "secure") return trust;
			const all = set.data.flatMap((data) => readDelegationSigner(data) ?? []);
			const signers = all.filter(isUsable);
			const { ttl } = trust.verified;
			return signers.length > 0
				? { kind: "cut", signers, expiresAt: this.#until(ttl, LONGEST_SECURE_S) }
				: this.#insecure(unusableEde(all), ttl);
		}
		// Neither is believed to make anything insecure, so neither needs a proof.
		if (reply.isAlias || reply.rcode === RCODE.NXDOMAIN)
			return { kind: "none", expiresAt: this.#until(UNSAID_S, UNSAID_S) };
		const found = await this.#sets.denials(reply.sets, name, TYPE.DS, errand, budget);
		if (found.kind !== "denials") return found;
		const ttl = Math.min(...found.sets.map(([, verified]) => verified.ttl));
		switch (await found.denials.undelegated(name)) {
			case "none":
				return { kind: "none", expiresAt: this.#until(ttl, LONGEST_SECURE_S) };
			case "insecure":
				return this.#insecure(EDE.NONE, ttl);
			case "iterations":
				return this.#insecure(EDE.NSEC3_ITERATIONS, ttl);
			case "unproven":
				return this.#bogus(EDE.NSEC_MISSING);
		}
	}

	async #learnKeys(
		zone: Name,
		source: Pick<Anchor, "signers"> & Partial<Anchor>,
		sourceUntil: number,
	): Promise<ZoneTrust> {
		const usable = source.signers.filter(isUsable);
		const anchored = source.keys ?? [];
		if (usable.length + anchored.length === 0)
			return this.#insecure(unusableEde(source.signers), LONGEST_INSECURE_S);
		const budget = new Budget();
		const found = await this.#learn<ZoneTrust>(zone, TYPE.DNSKEY, (reply) =>
			this.#judgeKeys(zone, usable, anchored, reply, budget, sourceUntil),
		);
		if (found.kind === "bogus" && source.zone !== undefined) this.#parts.anchorFailed(zone, found.ede);
		return found;
	}

	/** RFC 4035, section 5.2. */
	async #judgeKeys(
		zone: Name,
		signers: readonly DelegationSigner[],
		anchored: readonly PublicKey[],
		reply: Reply,
		budget: Budget,
		sourceUntil: number,
	): Promise<ZoneTrust> {
		const set = reply.sets.find(
			({ isAnswer, type, owner }) => isAnswer && type === TYPE.DNSKEY && sameBytes(owner, zone),
		);
		if (set === undefined) return this.#bogus(EDE.DNSKEY_MISSING);
		const keys = set.data
			.slice(0, MOST_KEYS)
			.filter(({ length }) => length > 4)
			.map((data) => new PublicKey(data))
			.filter(({ isRevoked }) => !isRevoked);
		const entries = keys.filter(
			(key) =>
				anchored.some(({ data }) => sameBytes(data, key.data)) ||
				signers.some((signer) => {
					if (!mayName(signer, key)) return false;
					budget.digest();
					return names(signer, zone, key);
				}),
		);
		if (entries.length === 0) return this.#bogus(EDE.DNSKEY_MISSING);
		const verified = await this.#parts.verifier.check(set, zone, entries, budget);
		if (typeof verified === "number") return this.#bogus(verified);
		const expiresAt = Math.min(sourceUntil, this.#until(verified.ttl, LONGEST_SECURE_S));
		return { kind: "secure", keys, expiresAt };
	}

	#until(seconds: number, most: number): number {
		return this.#parts.clock() + Math.min(seconds, most) * 1000;
	}

	get #failureEnd(): number {
		return this.#parts.clock() + this.#parts.failureMs;
	}

	#insecure(ede: number, seconds: number): Insecure {
		return { kind: "insecure", ede, expiresAt: this.#until(seconds, LONGEST_INSECURE_S) };
	}

	#bogus(ede: number): Bogus {
		return { kind: "bogus", ede, expiresAt: this.#failureEnd };
	}

	#unknown(ede: number): Unknown {
		return { kind: "unknown", ede, expiresAt: this.#failureEnd };
	}
}

/** RFC 8914, sections 4.2 and 4.3. */
function unusableEde(signers: readonly DelegationSigner[]): number {
	return signers.some(({ digestType }) => isSupportedDigest(digestType))
		? EDE.UNSUPPORTED_ALGORITHM
		: EDE.UNSUPPORTED_DIGEST;
}
