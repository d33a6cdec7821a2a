/** Taking out contributions whose time is over, by the clock of Redis. */
import { domainOf, memberOf } from "../record-key.ts";
import { MAX_EDITS } from "../store.ts";
import { pipelined } from "./client.ts";
import { bucketsOf } from "./edits.ts";
import { collectGarbage } from "./garbage.ts";
import type { Ground } from "./ground.ts";
import { SWEEP } from "./lua.ts";
import { countOf, type Meta } from "./meta.ts";
import { withLock } from "./sweeper-lock.ts";

export async function sweepPool(ground: Ground, node: string, limit: number): Promise<number> {
	// Not from memory: of a pool that was replaced, nothing would ever be due.
	const meta = await ground.fetchMeta();
	if (meta === undefined) return 0;
	const now = await serverTime(ground);
	await collectGarbage(ground, meta.position.epoch, now);
	if ((await dueKeys(ground, meta, now, 1)).length === 0) return 0;

	const swept = await withLock(ground, meta.position.epoch, (holder) =>
		sweepLocked(ground, meta, node, limit, now, holder),
	);
	return swept ?? 0;
}

/** Of the node that has the pool: the nodes of a Cluster may differ. */
export async function serverTime(ground: Ground): Promise<number> {
	const [, time] = await ground.link.run((client) =>
		pipelined(client, [["exists", ground.keys.meta], ["time"]]),
	);
	const [seconds, microseconds] = Array.isArray(time) ? (time as unknown[]) : [];
	return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

async function sweepLocked(
	ground: Ground,
	meta: Meta,
	node: string,
	limit: number,
	now: number,
	holder: string,
): Promise<number> {
	let swept = 0;
	for (let round = 0; swept < limit && round <= limit / MAX_EDITS + 1; round++) {
		const due = await dueKeys(ground, meta, now, Math.min(limit - swept, MAX_EDITS));
		if (due.length === 0) break;
		const count = await sweepPart(ground, meta, node, due, holder);
		if (count === undefined) break;
		swept += count;
	}
	return swept;
}

/** @returns how many were taken out; undefined when it is not ours to do any more. */
async function sweepPart(
	ground: Ground,
	meta: Meta,
	node: string,
	due: readonly string[],
	holder: string,
): Promise<number | undefined> {
	const { epoch } = meta.position;
	const writing = ground.writingKeys(epoch);
	const buckets = bucketsOf(due, meta, ground.keys);
	const first = writing.length + 2;
	const args = due.flatMap((key, i) => {
		const member = memberOf(key);
		const details = { domain: domainOf(key), ...(member === undefined ? {} : { member }) };
		return [String(first + buckets.places[i]), key, node, JSON.stringify(details)];
	});
	const answer = await ground.write(
		SWEEP,
		[...writing, ground.keys.sweeper, ...buckets.keys],
		[...ground.writingArguments(epoch), holder, due.length, ...args],
	);
	return answer.word === "ok" ? countOf(answer.rest[2], MAX_EDITS) : undefined;
}

async function dueKeys(ground: Ground, meta: Meta, now: number, limit: number): Promise<string[]> {
	const key = ground.keys.expiry(meta.position.epoch);
	return ground.link.run((client) => client.zrangebyscore(key, "-inf", now, "LIMIT", 0, limit));
}
