import type { Actor } from "../desk.ts";
import type { Edit, NewAuditEntry, Position } from "../record.ts";
import { PoolUnavailable } from "../store.ts";
import type { DeskParts } from "./parts.ts";

/** Looks at the store before something is written, writes it, and waits until it can be seen here. */
export class Ledger {
	readonly #parts: Pick<DeskParts, "store" | "replica" | "caughtUp" | "settings" | "log">;

	constructor(parts: Pick<DeskParts, "store" | "replica" | "caughtUp" | "settings" | "log">) {
		this.#parts = parts;
	}

	/**
	 * Brings the replica level with what others have written until now, so that what is decided by it is not decided by
	 * something old.
	 *
	 * @returns the time by the clock that all nodes share.
	 */
	async present(): Promise<number> {
		const { store, replica } = this.#parts;
		const [now, head] = await Promise.all([store.now(), store.head()]);
		if (head === undefined) {
			throw new PoolUnavailable(
				"the shared pool has no state: it was never made, or it was lost; see its status",
			);
		}
		this.#requireEpoch(head);
		if ((replica.position?.seq ?? 0) < head.seq) await this.settle(head);
		this.#requireEpoch(head);
		return now;
	}

	/** All or nothing; nothing when the pool became another one since `present`. */
	async commit(edits: readonly Edit[], audit: readonly NewAuditEntry[]): Promise<void> {
		const { store, replica } = this.#parts;
		const { position } = await store.commit(edits, audit, replica.position?.epoch);
		await this.settle(position);
	}

	/** Into the audit alone, of whatever pool there is now. */
	async note(actor: Actor, action: string, details: Readonly<Record<string, string>>): Promise<void> {
		await this.#parts.store.commit([], [this.entry(actor, action, details)]);
	}

	/** Never rejects: what is written is written, whether or not we can see it yet. */
	async settle(position: Position): Promise<void> {
		try {
			await this.#parts.caughtUp(position);
		} catch (error) {
			this.#parts.log.warn(
				"this node could not follow the shared pool to a change of its own yet; it does when it can, see cordon pool status",
				{
					error,
				},
			);
		}
	}

	/** An entry of the audit; details that are empty are left out. */
	entry(actor: Actor, action: string, details: Readonly<Record<string, string>>): NewAuditEntry {
		const said = Object.entries(details).filter(([, value]) => value !== "");
		return {
			actor: actor.name,
			node: this.#parts.settings().node,
			from: actor.from,
			action,
			details: Object.fromEntries(said),
		};
	}

	#requireEpoch(head: Position): void {
		const { position } = this.#parts.replica;
		if (position?.epoch === head.epoch) return;
		throw new PoolUnavailable(
			position === undefined
				? "this node has not read the shared pool yet: try again in a few seconds"
				: "the shared pool was made anew, and this node has not taken it in yet: see its status",
		);
	}
}
