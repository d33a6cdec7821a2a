import { decodeApproval, decodeContribution } from "../codec.ts";
import type { Contribution, Decision, Dispute } from "../contribution.ts";
import type { DomainOpinion, HeldEntry } from "../desk.ts";
import type { PoolRecord } from "../record.ts";
import { contributionKey, kindOf } from "../record-key.ts";
import { isMarkedBy } from "./bringer.ts";
import type { DeskParts } from "./parts.ts";
import type { Roll } from "./roll.ts";

/** As the judge tells it. */
const WAITS = "waits for approval";
const DISPUTED = "disputed by ";

export interface DomainCaseParts {
	readonly desk: Pick<DeskParts, "replica" | "judge" | "guard" | "now">;
	readonly roll: Roll;
}

/** What is said about one domain, as far as it waits for a person. */
export class DomainCase {
	readonly domain: string;
	readonly records: readonly PoolRecord[];
	readonly opinion: DomainOpinion;
	readonly #parts: DomainCaseParts;

	constructor(domain: string, parts: DomainCaseParts) {
		const { replica, judge, now } = parts.desk;
		this.domain = domain;
		this.records = replica.read(domain);
		this.opinion = judge().opinion(domain, this.records, now());
		this.#parts = parts;
	}

	get decision(): Decision | undefined {
		return this.opinion.decision;
	}

	contribution(member: string): Contribution | undefined {
		const key = contributionKey(this.domain, member);
		const record = this.records.find((one) => one.key === key);
		return record === undefined ? undefined : decodeContribution(key, record.value);
	}

	/** Contributions that would count here if enough people approved. */
	waiting(): readonly Contribution[] {
		return this.opinion.statements
			.filter(({ discounted }) => discounted?.startsWith(WAITS))
			.map(({ contribution }) => contribution);
	}

	/** Whether disputes keep the domain from being blocked here. */
	get isDisputed(): boolean {
		return this.opinion.heldBecause?.startsWith(DISPUTED) === true;
	}

	/** Disputes that nobody decided about. */
	openDisputes(): readonly Dispute[] {
		const { disputes, decision } = this.opinion;
		return disputes.filter(({ created }) => decision === undefined || created > decision.at);
	}

	/** By what it says of itself, and by this node's own guard. */
	approvalsNeeded({ approvalsNeeded }: Contribution): number {
		const word = this.#parts.desk.guard().check(this.domain);
		return Math.max(approvalsNeeded, word.kind === "protected" ? word.approvalsNeeded : 0);
	}

	/** An admin may bring in a contribution for another member, and is no second person then. */
	isBroughtInBy({ id, member }: Contribution, name: string): boolean {
		return name === member || isMarkedBy(id, name);
	}

	/** People who approved the contribution, other than who brought it in. */
	approvers(contribution: Contribution): readonly string[] {
		const { id, member } = contribution;
		const people: string[] = [];
		for (const { key, value } of this.records) {
			const approval = kindOf(key) === "approval" ? decodeApproval(key, value) : undefined;
			if (approval === undefined || approval.member !== member || approval.contribution !== id) continue;
			if (!this.isBroughtInBy(contribution, approval.by) && !this.#parts.roll.isRevoked(approval.by))
				people.push(approval.by);
		}
		return people;
	}

	protectedEntry(contribution: Contribution): HeldEntry {
		const { member, modified } = contribution;
		const word = this.#parts.desk.guard().check(this.domain);
		const why =
			word.kind === "protected"
				? word.reason
				: `${this.domain} touches a name that was protected where it was brought in`;
		return {
			id: `protected:${this.domain}:${member}`,
			kind: "protected",
			reason: `${member} wants ${this.domain} blocked: ${why}`,
			since: modified,
			approvalsNeeded: this.approvalsNeeded(contribution),
			approvals: this.approvers(contribution),
			contribution,
		};
	}

	disputedEntry(): HeldEntry {
		const disputes = this.openDisputes();
		return {
			id: `disputed:${this.domain}`,
			kind: "disputed",
			reason: `${this.domain}: ${this.opinion.heldBecause ?? "was disputed"}`,
			since: Math.min(...disputes.map(({ created }) => created)),
			approvalsNeeded: 1,
			approvals: [],
			disputes,
		};
	}

	/** All that waits. */
	entries(): readonly HeldEntry[] {
		const entries = this.waiting().map((contribution) => this.protectedEntry(contribution));
		return this.isDisputed ? [...entries, this.disputedEntry()] : entries;
	}
}
