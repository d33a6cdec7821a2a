/** What status, metrics and explanations say of the pool. */
import type { PoolExplanation } from "../../observe/status.ts";
import type { DomainOpinion } from "../../pool/desk.ts";

/** Undefined when nobody says anything of it. */
export function explanationOf(opinion: DomainOpinion): PoolExplanation | undefined {
	const { domain, statements, disputes, sum, threshold, heldBecause } = opinion;
	if (statements.length === 0 && disputes.length === 0) return undefined;
	return {
		domain,
		sum,
		threshold,
		...(heldBecause === undefined ? {} : { heldBecause }),
		// Who may see TLP:RED has a token, and asks for the opinion; here anybody may.
		statements: statements
			.filter(({ contribution }) => contribution.tlp !== "red")
			.map(({ contribution, weight, score, discounted }) => ({
				member: contribution.member,
				category: contribution.category,
				scope: contribution.scope,
				confidence: contribution.confidence,
				weight,
				score,
				...(discounted === undefined ? {} : { discounted }),
				reason: contribution.reason,
				validUntil: contribution.validUntil,
			})),
		disputes: disputes.map(({ member, reason }) => ({ member, reason })),
	};
}
