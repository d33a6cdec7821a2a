/** Whether a zone's keys have signed a set of records (RFC 4035, section 5.3). */
import { verify } from "node:crypto";
import { EDE } from "../wire/codes.ts";
import { hashFor } from "./algorithms.ts";
import type { Budget } from "./budget.ts";
import { type Name, sameBytes } from "./canonical-name.ts";
import type { PublicKey } from "./public-key.ts";
import type { RecordSet } from "./record-set.ts";
import { isExpired, isTooEarly, type Signature, secondsLeft } from "./signature.ts";
import { signedData, signedLabels } from "./signed-data.ts";

/** Keys of one zone with the same tag that are tried: more than two are no accident. */
const MOST_SAME_TAG = 4;
/** Signatures of one set by one zone that are looked at. */
const MOST_SIGNATURES = 8;
/** Verified at once in this thread; more wait, so that those of other threads have their turn in the pool. */
const MOST_AT_ONCE = 4;

export interface Verified {
	readonly signature: Signature;
	/** Seconds that the set may be kept. */
	readonly ttl: number;
}

/** Why no signature is good: info code of the extended error. */
export type Refusal = number;

export class Verifier {
	/** Seconds since 1970. */
	readonly #clock: () => number;
	readonly #counted: () => void;
	#running = 0;
	readonly #queue: (() => void)[] = [];

	/** `counted` is called for every signature that is verified. */
	constructor(clock: () => number, counted: () => void = () => {}) {
		this.#clock = clock;
		this.#counted = counted;
	}

	get now(): number {
		return this.#clock();
	}

	/** Throws OverBudget. */
	async check(
		set: RecordSet,
		zone: Name,
		keys: readonly PublicKey[],
		budget: Budget,
	): Promise<Verified | Refusal> {
		const own = set.signatures.filter(({ signer }) => sameBytes(signer, zone)).slice(0, MOST_SIGNATURES);
		const { now } = this;
		let refusal: Refusal = EDE.RRSIGS_MISSING;
		for (const signature of own) {
			if (isExpired(signature, now)) refusal = worse(refusal, EDE.SIGNATURE_EXPIRED);
			else if (isTooEarly(signature, now)) refusal = worse(refusal, EDE.SIGNATURE_NOT_YET_VALID);
			else {
				const found = await this.#try(set, signature, keys, budget);
				if (found === true) {
					const left = secondsLeft(signature, now);
					return { signature, ttl: Math.min(set.ttl, signature.originalTtl, left) };
				}
				refusal = worse(refusal, found);
			}
		}
		return refusal;
	}

	async #try(
		set: RecordSet,
		signature: Signature,
		keys: readonly PublicKey[],
		budget: Budget,
	): Promise<true | Refusal> {
		const named = keys.filter(
			({ tag, algorithm }) => tag === signature.tag && algorithm === signature.algorithm,
		);
		if (named.length === 0) return EDE.DNSKEY_MISSING;
		const usable = named.filter((key) => key.isZoneKey);
		if (usable.length === 0) return EDE.NO_ZONE_KEY_BIT;
		const hash = hashFor(signature.algorithm, signature.bytes);
		const data = signature.labels > signedLabels(set.owner) ? undefined : signedData(set, signature);
		if (hash === undefined || data === undefined) return EDE.DNSSEC_BOGUS;
		for (const key of usable.slice(0, MOST_SAME_TAG)) {
			budget.signature();
			if (await this.#verify(hash, data, key, signature.bytes)) return true;
			budget.failure();
		}
		return EDE.DNSSEC_BOGUS;
	}

	async #verify(
		hash: string | null,
		data: Uint8Array,
		{ object }: PublicKey,
		signature: Uint8Array,
	): Promise<boolean> {
		if (object === undefined) return false;
		this.#counted();
		if (this.#running >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
		this.#running++;
		try {
			// With a callback it is done by another thread, while this one goes on answering.
			return await new Promise<boolean>((resolve) => {
				verify(hash, data, { key: object, dsaEncoding: "ieee-p1363" }, signature, (error, isRight) =>
					resolve(error === null && isRight),
				);
			});
		} catch {
			return false;
		} finally {
			this.#running--;
			this.#queue.shift()?.();
		}
	}
}

/** What tells most: a signature that is wrong before one that is of another time, before one without its key. */
const ORDER: readonly Refusal[] = [
	EDE.RRSIGS_MISSING,
	EDE.DNSKEY_MISSING,
	EDE.NO_ZONE_KEY_BIT,
	EDE.SIGNATURE_NOT_YET_VALID,
	EDE.SIGNATURE_EXPIRED,
	EDE.DNSSEC_BOGUS,
];

function worse(a: Refusal, b: Refusal): Refusal {
	return ORDER.indexOf(b) > ORDER.indexOf(a) ? b : a;
}
