/** Whether an upstream's answer holds, as a whole: its aliases, what they lead to, and what is denied. */
import { EDE, RCODE, TYPE } from "../wire/codes.ts";
import type { Budget } from "./budget.ts";
import { isBelow, type Name, sameBytes } from "./canonical-name.ts";
import type { Proof } from "./denial.ts";
import type { Errand } from "./errand.ts";
import type { RecordSet } from "./record-set.ts";
import type { SetTrust } from "./set-trust.ts";
import { signedLabels } from "./signed-data.ts";
import type { FoundDenials, Untrusted } from "./trust.ts";
import type { Verified } from "./verifier.ts";

export interface Judged {
	readonly name: Name;
	readonly type: number;
	readonly rcode: number;
	readonly sets: readonly RecordSet[];
}

export interface Verdict {
	readonly kind: "secure" | Untrusted["kind"];
	/** Of the extended error that tells why it is not secure; EDE.NONE: it is, or nothing is signed there. */
	readonly ede: number;
	/** What was verified, and for how many seconds each may be kept. */
	readonly verified: ReadonlyMap<RecordSet, number>;
}

/** No more than `followChain` lets through. */
const MOST_ALIASES = 16;

export class AnswerJudge {
	readonly #trust: SetTrust;
	readonly #errand: Errand;
	readonly #budget: Budget;
	readonly #answer: Judged;
	readonly #verified = new Map<RecordSet, number>();
	#ede: number = EDE.NONE;
	#isInsecure = false;

	constructor(trust: SetTrust, errand: Errand, budget: Budget, answer: Judged) {
		this.#trust = trust;
		this.#errand = errand;
		this.#budget = budget;
		this.#answer = answer;
	}

	/** Throws OverBudget. */
	async judge(): Promise<Verdict> {
		const failed = (await this.#checkAnswers()) ?? (await this.#checkDenial());
		const kind = failed?.kind ?? (this.#isInsecure ? "insecure" : "secure");
		return { kind, ede: failed?.ede ?? this.#ede, verified: this.#verified };
	}

	/** @returns what cannot be given to a client, if there is such a thing. */
	async #checkAnswers(): Promise<Untrusted | undefined> {
		const answers = this.#answer.sets.filter(({ isAnswer }) => isAnswer);
		for (const set of answers) {
			const source = sourceOf(set, answers);
			if (source !== undefined) {
				if (!isRedirected(set, source)) return bogus(EDE.DNSSEC_BOGUS);
				continue;
			}
			const trust = await this.#trust.of(set, this.#errand, this.#budget);
			if (trust.kind !== "secure") {
				if (!this.#isMerelyInsecure(trust)) return trust;
				continue;
			}
			const failed = await this.#checkExpansion(set, trust.verified);
			if (failed !== undefined) return failed;
			this.#keep(set, trust.verified);
		}
		// The alias of a DNAME lasts as long as that (RFC 6672, section 3.1).
		for (const set of answers) {
			const ttl = this.#verified.get(sourceOf(set, answers) ?? set);
			if (ttl !== undefined) this.#verified.set(set, ttl);
		}
		return undefined;
	}

	/** What a wildcard stands for must not exist by itself (RFC 4035, section 5.3.4). */
	async #checkExpansion(set: RecordSet, { signature }: Verified): Promise<Untrusted | undefined> {
		if (signature.labels >= signedLabels(set.owner)) return undefined;
		const found = await this.#denialsOf(set.owner, set.type);
		if (found.kind !== "denials") return this.#isMerelyInsecure(found) ? undefined : found;
		return this.#take(found, await found.denials.expanded(set.owner, signature.labels));
	}

	async #checkDenial(): Promise<Untrusted | undefined> {
		const { rcode, type } = this.#answer;
		const end = this.#end();
		const isThere = this.#answer.sets.some(
			(set) => set.isAnswer && (set.type === type || type === TYPE.ANY) && sameBytes(set.owner, end),
		);
		if (rcode !== RCODE.NXDOMAIN && isThere) return undefined;
		const found = await this.#denialsOf(end, type);
		if (found.kind !== "denials") return this.#isMerelyInsecure(found) ? undefined : found;
		const { denials } = found;
		const proof = rcode === RCODE.NXDOMAIN ? await denials.absent(end) : await denials.without(end, type);
		const failed = this.#take(found, proof);
		if (failed !== undefined) return failed;
		const soa = this.#answer.sets.find((set) => !set.isAnswer && set.type === TYPE.SOA);
		if (soa === undefined) return undefined;
		const trust = await this.#trust.of(soa, this.#errand, this.#budget);
		if (trust.kind !== "secure") return this.#isMerelyInsecure(trust) ? undefined : trust;
		this.#keep(soa, trust.verified);
		return undefined;
	}

	#denialsOf(name: Name, type: number): Promise<FoundDenials | Untrusted> {
		return this.#trust.denials(this.#answer.sets, name, type, this.#errand, this.#budget);
	}

	#take(found: FoundDenials, proof: Proof): Untrusted | undefined {
		if (proof === "unproven") return bogus(EDE.NSEC_MISSING);
		if (proof !== "proven") this.#isInsecure = true;
		if (proof === "iterations") this.#ede = EDE.NSEC3_ITERATIONS;
		for (const [set, verified] of found.sets) this.#keep(set, verified);
		return undefined;
	}

	#keep(set: RecordSet, { ttl }: Verified): void {
		this.#verified.set(set, ttl);
	}

	#isMerelyInsecure(trust: Untrusted): boolean {
		if (trust.kind !== "insecure") return false;
		this.#isInsecure = true;
		if (trust.ede !== EDE.NONE) this.#ede = trust.ede;
		return true;
	}

	/** Where the aliases lead. */
	#end(): Name {
		const { sets, type } = this.#answer;
		let { name } = this.#answer;
		if (type === TYPE.CNAME || type === TYPE.ANY) return name;
		for (let i = 0; i < MOST_ALIASES; i++) {
			const alias = sets.find((set) => set.isAnswer && set.type === TYPE.CNAME && sameBytes(set.owner, name));
			if (alias === undefined) break;
			name = alias.data[0];
		}
		return name;
	}
}

/** The DNAME that an unsigned alias comes from (RFC 6672, section 5.3.1). */
function sourceOf(set: RecordSet, answers: readonly RecordSet[]): RecordSet | undefined {
	if (set.type !== TYPE.CNAME || set.signatures.length > 0) return undefined;
	return answers.find(({ type, owner }) => type === TYPE.DNAME && isBelow(set.owner, owner));
}

/** Whether the alias is what the DNAME makes of its owner. */
function isRedirected({ owner, data }: RecordSet, source: RecordSet): boolean {
	const front = owner.subarray(0, owner.length - source.owner.length);
	return data.length === 1 && sameBytes(data[0], Buffer.concat([front, source.data[0]]));
}

function bogus(ede: number): Untrusted {
	return { kind: "bogus", ede, expiresAt: 0 };
}
