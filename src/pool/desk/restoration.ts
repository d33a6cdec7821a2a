import { type Actor, DeskError } from "../desk.ts";
import type { PoolRecord, Position } from "../record.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import { Turns } from "./turns.ts";

/** Records handed to the store at a time. */
const PAGE = 1000;
const SLICE = 2000;

export interface RestorationParts {
	readonly desk: Pick<DeskParts, "store" | "replica" | "heldPool">;
	readonly ledger: Ledger;
	readonly rights: Rights;
}

/**
 * As PoolDesk.restore. Rejects with 409 where the store has the pool that this node follows: putting an older copy over
 * it would lose what others wrote.
 */
export async function restorePool(
	actor: Actor,
	{ desk, ledger, rights }: RestorationParts,
): Promise<Position> {
	const { store, replica, heldPool } = desk;
	rights.requireAdmin(actor, "restore the pool");
	const { position, counts } = replica;
	if (position === undefined)
		throw new DeskError(409, "this node has no copy of the pool to restore it from");
	const head = await store.head();
	if (heldPool.entry() === undefined && head?.epoch === position.epoch) {
		throw new DeskError(
			409,
			"the pool is in its place: restoring this node's copy would undo what others wrote since",
		);
	}
	const audit = ledger.entry(actor, "restore", {
		contributions: String(counts.contributions),
		members: String(counts.members),
	});
	const restored = await store.restore(pages(desk.replica), audit);
	await ledger.settle(restored);
	return restored;
}

async function* pages(replica: DeskParts["replica"]): AsyncIterable<readonly PoolRecord[]> {
	yield replica.members();
	const turns = new Turns(SLICE);
	let page: PoolRecord[] = [];
	for (const { records } of replica.domains()) {
		if (turns.over()) await turns.next();
		page.push(...records);
		if (page.length < PAGE) continue;
		yield page;
		page = [];
	}
	if (page.length > 0) yield page;
	replica.releasePages();
}
