/** Fills a Redis that has no pool with one that was kept elsewhere. */
import type { RedisSettings } from "../../config/pool-settings.ts";
import type { PoolCopy } from "../pool-copy.ts";
import type { AuditEntry, NewAuditEntry, Position } from "../record.ts";
import { each, refill } from "../refill.ts";
import { PoolUnavailable } from "../store.ts";
import { type Client, createClient, discard, type PipelinedCommand, pipelined } from "./client.ts";
import { Faults, unavailable } from "./fault.ts";
import { Keys } from "./keys.ts";
import type { RedisStore } from "./store.ts";

/** Whether there is anything in the pool that somebody would miss. */
export async function holdsRecords(store: RedisStore): Promise<boolean> {
	if ((await store.head()) === undefined) return false;
	for await (const page of store.scan()) if (page.length > 0) return true;
	return (await store.batches()).length > 0;
}

/** Entries with their own times, only where nobody has written any yet: a stream takes nothing into its past. */
async function importAudit(
	client: Client,
	key: string,
	pages: AsyncIterable<readonly AuditEntry[]>,
): Promise<boolean> {
	const [length] = await pipelined(client, [["xlen", key]]);
	if (Number(length) > 0) return false;
	let last = 0;
	let count = 0;
	for await (const page of pages) {
		const commands = page.map((entry): PipelinedCommand => {
			const { at, actor, node, from, action, details } = entry;
			count = at > last ? 0 : count + 1;
			last = Math.max(last, at);
			const fields = ["at", at, "actor", actor, "node", node, "from", from, "action", action];
			return ["xadd", key, `${last}-${count + 1}`, ...fields, "details", JSON.stringify(details)];
		});
		if (commands.length > 0) await pipelined(client, commands);
	}
	return true;
}

export interface ImportedPool {
	readonly position: Position;
	/** False: the audit that was there stays, and that of the copy was left out. */
	readonly audit: boolean;
}

/** The audit first: what is written into it later comes behind. Rejects with PoolUnavailable. */
export async function importPool(
	{
		settings,
		pool,
		store,
	}: { readonly settings: RedisSettings; readonly pool: string; readonly store: RedisStore },
	copy: Omit<PoolCopy, "position" | "close">,
	entry: NewAuditEntry,
): Promise<ImportedPool> {
	const faults = new Faults(settings);
	const client = createClient(settings, {
		name: "cordon-restore",
		attempt: 0,
		commandTimeoutMs: settings.timeoutMs,
	});
	client.on("error", () => {});
	let audit: boolean;
	try {
		await client.connect();
		audit = await importAudit(client, new Keys(settings.prefix, pool).audit, each(copy.audit()));
	} catch (error) {
		throw error instanceof PoolUnavailable ? error : unavailable(faults.of(error));
	} finally {
		discard(client);
	}
	const position = await refill(store, copy, entry);
	return { position, audit };
}
