/** Which statements about a domain count on this node, and how much. */
import type { Approval, Contribution } from "../contribution.ts";
import type { GuardWord } from "../judging.ts";
import type { Dossier } from "./dossier.ts";
import { type Counted, rounded } from "./ruling.ts";
import type { Trust } from "./trust.ts";

export interface Statement {
	readonly contribution: Contribution;
	readonly weight: number;
	readonly mode: "block" | "log-only" | "ignore";
	/** weight × confidence, whether it counts or not. */
	readonly score: number;
	/** Why it does not count; undefined when it does. */
	readonly discounted: string | undefined;
	/** It would count, but for an approval that is missing, or for a decision. */
	readonly waits: "approval" | "decision" | undefined;
}

export interface Weighing {
	readonly trust: Trust;
	readonly revoked: (member: string) => boolean;
	/** What this node's own guard says to the domain. */
	readonly word: GuardWord;
	readonly now: number;
}

/** People who approved, other than who brought it in; each of them has one record. */
function approvers(
	contribution: Contribution,
	approvals: readonly Approval[],
	revoked: Weighing["revoked"],
): number {
	const people = new Set<string>();
	for (const { member, contribution: id, by } of approvals) {
		const meant = member === contribution.member && id === contribution.id;
		if (meant && by !== contribution.member && !revoked(by)) people.add(by);
	}
	return people.size;
}

type Discount = Pick<Statement, "discounted" | "waits">;

const COUNTS: Discount = { discounted: undefined, waits: undefined };

function discount(discounted: string, waits?: Statement["waits"]): Discount {
	return { discounted, waits };
}

function discountOf(
	contribution: Contribution,
	{ mode, weight }: Pick<Statement, "mode" | "weight">,
	{ decision, approvals }: Dossier,
	{ revoked, word, now }: Weighing,
): Discount {
	if (revoked(contribution.member)) return discount("member revoked");
	if (now < contribution.validFrom) return discount("not yet valid");
	if (now >= contribution.validUntil) return discount("expired");
	if (mode === "ignore") return discount("category ignored");
	if (weight === 0) return discount("member without weight");
	if (decision?.verdict === "release" && contribution.created <= decision.at) {
		return discount(`released by ${decision.by}`, "decision");
	}
	const guarded = word.kind === "protected" ? word.approvalsNeeded : 0;
	const needed = Math.max(contribution.approvalsNeeded, guarded);
	if (needed === 0) return COUNTS;
	const given = approvers(contribution, approvals, revoked);
	return given < needed ? discount(`waits for approval: ${given} of ${needed}`, "approval") : COUNTS;
}

function weighOne(contribution: Contribution, dossier: Dossier, weighing: Weighing): Statement {
	const weight = weighing.trust.weight(contribution.member);
	const mode = weighing.trust.mode(contribution.member, contribution.category);
	const { discounted, waits } = discountOf(contribution, { mode, weight }, dossier, weighing);
	return { contribution, weight, mode, score: rounded(weight * contribution.confidence), discounted, waits };
}

export function weigh(dossier: Dossier, weighing: Weighing): readonly Statement[] {
	return dossier.contributions.map((contribution) => weighOne(contribution, dossier, weighing));
}

function counts(statement: Statement): statement is Statement & Counted {
	return statement.discounted === undefined && statement.mode !== "ignore";
}

export function counting(statements: readonly Statement[]): readonly Counted[] {
	return statements.filter(counts);
}

/** Members whose dispute holds the domain: trusted, and nobody has decided since. */
export function openDisputes(
	{ disputes, decision }: Dossier,
	{ trust, revoked }: Weighing,
): readonly string[] {
	return disputes
		.filter(({ created, member }) => {
			if (decision !== undefined && created <= decision.at) return false;
			return !revoked(member) && trust.mayDispute(member);
		})
		.map(({ member }) => member);
}
