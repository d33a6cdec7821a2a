/** Whose word counts how much on this node. */
import type { CategoryMode, TrustedMember, TrustSettings } from "../../config/pool-settings.ts";
import { OPERATOR, type PoolCategory } from "../../config/vocabulary.ts";

/** Of the operator, whose own node it is, unless the configuration says otherwise. */
const OPERATOR_WEIGHT = 1;

export class Trust {
	readonly threshold: number;
	readonly #settings: TrustSettings;
	readonly #members: ReadonlyMap<string, TrustedMember>;

	constructor(settings: TrustSettings) {
		this.threshold = settings.threshold;
		this.#settings = settings;
		this.#members = new Map(settings.members.map((member) => [member.name, member]));
	}

	weight(member: string): number {
		const named = this.#members.get(member);
		if (named !== undefined) return named.weight;
		return member === OPERATOR ? OPERATOR_WEIGHT : this.#settings.weight;
	}

	/** What the member says of a category stands above what all say of it; a member that is log-only blocks nothing. */
	mode(member: string, category: PoolCategory): CategoryMode {
		const named = this.#members.get(member);
		const mode = named?.categories[category] ?? this.#settings.categories[category] ?? "block";
		return mode === "block" && named?.mode === "log-only" ? "log-only" : mode;
	}

	/** Whether the member's dispute holds a domain. */
	mayDispute(member: string): boolean {
		return this.weight(member) >= this.#settings.disputeWeight;
	}
}
