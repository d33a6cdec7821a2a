/** What this node makes of what members say: each domain by itself, whatever is said above or below it. */
import { randomUUID } from "node:crypto";
import type { PoolSettings } from "../../config/pool-settings.ts";
import { validFromOf, validUntilOf } from "../codec.ts";
import type { Contribution } from "../contribution.ts";
import type { DomainOpinion, WeighedStatement } from "../desk.ts";
import type { Guard, Judge } from "../judging.ts";
import type { PoolRecord } from "../record.ts";
import { kindOf, memberOf } from "../record-key.ts";
import type { Verdict } from "../verdict.ts";
import { type Dossier, decodeDossier } from "./dossier.ts";
import { readContribution } from "./reading.ts";
import { NO_VERDICT, rounded, sumOf, verdictOf } from "./ruling.ts";
import { Trust } from "./trust.ts";
import { counting, openDisputes, type Statement, type Weighing, weigh } from "./weighing.ts";

const MOST_CONFIDENCE = 100;

export interface JudgeParts {
	/** Whether the member's token was revoked, and its contributions with it. */
	readonly revoked: (member: string) => boolean;
	/** A UUID that nothing has yet. */
	readonly newId?: () => string;
}

interface Deliberation {
	readonly weighing: Weighing;
	readonly dossier: Dossier;
	readonly statements: readonly Statement[];
	readonly disputed: readonly string[];
	readonly verdict: Verdict;
}

class NodeJudge implements Judge {
	readonly #settings: Pick<PoolSettings, "validity">;
	readonly #trust: Trust;
	readonly #guard: Guard;
	readonly #revoked: (member: string) => boolean;
	readonly #newId: () => string;

	constructor(settings: Pick<PoolSettings, "trust" | "validity">, guard: Guard, parts: JudgeParts) {
		this.#settings = settings;
		this.#trust = new Trust(settings.trust);
		this.#guard = guard;
		this.#revoked = parts.revoked;
		this.#newId = parts.newId ?? randomUUID;
	}

	verdict(domain: string, records: readonly PoolRecord[], now: number): Verdict {
		return this.#mayReach(records, now) ? this.#deliberate(domain, records, now).verdict : NO_VERDICT;
	}

	opinion(domain: string, records: readonly PoolRecord[], now: number): DomainOpinion {
		const deliberation = this.#deliberate(domain, records, now);
		const { dossier, statements, verdict } = deliberation;
		const blocking = counting(statements).filter(({ mode }) => mode === "block");
		const heldBecause = this.#heldBecause(deliberation);
		return {
			domain,
			statements: statements.map(told),
			disputes: dossier.disputes,
			...(dossier.decision === undefined ? {} : { decision: dossier.decision }),
			sum: sumOf(blocking),
			subtreeSum: sumOf(blocking.filter(({ contribution }) => contribution.scope === "subtree")),
			threshold: this.#trust.threshold,
			...(heldBecause === undefined ? {} : { heldBecause }),
			verdict,
		};
	}

	read(value: unknown, member: string, now: number): Contribution | readonly string[] {
		return readContribution(value, member, now, {
			validity: this.#settings.validity,
			guard: this.#guard,
			newId: this.#newId,
		});
	}

	/** Without decoding: most domains of a large pool are out of question by who speaks of them, and when. */
	#mayReach(records: readonly PoolRecord[], now: number): boolean {
		let most = 0;
		for (const { key, value } of records) {
			if (kindOf(key) !== "contribution") continue;
			const weight = this.#trust.weight(memberOf(key) ?? "");
			if (weight > 0 && validFromOf(value) <= now && now < validUntilOf(value))
				most += rounded(weight * MOST_CONFIDENCE);
		}
		return rounded(most) >= this.#trust.threshold;
	}

	#deliberate(domain: string, records: readonly PoolRecord[], now: number): Deliberation {
		const word = this.#guard.check(domain);
		const weighing = { trust: this.#trust, revoked: this.#revoked, word, now };
		const dossier = decodeDossier(records);
		const statements = weigh(dossier, weighing);
		const disputed = openDisputes(dossier, weighing);
		const free = word.kind !== "refused" && disputed.length === 0;
		const verdict = free ? verdictOf(counting(statements), this.#trust.threshold) : NO_VERDICT;
		return { weighing, dossier, statements, disputed, verdict };
	}

	/** Why nothing follows, when something else than the sum is the reason. */
	#heldBecause({ weighing, dossier, statements, disputed, verdict }: Deliberation): string | undefined {
		if (verdict !== NO_VERDICT) return undefined;
		const { word } = weighing;
		const possible = statements.filter(
			({ discounted, waits }) => discounted === undefined || waits !== undefined,
		);
		if (sumOf(possible) < this.#trust.threshold) return undefined;
		if (word.kind === "refused") return word.reason;
		if (disputed.length > 0) return `disputed by ${disputed.join(", ")}: a person has to decide`;
		const { decision } = dossier;
		if (decision !== undefined && possible.some(({ waits }) => waits === "decision")) {
			return `released by ${decision.by}${decision.reason === "" ? "" : `: ${decision.reason}`}`;
		}
		return word.kind === "protected" ? word.reason : "it touches a protected name: people have to approve it";
	}
}

function told({ contribution, weight, mode, score, discounted }: Statement): WeighedStatement {
	const weighed = { contribution, weight, mode };
	return discounted === undefined ? { ...weighed, score } : { ...weighed, score: 0, discounted };
}

/** `settings` and `guard` hold for as long as the judge is used: after a reload, make another one. */
export function createJudge(
	settings: Pick<PoolSettings, "trust" | "validity">,
	guard: Guard,
	parts: JudgeParts,
): Judge {
	return new NodeJudge(settings, guard, parts);
}
