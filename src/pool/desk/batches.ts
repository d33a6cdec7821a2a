import { setImmediate as nextTurn } from "node:timers/promises";
import { PROGRAM } from "../../config/vocabulary.ts";
import { type Actor, DeskError } from "../desk.ts";
import type { Edit } from "../record.ts";
import type { StagedBatch } from "../store.ts";
import { PoolUnavailable } from "../store.ts";
import { bringerMark } from "./bringer.ts";
import { inParts } from "./edit-parts.ts";
import type { Ledger } from "./ledger.ts";
import { Outdated } from "./outdated.ts";
import type { DeskParts } from "./parts.ts";

/** A batch that nobody carried on for so long has lost whoever began it. */
const ABANDONED_MS = 30_000;

/** Batches of one member that may wait for a person. */
const MOST_HELD = 20;

/** Batches too large for one step, or that have to wait: staged in the store, and carried on until they are done. */
export class Batches {
	readonly #parts: Pick<DeskParts, "store" | "random" | "log">;
	readonly #ledger: Ledger;
	readonly #outdated: Outdated;
	/** Those that this process carries on at the moment. */
	readonly #advancing = new Set<string>();
	#heldCount = 0;

	constructor(parts: Pick<DeskParts, "store" | "replica" | "random" | "log">, ledger: Ledger) {
		this.#parts = parts;
		this.#outdated = new Outdated(parts);
		this.#ledger = ledger;
	}

	/** How many waited for a person when the store was last asked. */
	get heldCount(): number {
		return this.#heldCount;
	}

	/** Another one each time. It bears a mark of who brought it in, which `isBroughtInBy` knows. */
	drawId(actor: Actor): string {
		const drawn = Buffer.from(this.#parts.random(16)).toString("hex");
		return `${drawn}-${bringerMark(drawn, actor.name)}`;
	}

	/** An admin may bring in a batch for another member, and shall not approve it either. */
	isBroughtInBy(batch: StagedBatch, actor: Actor): boolean {
		const [drawn, marked] = batch.id.split("-", 2);
		return batch.member === actor.name || marked === bringerMark(drawn, actor.name);
	}

	/** Rejects with 409 when so much of the member waits already that nobody will ever look through it. */
	async requireRoom(member: string): Promise<void> {
		const waiting = (await this.held()).filter((batch) => batch.member === member).length;
		if (waiting < MOST_HELD) return;
		throw new DeskError(
			409,
			`${waiting} batches of ${member} are held: have them approved or rejected first`,
		);
	}

	async hold(
		batch: Pick<StagedBatch, "id" | "member" | "created" | "reason">,
		edits: AsyncIterable<readonly Edit[]>,
	): Promise<void> {
		await this.#parts.store.stage({ ...batch, state: "held" }, edits);
		this.#heldCount++;
	}

	/**
	 * Applies edits that are too many for one commit. Once staged they will all be applied, by whichever node, so that
	 * a store that goes away then is no fault.
	 *
	 * @returns whether all is applied already.
	 */
	async apply(
		batch: Pick<StagedBatch, "id" | "member" | "created">,
		edits: readonly Edit[],
	): Promise<boolean> {
		await this.#parts.store.stage({ ...batch, state: "applying", reason: "" }, inParts(edits));
		return this.#carryOn(batch.id);
	}

	/** Those that wait for a person, the oldest first. */
	async held(): Promise<readonly StagedBatch[]> {
		const held = (await this.#parts.store.batches()).filter(({ state }) => state === "held");
		this.#heldCount = held.length;
		return held.sort((a, b) => a.created - b.created);
	}

	/** Rejects with 404 when nothing is held by that id. */
	async heldById(id: string): Promise<StagedBatch> {
		const batch = (await this.held()).find((held) => held.id === id);
		if (batch === undefined) throw new DeskError(404, `no batch "${id}" is held: it may be decided already`);
		return batch;
	}

	/** Lets a held batch in, and applies it, but for what its member has said anew since. */
	async release(batch: StagedBatch, actor: Actor): Promise<void> {
		const outdated = await this.#outdated.domainsOf(batch);
		if (outdated.size > 0) return this.#releaseRest(batch, outdated, actor);
		const audit = this.#ledger.entry(actor, "approve", details(batch, ""));
		if (!(await this.#parts.store.release(batch.id, audit))) {
			throw new DeskError(404, `no batch "${batch.id}" is held any more: somebody else decided`);
		}
		this.#heldCount = Math.max(0, this.#heldCount - 1);
		await this.#carryOn(batch.id);
	}

	/** Staged anew before the old one goes: whatever happens between, a person is asked again. */
	async #releaseRest(batch: StagedBatch, outdated: ReadonlySet<string>, actor: Actor): Promise<void> {
		const { store, random, log } = this.#parts;
		const { member, created, reason } = batch;
		const id = `${batch.id.slice(0, 50)}-${Buffer.from(random(4)).toString("hex")}`;
		const rest: StagedBatch = await store.stage(
			{ id, member, created, reason, state: "held" },
			this.#outdated.rest(batch, outdated),
		);
		const said = { ...details(batch, ""), skipped: String(outdated.size), batch: id };
		try {
			await this.drop(
				batch,
				`${outdated.size} domains were said anew since; batch ${id} has the rest`,
				actor,
			);
		} catch (error) {
			await store.drop(id, this.#ledger.entry(actor, "reject", said));
			throw error;
		}
		if (!(await store.release(id, this.#ledger.entry(actor, "approve", said)))) {
			throw new DeskError(404, `no batch "${id}" is held any more: somebody else decided`);
		}
		log.info("a held batch was let in late: what its member has said anew since was left out", {
			batch: id,
			member,
			skipped: outdated.size,
			edits: rest.edits,
		});
		await this.#carryOn(id);
	}

	async drop(batch: StagedBatch, reason: string, actor: Actor): Promise<void> {
		const audit = this.#ledger.entry(actor, "reject", details(batch, reason));
		if (!(await this.#parts.store.drop(batch.id, audit))) {
			throw new DeskError(404, `no batch "${batch.id}" is held any more: somebody else decided`);
		}
		this.#heldCount = Math.max(0, this.#heldCount - 1);
	}

	/**
	 * Carries on what some node began and did not finish. To be called now and then. One that cannot be carried on does
	 * not keep the others waiting; the first such fault is what it rejects with then.
	 */
	async resume(): Promise<void> {
		const { store } = this.#parts;
		const [now, batches] = await Promise.all([store.now(), store.batches()]);
		this.#heldCount = batches.filter(({ state }) => state === "held").length;
		const faults: unknown[] = [];
		for (const batch of batches) {
			if (batch.state !== "applying" || this.#advancing.has(batch.id)) continue;
			if (now - batch.touched < ABANDONED_MS) continue;
			await this.#takeUp(batch).catch((error: unknown) => faults.push(error));
		}
		if (faults.length > 0) throw faults[0];
	}

	/** All nodes may find it at once: the store lets each part be applied only once. */
	async #takeUp(batch: StagedBatch): Promise<void> {
		const { id, member, applied, edits } = batch;
		this.#parts.log.info("carrying on a batch of the shared pool that was left half done", {
			batch: id,
			member,
			applied,
			edits,
		});
		const self: Actor = { name: PROGRAM, role: "admin", from: "resume" };
		await this.#ledger.note(self, "resume", details(batch, ""));
		await this.#carryOn(id);
	}

	/** To the end. False when the store went away: `resume` takes it up again. */
	async #carryOn(id: string): Promise<boolean> {
		const { store, log } = this.#parts;
		this.#advancing.add(id);
		try {
			for (;;) {
				const { done, position } = await store.advance(id);
				if (done) {
					await this.#ledger.settle(position);
					return true;
				}
				// A store in this process takes no time of its own: others are to have their turn.
				await nextTurn();
			}
		} catch (error) {
			if (!(error instanceof PoolUnavailable)) throw error;
			log.warn("a batch is half applied, since the shared pool went away: it is carried on when it is back", {
				batch: id,
				error,
			});
			return false;
		} finally {
			this.#advancing.delete(id);
		}
	}
}

function details(
	{ id, member, puts, deletes }: StagedBatch,
	reason: string,
): Readonly<Record<string, string>> {
	return { batch: id, member, puts: String(puts), deletes: String(deletes), reason };
}
