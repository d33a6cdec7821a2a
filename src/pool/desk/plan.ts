import { decodeApproval, decodeContribution, encodeContribution } from "../codec.ts";
import type { Contribution } from "../contribution.ts";
import type { DraftLine, LineStatus, LineVerdict } from "../desk.ts";
import type { Judge } from "../judging.ts";
import type { Edit } from "../record.ts";
import { contributionKey, kindOf, memberOf } from "../record-key.ts";
import type { Replica } from "../replica.ts";
import { markedId } from "./bringer.ts";
import { readDraft } from "./draft.ts";

export type Effect = "add" | "replace" | "remove" | "none";

/** What the last line about a domain does. */
interface Spoken {
	/** Index of its verdict. */
	readonly at: number;
	readonly effect: Effect;
}

export interface PlanParts {
	readonly replica: Replica;
	readonly judge: Judge;
	readonly member: string;
	/** Who brings it in for the member; undefined: the member itself. */
	readonly bringer?: string;
	/** Milliseconds since the epoch. */
	readonly now: number;
}

/**
 * What a batch comes to, line by line, before anything is written. The last line about a domain is what counts.
 *
 * Edits are kept until they are taken. Of millions of lines only the verdicts are kept then, and which domains they
 * spoke of.
 */
export class Plan {
	readonly verdicts: LineVerdict[] = [];
	readonly counts: Record<Effect, number> = { add: 0, replace: 0, remove: 0, none: 0 };
	readonly #parts: PlanParts;
	readonly #spoken = new Map<string, Spoken>();
	#edits = new Map<string, readonly Edit[]>();
	#editCount = 0;
	#taken = false;

	constructor(parts: PlanParts) {
		this.#parts = parts;
	}

	get delta(): { readonly adds: number; readonly removes: number } {
		return { adds: this.counts.add, removes: this.counts.remove };
	}

	/** How many edits wait to be taken. */
	get editCount(): number {
		return this.#editCount;
	}

	take({ line, value }: DraftLine): void {
		const { member, now, judge } = this.#parts;
		const draft = readDraft(value, member, now, judge);
		if (draft.kind === "put") this.#put(line, draft.contribution);
		else if (draft.kind === "withdraw") this.#withdraw(line, draft.domain);
		else {
			const { domain, reason } = draft;
			this.verdicts.push({ line, status: "refused", ...(domain === undefined ? {} : { domain }), reason });
		}
	}

	/** Domains with what becomes of them, as far as their edits were not taken yet. */
	*changes(): Iterable<{
		readonly domain: string;
		readonly effect: Effect;
		readonly contribution?: Contribution;
	}> {
		for (const [domain, [first]] of this.#edits) {
			const effect = this.#spoken.get(domain)?.effect ?? "none";
			const contribution = first.value === undefined ? undefined : decodeContribution(first.key, first.value);
			yield { domain, effect, ...(contribution === undefined ? {} : { contribution }) };
		}
	}

	/** All edits not taken yet; they are the caller's from now on. */
	takeEdits(): Edit[] {
		const edits = [...this.#edits.values()].flat();
		this.#edits = new Map();
		this.#editCount = 0;
		this.#taken = true;
		return edits;
	}

	#put(line: number, said: Contribution): void {
		const { replica, member, bringer } = this.#parts;
		const { domain } = said;
		const key = contributionKey(domain, member);
		const stored = replica.get(key);
		const existing = stored === undefined ? undefined : decodeContribution(key, stored);
		// Under an id that tells whose word it is: what others approved was another's.
		const marks = bringer !== undefined && (existing === undefined || said.approvalsNeeded > 0);
		const drawn = marks ? markedId(said.id, bringer) : (existing?.id ?? said.id);
		const next = { ...said, id: drawn, created: existing?.created ?? said.created };
		if (existing !== undefined && saysTheSame(existing, next)) {
			// Edits of an earlier line may be on their way to the store already: then this one has to undo them.
			const undone = this.#taken && this.#spoken.has(domain) ? [put(existing, key)] : [];
			this.#say(line, domain, "unchanged", "none", undone);
			return;
		}
		const approvals =
			next.approvalsNeeded > 0 || (existing?.approvalsNeeded ?? 0) > 0 ? this.#approvals(domain) : [];
		const kept = existing?.id === next.id && meansTheSame(existing, next);
		const edits = [put(next, key), ...(kept ? [] : approvals.map(removal))];
		const approved = kept ? approvals.filter((approval) => this.#counts(approval, next)).length : 0;
		const waits = next.approvalsNeeded > approved;
		const status = waits ? "pending" : existing === undefined ? "added" : "replaced";
		const reason = waits
			? `${domain} is a protected name, or stands above one: ${next.approvalsNeeded - approved} people have to approve it first`
			: undefined;
		this.#say(line, domain, status, existing === undefined ? "add" : "replace", edits, reason);
	}

	#withdraw(line: number, domain: string): void {
		const { replica, member } = this.#parts;
		const key = contributionKey(domain, member);
		const there = replica.get(key) !== undefined;
		const mayBeStaged = this.#taken && this.#spoken.has(domain);
		const edits =
			there || mayBeStaged ? [key, ...this.#approvals(domain).map((r) => r.key)].map(deletion) : [];
		this.#say(line, domain, there ? "withdrawn" : "absent", there ? "remove" : "none", edits);
	}

	#say(
		line: number,
		domain: string,
		status: LineStatus,
		effect: Effect,
		edits: readonly Edit[],
		reason?: string,
	): void {
		const before = this.#spoken.get(domain);
		if (before !== undefined) {
			this.counts[before.effect]--;
			const { line: earlier } = this.verdicts[before.at];
			this.verdicts[before.at] = {
				line: earlier,
				status: "replaced",
				domain,
				reason: `line ${line} says it anew`,
			};
			this.#editCount -= this.#edits.get(domain)?.length ?? 0;
			this.#edits.delete(domain);
		}
		this.counts[effect]++;
		this.#spoken.set(domain, { at: this.verdicts.length, effect });
		this.verdicts.push({ line, status, domain, ...(reason === undefined ? {} : { reason }) });
		if (edits.length === 0) return;
		this.#edits.set(domain, edits);
		this.#editCount += edits.length;
	}

	/** Of the member's contribution about the domain. */
	#approvals(domain: string) {
		const { replica, member } = this.#parts;
		const records = replica.read(domain);
		return records.filter(({ key }) => kindOf(key) === "approval" && memberOf(key) === member);
	}

	#counts(
		{ key, value }: { readonly key: string; readonly value: string },
		{ id, member }: Contribution,
	): boolean {
		const approval = decodeApproval(key, value);
		return approval !== undefined && approval.contribution === id && approval.by !== member;
	}
}

function put(contribution: Contribution, key: string): Edit {
	return { key, value: encodeContribution(contribution), expiresAt: contribution.validUntil };
}

function deletion(key: string): Edit {
	return { key, value: undefined };
}

function removal({ key }: { readonly key: string }): Edit {
	return deletion(key);
}

/** Whether what people approved is still what is said: more of a domain, or for other reasons, is another matter. */
function meansTheSame(a: Contribution, b: Contribution): boolean {
	return (
		(a.scope === b.scope || b.scope === "exact") &&
		a.category === b.category &&
		a.basis === b.basis &&
		a.approvalsNeeded >= b.approvalsNeeded
	);
}

/** But for when it was said. */
function saysTheSame(a: Contribution, b: Contribution): boolean {
	return (
		a.scope === b.scope &&
		a.category === b.category &&
		a.confidence === b.confidence &&
		a.tlp === b.tlp &&
		a.basis === b.basis &&
		a.reason === b.reason &&
		a.reference === b.reference &&
		a.validFrom === b.validFrom &&
		a.validUntil === b.validUntil &&
		a.approvalsNeeded === b.approvalsNeeded
	);
}
