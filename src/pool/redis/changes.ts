/** Following the log of a pool. */
import type { Change, Position } from "../record.ts";
import type { Gap } from "../store.ts";
import type { Ground } from "./ground.ts";
import { FOLLOW } from "./lua-read.ts";
import { damaged } from "./meta.ts";

/** Of one answer: so much at most, unless a single change is larger. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_CHANGES = 5000;

export interface Followed {
	readonly changes: readonly Change[];
	readonly position: Position;
}

export async function changesSince(ground: Ground, from: Position, limit: number): Promise<Followed | Gap> {
	if (!Number.isSafeInteger(from.seq) || from.seq < 0) return "replaced";
	const { keys } = ground;
	const { word, rest } = await ground.ask(
		FOLLOW,
		[keys.meta, keys.changes(from.epoch)],
		[from.epoch, from.seq, from.token, Math.max(1, Math.min(limit, MOST_CHANGES)), MOST_BYTES],
	);
	if (word === "lost" || word === "replaced" || word === "trimmed") return word;
	if (word !== "ok") throw damaged(ground.options.faults.where);
	const changes: Change[] = [];
	let position = from;
	for (const entry of rest) {
		const read = readEntry(entry, position.seq + 1);
		// A hole, or what Cordon never writes: the state tells better.
		if (read === undefined) return changes.length > 0 ? { changes, position } : "trimmed";
		changes.push(read.change);
		position = { epoch: from.epoch, seq: read.change.seq, token: read.token };
	}
	return { changes, position };
}

function readEntry(entry: unknown, seq: number): { change: Change; token: string } | undefined {
	const [id, token, what, key, value, expiry] = Array.isArray(entry) ? (entry as unknown[]) : [];
	if (id !== `${seq}-0` || typeof token !== "string" || typeof key !== "string" || key === "")
		return undefined;
	if (what === "-") return { token, change: { seq, key, value: undefined } };
	if (what !== "+" || typeof value !== "string") return undefined;
	const expiresAt = typeof expiry === "string" && /^\d{1,16}$/.test(expiry) ? Number(expiry) : undefined;
	return { token, change: { seq, key, value, ...(expiresAt === undefined ? {} : { expiresAt }) } };
}
