/** A pool in memory, with just enough of its rules to see what the ways in make of them. */

import type { Contribution, Dispute, Role } from "../../src/pool/contribution.ts";
import {
	type Actor,
	type AuditPage,
	type BatchOutcome,
	type Comparison,
	type ContributionPage,
	type ContributionQuery,
	DeskError,
	type DomainOpinion,
	type DraftLine,
	type HeldEntry,
	type LineVerdict,
	type MemberSighting,
	type MemberView,
	type PoolDesk,
	type PoolStatus,
	type SubmitOptions,
} from "../../src/pool/desk.ts";
import type { AuditEntry, Position } from "../../src/pool/record.ts";
import type { AuditTrim } from "../../src/pool/retention.ts";
import { PoolUnavailable } from "../../src/pool/store.ts";
import { domainName } from "../../src/wire/domain.ts";
import { judgeLine, MOMENT } from "./fake-judge.ts";

export const ADMIN = "cordon_admin-token";
export const CERT = "cordon_cert-token";
export const READER = "cordon_reader-token";

const POSITION: Position = { epoch: "e1", seq: 7, token: "t7" };

export class FakeDesk implements PoolDesk {
	readonly kept = new Map<string, Contribution>();
	readonly waiting = new Map<string, HeldEntry>();
	readonly people = new Map<string, { role: Role; token: string; revoked?: number }>([
		["admin", { role: "admin", token: ADMIN }],
		["cert", { role: "contributor", token: CERT }],
		["eyes", { role: "reader", token: READER }],
	]);
	readonly objections: Dispute[] = [];
	readonly outcomes = new Map<string, BatchOutcome>();
	readonly entries: AuditEntry[] = [];
	/** What of them is gone. */
	trimmed: AuditTrim | undefined;
	/** The last thing that was asked, with its arguments. */
	readonly asked: unknown[][] = [];
	/** While set, everything rejects. */
	unavailable: string | undefined;
	/** Batches with more lines are held. */
	maxLines = Number.POSITIVE_INFINITY;
	/** How many lines of the batch that is under way have come. */
	taken = 0;
	/** Resolves before the lines are read. */
	before: () => Promise<void> = async () => {};
	/** What the last batch was ended by, when it broke off. */
	brokenOff: unknown;
	comparison: Comparison = {
		equal: true,
		replicaRecords: 3,
		storeRecords: 3,
		missing: 0,
		surplus: 0,
		different: 0,
		checksum: "c0ffee",
	};

	authenticate(token: string, from: string): Actor | undefined {
		for (const [name, one] of this.people) {
			if (one.token === token && one.revoked === undefined) return { name, role: one.role, from };
		}
		return undefined;
	}

	#ask(method: string, ...given: unknown[]): void {
		this.asked.push([method, ...given]);
		if (this.unavailable !== undefined) throw new PoolUnavailable(this.unavailable);
	}

	#admin(actor: Actor): void {
		if (actor.role !== "admin") throw new DeskError(403, `only an admin may do this; ${actor.name} is none`);
	}

	async submit(
		lines: AsyncIterable<DraftLine> | Iterable<DraftLine>,
		actor: Actor,
		options: SubmitOptions,
	): Promise<BatchOutcome> {
		this.#ask("submit", actor.name, options);
		if (actor.role === "reader") throw new DeskError(403, "a reader may not contribute");
		if (options.member !== undefined && options.member !== actor.name) this.#admin(actor);
		const before = options.idempotencyKey && this.outcomes.get(options.idempotencyKey);
		if (before) return before;
		const staged = new Map(this.kept);
		const verdicts: LineVerdict[] = [];
		this.taken = 0;
		this.brokenOff = undefined;
		await this.before();
		try {
			for await (const draft of lines) {
				verdicts.push(judgeLine(draft, options.member ?? actor.name, staged));
				this.taken++;
			}
		} catch (error) {
			this.brokenOff = error;
			throw error;
		}
		let outcome: BatchOutcome = { status: "applied", lines: verdicts };
		if (verdicts.length > this.maxLines) {
			const reason = `the batch has ${verdicts.length} lines, more than ${this.maxLines}`;
			const id = `batch:b${this.waiting.size + 1}`;
			this.waiting.set(id, {
				...{ id, kind: "batch", reason, since: MOMENT, approvalsNeeded: 1, approvals: [] },
			});
			outcome = { status: "held", held: id, reason, lines: verdicts };
		} else {
			this.kept.clear();
			for (const [key, value] of staged) this.kept.set(key, value);
		}
		if (options.idempotencyKey !== undefined) this.outcomes.set(options.idempotencyKey, outcome);
		return outcome;
	}

	async dispute(domain: string, reason: string, actor: Actor): Promise<Dispute> {
		this.#ask("dispute", domain, reason, actor.name);
		const dispute = { domain, member: actor.name, reason, created: MOMENT };
		this.objections.push(dispute);
		return dispute;
	}

	async undispute(domain: string, actor: Actor): Promise<void> {
		this.#ask("undispute", domain, actor.name);
		const i = this.objections.findIndex((one) => one.domain === domain && one.member === actor.name);
		if (i < 0) throw new DeskError(404, `${actor.name} does not dispute ${domain}`);
		this.objections.splice(i, 1);
	}

	async held(): Promise<readonly HeldEntry[]> {
		this.#ask("held");
		return [...this.waiting.values()];
	}

	#waiting(id: string): HeldEntry {
		const entry = this.waiting.get(id);
		if (entry === undefined) throw new DeskError(404, `nothing waits under ${id}`);
		return entry;
	}

	async approve(id: string, actor: Actor): Promise<HeldEntry | undefined> {
		this.#ask("approve", id, actor.name);
		this.#admin(actor);
		const entry = this.#waiting(id);
		if (entry.approvals.includes(actor.name)) throw new DeskError(409, `${actor.name} approved ${id} before`);
		const now = { ...entry, approvals: [...entry.approvals, actor.name] };
		if (now.approvals.length < now.approvalsNeeded) {
			this.waiting.set(id, now);
			return now;
		}
		this.waiting.delete(id);
		return undefined;
	}

	async reject(id: string, reason: string, actor: Actor): Promise<void> {
		this.#ask("reject", id, reason, actor.name);
		this.#admin(actor);
		this.#waiting(id);
		this.waiting.delete(id);
	}

	async contributions(query: ContributionQuery, actor: Actor): Promise<ContributionPage> {
		this.#ask("contributions", query, actor.name);
		const found = [...this.kept]
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.filter(([key]) => query.after === undefined || key > query.after)
			.filter(([, one]) => query.domain === undefined || one.domain === query.domain)
			.filter(([, one]) => query.member === undefined || one.member === query.member);
		const page = found.slice(0, query.limit);
		return {
			contributions: page.map(([, one]) => one),
			...(found.length > page.length ? { next: page[page.length - 1][0] } : {}),
		};
	}

	async *export(tlp: Contribution["tlp"], actor: Actor): AsyncIterable<Contribution> {
		this.#ask("export", tlp, actor.name);
		for (const one of this.kept.values()) yield one;
	}

	async opinion(name: string): Promise<DomainOpinion> {
		this.#ask("opinion", name);
		const domain = domainName(name);
		if (domain === undefined) throw new DeskError(400, `"${name}" is no name`);
		const statements = [...this.kept.values()].filter((one) => one.domain === domain);
		const sum = statements.reduce((all, one) => all + one.confidence, 0);
		const disputes = this.objections.filter((one) => one.domain === domain);
		const blocks = sum >= 50 && disputes.length === 0;
		return {
			domain,
			statements: statements.map((contribution) => ({
				contribution,
				weight: 1,
				mode: "block",
				score: contribution.confidence,
			})),
			disputes,
			sum,
			subtreeSum: sum,
			threshold: 50,
			...(disputes.length > 0 ? { heldBecause: `disputed by ${disputes[0].member}` } : {}),
			verdict: blocks ? { subtree: { action: "block", category: "malware", basis: "policy" } } : {},
		};
	}

	async members(actor: Actor): Promise<readonly MemberView[]> {
		this.#ask("members", actor.name);
		return [...this.people].map(([name, { role, revoked }]) => ({
			...{ name, role, hasToken: true, created: MOMENT, weight: 1 },
			...(revoked === undefined ? {} : { revoked }),
			contributions: [...this.kept.values()].filter((one) => one.member === name).length,
		}));
	}

	async addMember(name: string, role: Role, actor: Actor): Promise<string> {
		this.#ask("addMember", name, role, actor.name);
		this.#admin(actor);
		if (this.people.has(name)) throw new DeskError(409, `there is a member ${name} already`);
		const token = `cordon_${name}-token`;
		this.people.set(name, { role, token });
		return token;
	}

	async revokeMember(name: string, actor: Actor): Promise<void> {
		this.#ask("revokeMember", name, actor.name);
		this.#admin(actor);
		const member = this.people.get(name);
		if (member === undefined) throw new DeskError(404, `there is no member ${name}`);
		member.revoked = MOMENT;
	}

	async disputes(): Promise<readonly Dispute[]> {
		this.#ask("disputes");
		return this.objections;
	}

	async audit(after: string | undefined, limit: number, actor: Actor): Promise<AuditPage> {
		this.#ask("audit", after, limit, actor.name);
		this.#admin(actor);
		const entries = this.entries.filter(({ id }) => after === undefined || id > after).slice(0, limit);
		const { trimmed } = this;
		return trimmed !== undefined && (after ?? "") < trimmed.last ? { entries, trimmed } : { entries };
	}

	async sightings(member: string, sinceMs: number, actor: Actor): Promise<readonly MemberSighting[]> {
		this.#ask("sightings", member, sinceMs, actor.name);
		return [{ domain: "malware.example", count: 12, networks: 3, lastHour: MOMENT }];
	}

	status(): PoolStatus {
		return {
			...{ store: "redis", up: this.unavailable === undefined, lagMs: 12, position: POSITION },
			...(this.unavailable === undefined ? {} : { problem: this.unavailable }),
			...{ contributions: this.kept.size, members: this.people.size, verdicts: { block: 1, logOnly: 0 } },
			...{
				held: { batch: this.waiting.size, protected: 0, disputed: 0, pool: 0 },
				resyncs: 1,
				clockAheadMs: -3,
			},
		};
	}

	async verify(actor: Actor): Promise<Comparison> {
		this.#ask("verify", actor.name);
		this.#admin(actor);
		return this.comparison;
	}

	async restore(actor: Actor): Promise<Position> {
		this.#ask("restore", actor.name);
		this.#admin(actor);
		return { ...POSITION, epoch: "e2" };
	}
}
