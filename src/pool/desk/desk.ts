import type { Contribution, Dispute, Role } from "../contribution.ts";
import type {
	Actor,
	AuditPage,
	BatchOutcome,
	Comparison,
	ContributionPage,
	ContributionQuery,
	DomainOpinion,
	DraftLine,
	HeldEntry,
	MemberSighting,
	MemberView,
	PoolDesk,
	PoolStatus,
	SubmitOptions,
} from "../desk.ts";
import type { Position } from "../record.ts";
import { Approvals } from "./approvals.ts";
import { auditFor } from "./audit-view.ts";
import { Batches } from "./batches.ts";
import { Catalogue } from "./catalogue.ts";
import { Comparing } from "./comparing.ts";
import { Disputing } from "./disputing.ts";
import { actorWith } from "./doorkeeper.ts";
import { Idempotency } from "./idempotency.ts";
import { Ledger } from "./ledger.ts";
import { Membership } from "./membership.ts";
import { opinionOn } from "./opinions.ts";
import type { DeskParts } from "./parts.ts";
import { restorePool } from "./restoration.ts";
import { Rights } from "./rights.ts";
import { Roll } from "./roll.ts";
import { SightingReport } from "./sighting-report.ts";
import { Speakers } from "./speakers.ts";
import { Submission } from "./submission.ts";
import { Waiting } from "./waiting.ts";

/**
 * Everything that can be asked of the pool, in one place.
 *
 * Whoever puts it together calls `membersChanged` when records of members changed, `touched` with the domains of every
 * change, `replaced` when the replica was replaced, `judgeChanged` after a reload, and `resumeBatches` now and then.
 */
export class Desk implements PoolDesk {
	readonly #parts: DeskParts;
	readonly #roll = new Roll();
	readonly #rights = new Rights(this.#roll);
	readonly #ledger: Ledger;
	readonly #batches: Batches;
	readonly #waiting: Waiting;
	readonly #submission: Submission;
	readonly #disputing: Disputing;
	readonly #approvals: Approvals;
	readonly #catalogue: Catalogue;
	readonly #membership: Membership;
	readonly #sightingReport: SightingReport;
	readonly #comparing: Comparing;

	constructor(parts: DeskParts) {
		const roll = this.#roll;
		const rights = this.#rights;
		const ledger = new Ledger(parts);
		const batches = new Batches(parts, ledger);
		const refresh = () => this.membersChanged();
		const cases = { desk: parts, roll };
		const idempotency = new Idempotency(parts.store, parts.log);
		const speakers = new Speakers({ desk: parts, ledger, rights, roll, refresh });
		this.#parts = parts;
		this.#ledger = ledger;
		this.#batches = batches;
		this.#waiting = new Waiting(cases);
		this.#submission = new Submission({ desk: parts, ledger, batches, idempotency, speakers });
		this.#disputing = new Disputing({ desk: parts, ledger, rights });
		this.#approvals = new Approvals({ ledger, batches, rights, heldPool: parts.heldPool, cases });
		this.#catalogue = new Catalogue({ desk: parts, rights, roll });
		this.#membership = new Membership({ desk: parts, ledger, rights, roll, refresh });
		this.#sightingReport = new SightingReport({ desk: parts, rights });
		this.#comparing = new Comparing({ desk: parts, ledger, rights });
		roll.refresh(parts.replica.members());
	}

	/** Finds what waits for people among all there is; the desk can be asked meanwhile. */
	open(): Promise<void> {
		return this.#waiting.scan();
	}

	/** Ends what it does by itself. To be called before the replica is closed. */
	close(): Promise<void> {
		return this.#waiting.close();
	}

	/** Whether the member's contributions and disputes count no longer. */
	isRevoked(name: string): boolean {
		return this.#roll.isRevoked(name);
	}

	/** Records of members were added, changed or taken out. */
	membersChanged(): void {
		if (!this.#roll.refresh(this.#parts.replica.members())) return;
		this.#parts.onTrustChanged();
		this.#waiting.reassess().catch((error: unknown) => {
			this.#parts.log.warn(
				"what waits for people could not be counted anew; cordon pool held shows it all the same",
				{ error },
			);
		});
	}

	/** Something was changed about these domains, or began or ceased to be valid. */
	touched(domains: Iterable<string>): Promise<void> {
		return this.#waiting.touched(domains);
	}

	/** Another state took the place of the replica's. */
	replaced(): Promise<void> {
		this.membersChanged();
		return this.#waiting.scan();
	}

	/** The judge or the guard is another one. */
	judgeChanged(): Promise<void> {
		return this.#waiting.scan();
	}

	/** Carries on batches that a node began and did not finish. */
	resumeBatches(): Promise<void> {
		return this.#batches.resume();
	}

	authenticate(token: string, from: string): Actor | undefined {
		return actorWith(token, from, this.#parts.operatorTokenHash, this.#roll);
	}

	submit(
		lines: AsyncIterable<DraftLine> | Iterable<DraftLine>,
		actor: Actor,
		options: SubmitOptions,
	): Promise<BatchOutcome> {
		return this.#submission.submit(lines, actor, options);
	}

	dispute(domain: string, reason: string, actor: Actor): Promise<Dispute> {
		return this.#disputing.dispute(domain, reason, actor);
	}

	undispute(domain: string, actor: Actor): Promise<void> {
		return this.#disputing.undispute(domain, actor);
	}

	async held(): Promise<readonly HeldEntry[]> {
		const pool = this.#parts.heldPool.entry();
		const batches = (await this.#batches.held()).map(
			(batch): HeldEntry => ({
				id: `batch:${batch.id}`,
				kind: "batch",
				reason: batch.reason,
				since: batch.created,
				approvalsNeeded: 1,
				approvals: [],
				batch,
			}),
		);
		return [...(pool === undefined ? [] : [pool]), ...batches, ...(await this.#waiting.entries())];
	}

	approve(id: string, actor: Actor): Promise<HeldEntry | undefined> {
		return this.#approvals.approve(id, actor);
	}

	reject(id: string, reason: string, actor: Actor): Promise<void> {
		return this.#approvals.reject(id, reason, actor);
	}

	contributions(query: ContributionQuery, actor: Actor): Promise<ContributionPage> {
		return this.#catalogue.page(query, actor);
	}

	export(tlp: Contribution["tlp"], actor: Actor): AsyncIterable<Contribution> {
		return this.#catalogue.export(tlp, actor);
	}

	async opinion(name: string): Promise<DomainOpinion> {
		return opinionOn(name, this.#parts);
	}

	async members(actor: Actor): Promise<readonly MemberView[]> {
		return this.#membership.list(actor);
	}

	addMember(name: string, role: Role, actor: Actor): Promise<string> {
		return this.#membership.add(name, role, actor);
	}

	revokeMember(name: string, actor: Actor): Promise<void> {
		return this.#membership.revoke(name, actor);
	}

	disputes(): Promise<readonly Dispute[]> {
		return this.#waiting.disputes();
	}

	audit(after: string | undefined, limit: number, actor: Actor): Promise<AuditPage> {
		return auditFor(actor, after, limit, { store: this.#parts.store, rights: this.#rights });
	}

	sightings(member: string, sinceMs: number, actor: Actor): Promise<readonly MemberSighting[]> {
		return this.#sightingReport.of(member, sinceMs, actor);
	}

	status(): PoolStatus {
		const { store, replica, sync, heldPool } = this.#parts;
		const { contributions, members } = replica.counts;
		return {
			...sync(),
			store: store.kind,
			position: replica.position,
			contributions,
			members,
			held: {
				batch: this.#batches.heldCount,
				...this.#waiting.counts,
				pool: heldPool.entry() === undefined ? 0 : 1,
			},
		};
	}

	verify(actor: Actor): Promise<Comparison> {
		return this.#comparing.compare(actor);
	}

	restore(actor: Actor): Promise<Position> {
		return restorePool(actor, { desk: this.#parts, ledger: this.#ledger, rights: this.#rights });
	}
}
