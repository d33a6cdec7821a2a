import type { Test } from "tap";
import type { AuditWish } from "../../../src/pool/retention.ts";
import type { PoolStore } from "../../../src/pool/store.ts";
import { Housekeeper } from "../../../src/pool/sync/housekeeper.ts";
import { logLines } from "./lines.ts";

/** As the configuration has it by default. */
export const WISH: AuditWish = { keepMs: 730 * 86_400_000, most: 1_000_000 };

/** A housekeeper for each store, all at it without a pause. They stop with the test. */
export function keepHouse(t: Test, stores: readonly PoolStore[]): Housekeeper[] {
	const { log } = logLines();
	return stores.map((store, i) => {
		const housekeeper = new Housekeeper({
			store,
			node: `node-${i}`,
			log,
			random: Math.random,
			everyMs: 1,
			audit: () => WISH,
			resumeBatches: async () => {},
		});
		t.teardown(() => housekeeper.stop());
		housekeeper.start();
		return housekeeper;
	});
}
