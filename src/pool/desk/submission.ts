import type { Actor, BatchOutcome, DraftLine, SubmitOptions } from "../desk.ts";
import type { Edit, NewAuditEntry } from "../record.ts";
import { MAX_EDITS } from "../store.ts";
import type { Batches } from "./batches.ts";
import { Body } from "./body.ts";
import { deltaFault, isAboveCeiling } from "./delta-limit.ts";
import { inParts } from "./edit-parts.ts";
import type { Idempotency } from "./idempotency.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import { Plan } from "./plan.ts";
import type { Speakers } from "./speakers.ts";

/** So many changes are told one by one in the audit; more in one sum. */
const MOST_TOLD = 100;

const DEEDS = { add: "add", replace: "replace", remove: "withdraw", none: "none" } as const;

export interface SubmissionParts {
	readonly desk: Pick<DeskParts, "replica" | "judge" | "settings">;
	readonly ledger: Ledger;
	readonly batches: Batches;
	readonly idempotency: Idempotency;
	readonly speakers: Speakers;
}

/** Who brings something in, and in whose name. */
interface Bringer {
	readonly actor: Actor;
	readonly member: string;
}

/** Contributions and withdrawals on their way in. */
export class Submission {
	readonly #parts: SubmissionParts;

	constructor(parts: SubmissionParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.submit. */
	async submit(
		lines: AsyncIterable<DraftLine> | Iterable<DraftLine>,
		actor: Actor,
		{ member: named, idempotencyKey }: SubmitOptions,
	): Promise<BatchOutcome> {
		const { speakers, idempotency } = this.#parts;
		const member = await speakers.speaker(actor, named);
		const body = new Body(lines, member);
		const bringer = { actor, member };
		try {
			if (idempotencyKey === undefined) return await this.#take(body, bringer);
			return await idempotency.once(actor.name, idempotencyKey, body, () => this.#take(body, bringer));
		} finally {
			await body.close();
		}
	}

	async #take(body: Body, { actor, member }: Bringer): Promise<BatchOutcome> {
		const { desk, ledger } = this.#parts;
		const now = await ledger.present();
		const { limits } = desk.settings();
		const has = desk.replica.counts.byMember.get(member) ?? 0;
		const plan = new Plan({
			replica: desk.replica,
			judge: desk.judge(),
			member,
			now,
			...(actor.name === member ? {} : { bringer: actor.name }),
		});
		for (let line = await body.next(); line !== undefined; line = await body.next()) {
			plan.take(line);
			// It has to wait whatever follows: the rest need not be kept here.
			if (isAboveCeiling(plan.delta, limits)) break;
		}
		const fault = deltaFault(member, plan.delta, has, limits);
		if (fault !== undefined) return this.#hold(plan, body, fault, now, { actor, member });
		if (plan.editCount === 0) return { status: "unchanged", lines: plan.verdicts };
		return plan.editCount <= MAX_EDITS
			? this.#commit(plan, { actor, member })
			: this.#stage(plan, now, { actor, member });
	}

	async #commit(plan: Plan, { actor, member }: Bringer): Promise<BatchOutcome> {
		const { ledger } = this.#parts;
		const changes = [...plan.changes()];
		const audit: NewAuditEntry[] =
			changes.length > MOST_TOLD
				? [ledger.entry(actor, "batch", { member, ...sums(plan) })]
				: changes.map(({ domain, effect, contribution }) =>
						ledger.entry(actor, DEEDS[effect], {
							domain,
							member,
							category: contribution?.category ?? "",
							scope: contribution?.scope ?? "",
							confidence: contribution === undefined ? "" : String(contribution.confidence),
							reason: contribution?.reason ?? "",
						}),
					);
		await ledger.commit(plan.takeEdits(), audit);
		return { status: "applied", lines: plan.verdicts };
	}

	async #stage(plan: Plan, now: number, { actor, member }: Bringer): Promise<BatchOutcome> {
		const { ledger, batches } = this.#parts;
		const id = batches.drawId(actor);
		// First, so that nothing enters that the audit does not tell of.
		await ledger.note(actor, "batch", { batch: id, member, ...sums(plan) });
		const done = await batches.apply({ id, member, created: now }, plan.takeEdits());
		if (done) return { status: "applied", lines: plan.verdicts };
		const reason = `batch ${id} is taken in; the shared pool went away meanwhile, and what is left is applied when it is back`;
		return { status: "applied", reason, lines: plan.verdicts };
	}

	async #hold(
		plan: Plan,
		body: Body,
		reason: string,
		now: number,
		{ actor, member }: Bringer,
	): Promise<BatchOutcome> {
		const { ledger, batches } = this.#parts;
		await batches.requireRoom(member);
		const id = batches.drawId(actor);
		await ledger.note(actor, "hold", { batch: id, member, ...sums(plan), reason });
		await batches.hold({ id, member, created: now, reason }, toTheEnd(plan, body));
		return { status: "held", held: `batch:${id}`, reason, lines: plan.verdicts };
	}
}

function sums({ counts }: Plan): Readonly<Record<string, string>> {
	return { added: String(counts.add), replaced: String(counts.replace), withdrawn: String(counts.remove) };
}

/** What the plan has, and what the lines still to be read add to it. */
async function* toTheEnd(plan: Plan, body: Body): AsyncIterable<readonly Edit[]> {
	yield* inParts(plan.takeEdits());
	for (let line = await body.next(); line !== undefined; line = await body.next()) {
		plan.take(line);
		if (plan.editCount >= MAX_EDITS) yield* inParts(plan.takeEdits());
	}
	if (plan.editCount > 0) yield* inParts(plan.takeEdits());
}
