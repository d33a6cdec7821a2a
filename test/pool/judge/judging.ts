/** A judge, a guard and what members say, made up for tests. */
import type { PoolSettings, TrustedMember, TrustSettings } from "../../../src/config/pool-settings.ts";
import { VALIDITY } from "../../../src/config/pool-validity.ts";
import {
	encodeApproval,
	encodeContribution,
	encodeDecision,
	encodeDispute,
} from "../../../src/pool/codec.ts";
import type { Approval, Contribution, Decision, Dispute } from "../../../src/pool/contribution.ts";
import { createGuard } from "../../../src/pool/judge/guard.ts";
import { createJudge } from "../../../src/pool/judge/judge.ts";
import { ProtectedNames } from "../../../src/pool/judge/protected-names.ts";
import type { Guard, Judge } from "../../../src/pool/judging.ts";
import type { PoolRecord } from "../../../src/pool/record.ts";
import { approvalKey, contributionKey, decisionKey, disputeKey } from "../../../src/pool/record-key.ts";

export const NOW = Date.UTC(2027, 0, 15, 12);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const DOMAIN = "bad.example";

export function guardOf(
	given: Partial<PoolSettings["guard"]> = {},
	listed: readonly string[] = [],
	specialUse?: ReadonlyMap<string, string>,
): Guard {
	const settings = { ownNames: [], protect: [], infrastructure: [], ...given };
	return createGuard(settings, ProtectedNames.from(listed), specialUse);
}

export function trusted(name: string, weight = 1, more: Partial<TrustedMember> = {}): TrustedMember {
	return { name, weight, mode: "block", categories: {}, ...more };
}

export interface JudgeOptions {
	readonly trust?: Partial<TrustSettings>;
	readonly guard?: Guard;
	readonly revoked?: readonly string[];
	readonly validity?: Partial<PoolSettings["validity"]>;
}

/** Trusts `cert` with weight 1, `isp` with 0.5 and `forum` with 0.25, nobody else; the threshold is 50. */
export function judgeOf(options: JudgeOptions = {}): Judge {
	const trust: TrustSettings = {
		threshold: 50,
		weight: 0,
		categories: {},
		disputeWeight: 0.5,
		members: [trusted("cert"), trusted("isp", 0.5), trusted("forum", 0.25)],
		...options.trust,
	};
	const settings = { trust, validity: { ...VALIDITY, ...options.validity } };
	const revoked = new Set(options.revoked);
	let ids = 0;
	return createJudge(settings, options.guard ?? guardOf(), {
		revoked: (member) => revoked.has(member),
		newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`,
	});
}

/** Valid for a day yet, and from an hour ago. */
export function said(member: string, more: Partial<Contribution> = {}): PoolRecord {
	const contribution: Contribution = {
		domain: DOMAIN,
		scope: "subtree",
		member,
		category: "malware",
		confidence: 80,
		tlp: "green",
		basis: "policy",
		reason: "",
		reference: "",
		validFrom: NOW - HOUR,
		validUntil: NOW + DAY,
		created: NOW - HOUR,
		modified: NOW - HOUR,
		id: `id-of-${member}`,
		approvalsNeeded: 0,
		...more,
	};
	return {
		key: contributionKey(contribution.domain, contribution.member),
		value: encodeContribution(contribution),
	};
}

export function disputed(member: string, created = NOW - 60_000, domain = DOMAIN): PoolRecord {
	const dispute: Dispute = { domain, member, reason: "our customer's shop", created };
	return { key: disputeKey(domain, member), value: encodeDispute(dispute) };
}

export function approved(member: string, by: string, more: Partial<Approval> = {}): PoolRecord {
	const approval: Approval = {
		domain: DOMAIN,
		member,
		contribution: `id-of-${member}`,
		by,
		at: NOW - 1000,
		...more,
	};
	return { key: approvalKey(approval.domain, member, by), value: encodeApproval(approval) };
}

export function decided(verdict: Decision["verdict"], at: number, domain = DOMAIN): PoolRecord {
	const decision: Decision = { domain, verdict, by: "operator", at, reason: "looked at it" };
	return { key: decisionKey(domain), value: encodeDecision(decision) };
}
