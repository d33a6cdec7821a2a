/** What one node at a time does for all: sweeping, and trimming the audit. */
import type { Ground } from "./ground.ts";
import { LOCK, UNLOCK } from "./lua-read.ts";

/** A node that dies while it has the lock keeps the others from it for so long. */
const LOCK_MS = 30_000;

/**
 * Does `work` while this node alone has the lock. Undefined when another has it. A script that changes something has to
 * look whether `holder` still has it: work that takes too long loses it.
 */
export async function withLock<T>(
	{ keys, link, options }: Ground,
	epoch: string,
	work: (holder: string) => Promise<T>,
): Promise<T | undefined> {
	const holder = options.draw(16);
	const locked = await link.run((client) =>
		LOCK.run(client, [keys.sweeper, keys.expiry(epoch)], [holder, LOCK_MS]),
	);
	if (locked !== 1) return undefined;
	try {
		return await work(holder);
	} finally {
		// Should this fail, the lock ends by itself.
		await link.run((client) => UNLOCK.run(client, [keys.sweeper], [holder])).catch(() => undefined);
	}
}
