import { OPERATOR, PROGRAM } from "../../config/vocabulary.ts";
import { encodeApproval, encodeDecision } from "../codec.ts";
import type { Contribution, Decision } from "../contribution.ts";
import { type Actor, DeskError, type HeldEntry } from "../desk.ts";
import { approvalKey, decisionKey } from "../record-key.ts";
import { askedReason } from "./asked-text.ts";
import type { Batches } from "./batches.ts";
import { DomainCase, type DomainCaseParts } from "./domain-case.ts";
import { type HeldId, readHeldId } from "./held-id.ts";
import type { Ledger } from "./ledger.ts";
import type { HeldPool } from "./parts.ts";
import type { Rights } from "./rights.ts";

export interface ApprovalsParts {
	readonly ledger: Ledger;
	readonly batches: Batches;
	readonly rights: Rights;
	readonly heldPool: HeldPool;
	readonly cases: DomainCaseParts;
}

/** What people decide about what is held. */
export class Approvals {
	readonly #parts: ApprovalsParts;

	constructor(parts: ApprovalsParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.approve. */
	async approve(id: string, actor: Actor): Promise<HeldEntry | undefined> {
		const held = readHeldId(id);
		this.#requirePerson(actor, "approve what is held");
		if (held.kind === "batch") return this.#approveBatch(held.batch, actor);
		if (held.kind === "protected") return this.#approveProtected(held.domain, held.member, actor);
		if (held.kind === "disputed") return this.#turnDown(held.domain, actor);
		return this.#acceptPool(actor);
	}

	/** As PoolDesk.reject. */
	async reject(id: string, text: string, actor: Actor): Promise<void> {
		const held = readHeldId(id);
		const reason = askedReason(text);
		if (held.kind === "batch") return this.#dropBatch(held.batch, reason, actor);
		this.#requirePerson(actor, "reject what is held");
		if (held.kind === "pool") {
			throw new DeskError(
				409,
				"pool: cannot be rejected: this node goes on with what it had; restore puts that back into the store",
			);
		}
		await this.#uphold(held, reason, actor);
	}

	async #approveBatch(id: string, actor: Actor): Promise<undefined> {
		const { batches, ledger } = this.#parts;
		const batch = await batches.heldById(id);
		// In a home there is nobody else to ask.
		if (actor.name !== OPERATOR && batches.isBroughtInBy(batch, actor)) {
			throw new DeskError(409, `${actor.name} brought batch ${id} in: another admin has to approve it`);
		}
		await ledger.present();
		await batches.release(batch, actor);
	}

	async #dropBatch(id: string, reason: string, actor: Actor): Promise<void> {
		const { batches, rights } = this.#parts;
		const isAdmin = rights.isAdmin(actor);
		const batch = await batches.heldById(id);
		// Whoever brought it in may think better of it.
		if (!isAdmin && batch.member !== actor.name) {
			throw new DeskError(403, `only an admin, or ${batch.member} itself, may reject batch ${id}`);
		}
		await batches.drop(batch, reason, actor);
	}

	async #approveProtected(domain: string, member: string, actor: Actor): Promise<HeldEntry | undefined> {
		const { ledger, cases } = this.#parts;
		const now = await ledger.present();
		const before = new DomainCase(domain, cases);
		const contribution = this.#approvable(before, member, actor, now);
		const approval = { domain, member, contribution: contribution.id, by: actor.name, at: now };
		await ledger.commit(
			[{ key: approvalKey(domain, member, actor.name), value: encodeApproval(approval) }],
			[ledger.entry(actor, "approve", { domain, member, contribution: contribution.id })],
		);
		const after = new DomainCase(domain, cases);
		const left = after.contribution(member);
		if (left === undefined || after.approvers(left).length >= after.approvalsNeeded(left)) return undefined;
		return after.protectedEntry(left);
	}

	#approvable(found: DomainCase, member: string, actor: Actor, now: number): Contribution {
		const { domain, decision } = found;
		const contribution = found.contribution(member);
		if (contribution === undefined || contribution.validUntil <= now) {
			throw new DeskError(
				404,
				`protected:${domain}:${member}: ${member} says nothing about ${domain} any more`,
			);
		}
		const approvers = found.approvers(contribution);
		if (found.isBroughtInBy(contribution, actor.name)) {
			throw new DeskError(409, `${actor.name} brought ${domain} in: other people have to approve it`);
		}
		if (approvers.includes(actor.name)) {
			throw new DeskError(409, `${actor.name} approved ${domain} of ${member} already: somebody else has to`);
		}
		const needed = found.approvalsNeeded(contribution);
		if (approvers.length >= needed) {
			throw new DeskError(
				409,
				`${domain} of ${member} waits for no approval: ${approvers.length} of ${needed} are there`,
			);
		}
		if (decision?.verdict === "release" && found.waiting().every((waiting) => waiting.member !== member)) {
			throw new DeskError(
				409,
				`${decision.by} decided that ${domain} is not blocked: approve disputed:${domain} first, which undoes that`,
			);
		}
		return contribution;
	}

	/** The disputes count no longer. */
	async #turnDown(domain: string, actor: Actor): Promise<HeldEntry | undefined> {
		const { ledger, cases } = this.#parts;
		const now = await ledger.present();
		const found = this.#decidable(domain);
		const own = found.contribution(actor.name) !== undefined;
		if (own && actor.name !== OPERATOR) {
			throw new DeskError(
				409,
				`${actor.name} wants ${domain} blocked itself: another admin has to turn the disputes down`,
			);
		}
		await this.#decide({ domain, verdict: "block", by: actor.name, at: now, reason: "" }, actor, "approve");
		const after = new DomainCase(domain, cases);
		return after.isDisputed ? after.disputedEntry() : undefined;
	}

	/** The domain is not blocked, whoever says so. */
	async #uphold(
		held: HeldId & { kind: "protected" | "disputed" },
		reason: string,
		actor: Actor,
	): Promise<void> {
		const { ledger, cases } = this.#parts;
		const { domain } = held;
		const now = await ledger.present();
		if (held.kind === "disputed") this.#decidable(domain);
		else {
			const found = new DomainCase(domain, cases);
			const contribution = found.contribution(held.member);
			if (contribution === undefined || found.approvalsNeeded(contribution) === 0) {
				throw new DeskError(
					404,
					`protected:${domain}:${held.member}: nothing of that name waits for approval`,
				);
			}
		}
		await this.#decide({ domain, verdict: "release", by: actor.name, at: now, reason }, actor, "reject");
	}

	/** Something about it was disputed, or decided before. */
	#decidable(domain: string): DomainCase {
		const found = new DomainCase(domain, this.#parts.cases);
		if (found.opinion.disputes.length === 0 && found.decision === undefined) {
			throw new DeskError(404, `disputed:${domain}: nobody disputes ${domain}`);
		}
		return found;
	}

	async #decide(decision: Decision, actor: Actor, action: "approve" | "reject"): Promise<void> {
		const { domain, verdict, reason } = decision;
		await this.#parts.ledger.commit(
			[{ key: decisionKey(domain), value: encodeDecision(decision) }],
			[this.#parts.ledger.entry(actor, action, { domain, verdict, reason })],
		);
	}

	async #acceptPool(actor: Actor): Promise<undefined> {
		const { heldPool, ledger } = this.#parts;
		const entry = heldPool.entry();
		if (entry === undefined)
			throw new DeskError(404, "pool: the shared state is as it should be; nothing waits");
		// First: where the state is lost there is no audit to write to.
		await heldPool.accept();
		await ledger.note(actor, "approve", { pool: entry.reason });
	}

	#requirePerson(actor: Actor, deed: string): void {
		this.#parts.rights.requireAdmin(actor, deed);
		if (actor.name === PROGRAM) throw new DeskError(403, `${PROGRAM} decides nothing: a person has to`);
	}
}
