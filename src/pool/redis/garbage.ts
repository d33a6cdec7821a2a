/** What is left of pools that were replaced, or that were written aside and never took anybody's place. */
import type { PipelinedCommand } from "./client.ts";
import { pipelined } from "./client.ts";
import type { Ground } from "./ground.ts";
import { BUCKETS } from "./keys.ts";

/** A pool that is being written aside is touched far more often. */
const FORGOTTEN_MS = 3_600_000;
const KEYS_AT_ONCE = 256;

/** Deletes what was forgotten for an hour: the node that meant to do it has died. */
export async function collectGarbage(ground: Ground, epoch: string, now: number): Promise<void> {
	const { garbage } = ground.keys;
	const forgotten = await ground.link.run((client) =>
		client.zrangebyscore(garbage, "-inf", now - FORGOTTEN_MS, "LIMIT", 0, 10),
	);
	for (const old of forgotten) {
		if (old === epoch || !/^[0-9a-f]{1,64}$/.test(old)) {
			await ground.link.run((client) => client.zrem(garbage, old));
		} else {
			await deleteEpoch(ground, old, BUCKETS);
		}
	}
}

/** Deletes all that bears an epoch, in small steps; memory is given back by Redis beside its work (UNLINK). */
export async function deleteEpoch(ground: Ground, epoch: string, buckets: number): Promise<void> {
	const { keys, link } = ground;
	const ids = await link.run((client) => client.smembers(keys.batches(epoch)));
	const names = [
		keys.changes(epoch),
		keys.expiry(epoch),
		keys.batches(epoch),
		...ids.flatMap((id) => [keys.batch(epoch, id), keys.edits(epoch, id)]),
		...Array.from({ length: buckets }, (_, bucket) => keys.bucket(epoch, bucket)),
	];
	for (let at = 0; at < names.length; at += KEYS_AT_ONCE) {
		const command: PipelinedCommand = ["unlink", ...names.slice(at, at + KEYS_AT_ONCE)];
		await link.run((client) => pipelined(client, [command]));
	}
	await link.run((client) => client.zrem(keys.garbage, epoch));
}
