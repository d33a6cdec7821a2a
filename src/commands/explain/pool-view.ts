/** What the pool says, as it lies on this node's disk. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BlocklistIndex } from "../../blocklist/index.ts";
import { Overlay } from "../../blocklist/overlay.ts";
import type { SnapshotAbout } from "../../blocklist/snapshot.ts";
import { toPoolSettings } from "../../config/pool-settings.ts";
import type { Config } from "../../config/schema.ts";
import type { PoolExplanation } from "../../observe/status.ts";
import { opinionOn } from "../../pool/desk/opinions.ts";
import { openReplicaReadOnly } from "../../pool/embedded/open.ts";
import { Judging } from "../../supervisor/pool/judging.ts";
import { Overlays } from "../../supervisor/pool/overlays.ts";
import { explanationOf } from "../../supervisor/pool/state.ts";
import { Verdicts } from "../../supervisor/pool/verdicts.ts";

export interface PoolView {
	explain(name: string): PoolExplanation | undefined;
	close(): Promise<void>;
}

/**
 * Puts what was said since the blocklist was compiled above it, as the server does.
 *
 * @returns undefined when there is no pool.
 */
export async function openPoolView(
	config: Config,
	index: BlocklistIndex,
	about: SnapshotAbout,
): Promise<PoolView | undefined> {
	if (config.pool.store === "off" || !existsSync(join(config.dataDir, "pool", "data.mdb"))) return undefined;
	const replica = await openReplicaReadOnly(config.dataDir);
	const judging = new Judging(toPoolSettings(config), replica, config.dataDir);
	const overlays = new Overlays(
		() => index.seed,
		() => {},
	);
	const parts = { replica, judge: () => judging.judge, now: Date.now };
	const verdicts = new Verdicts({ ...parts, overlays, index: () => index, recompile: async () => {} });
	await verdicts.fill(overlays.begin(), about, index);
	overlays.adopt();
	if (overlays.memory !== undefined) index.overlay = new Overlay(overlays.memory);
	return {
		explain: (name) => explanationOf(opinionOn(name, parts)),
		close: () => replica.close(),
	};
}
