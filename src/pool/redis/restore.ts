/** Restoring a pool: the new one is written aside, under an epoch of its own, and takes the old one's place in one step. */
import { validUntilOf } from "../codec.ts";
import type { NewAuditEntry, PoolRecord, Position } from "../record.ts";
import { domainOf, kindOf } from "../record-key.ts";
import { PoolUnavailable } from "../store.ts";
import { type PipelinedCommand, pipelined } from "./client.ts";
import { checkEdit } from "./edits.ts";
import { deleteEpoch } from "./garbage.ts";
import { entryArguments, type Ground } from "./ground.ts";
import { BUCKETS, bucketOf } from "./keys.ts";
import { SWITCH } from "./lua-read.ts";
import { FORMAT } from "./meta.ts";
import { serverTime } from "./sweep.ts";

const RECORDS_AT_ONCE = 1000;

interface Written {
	records: number;
	expiring: number;
}

/** @param later takes what may go on after this has resolved. */
export async function restorePool(
	ground: Ground,
	records: AsyncIterable<readonly PoolRecord[]>,
	audit: NewAuditEntry,
	later: (work: Promise<void>) => void,
): Promise<Position> {
	const old = await ground.fetchMeta();
	const epoch = ground.options.draw(10);
	const written: Written = { records: 0, expiring: 0 };
	try {
		for await (const page of records) {
			for (let at = 0; at < page.length; at += RECORDS_AT_ONCE) {
				await writeAside(ground, epoch, page.slice(at, at + RECORDS_AT_ONCE), written);
			}
		}
		await takePlace(ground, old?.position.epoch, epoch, written, audit);
	} catch (error) {
		ground.forgetMeta();
		later(deleteAside(ground, epoch));
		throw error;
	}
	ground.forgetMeta();
	if (old !== undefined) later(deleteEpoch(ground, old.position.epoch, old.buckets));
	return { epoch, seq: 0, token: "" };
}

/** Not when it took the pool's place after all: an answer may have been lost on the way. */
async function deleteAside(ground: Ground, epoch: string): Promise<void> {
	const now = await ground.fetchMeta();
	if (now?.position.epoch !== epoch) await deleteEpoch(ground, epoch, BUCKETS);
}

async function writeAside(
	ground: Ground,
	epoch: string,
	records: readonly PoolRecord[],
	written: Written,
): Promise<void> {
	const { keys } = ground;
	const buckets = new Map<number, string[]>();
	const expiries: (string | number)[] = [];
	for (const { key, value } of records) {
		checkEdit({ key, value });
		const bucket = bucketOf(domainOf(key), BUCKETS);
		const pairs = buckets.get(bucket) ?? [];
		pairs.push(key, value);
		buckets.set(bucket, pairs);
		const until = kindOf(key) === "contribution" ? validUntilOf(value) : Number.NaN;
		if (!Number.isNaN(until)) expiries.push(until, key);
	}
	const now = await serverTime(ground);
	const commands: PipelinedCommand[] = [
		// Before anything else, so that nothing of it is forgotten should we die.
		["zadd", keys.garbage, now, epoch],
		...[...buckets].map(([bucket, pairs]) => ["hset", keys.bucket(epoch, bucket), ...pairs]),
	];
	if (expiries.length > 0) commands.push(["zadd", keys.expiry(epoch), ...expiries]);
	const replies = await ground.link.run((client) => pipelined(client, commands));
	const added = replies.map(Number);
	written.records += added.slice(1, 1 + buckets.size).reduce((sum, n) => sum + n, 0);
	written.expiring += expiries.length > 0 ? added[added.length - 1] : 0;
}

async function takePlace(
	ground: Ground,
	old: string | undefined,
	epoch: string,
	written: Written,
	audit: NewAuditEntry,
): Promise<void> {
	const { keys } = ground;
	const { word } = await ground.write(
		SWITCH,
		[
			keys.meta,
			keys.audit,
			old === undefined ? keys.none : keys.changes(old),
			keys.garbage,
			keys.expiry(epoch),
			...Array.from({ length: BUCKETS }, (_, bucket) => keys.bucket(epoch, bucket)),
		],
		[old ?? "", epoch, written.records, written.expiring, BUCKETS, FORMAT, ...entryArguments(audit)],
		true,
	);
	if (word === "ok") return;
	if (word === "epoch") {
		throw new PoolUnavailable(
			`${ground.name} was made anew by somebody else while it was being restored: nothing was replaced. Look at it before you restore again.`,
		);
	}
	throw new PoolUnavailable(
		`${ground.name} could not be restored: parts of what was written are gone again, Redis was restarted, emptied or failed over meanwhile. Nothing was replaced; restore again.`,
	);
}
