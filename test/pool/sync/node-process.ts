/** A node that only follows, as a process of its own that a test kills: `node-process.js PORT FOLDER`. */
import { openReplica } from "../../../src/pool/embedded/open.ts";
import { openRedisStore } from "../../../src/pool/redis/store.ts";
import { PoolClock } from "../../../src/pool/sync/clock.ts";
import { Follower } from "../../../src/pool/sync/follower.ts";
import { singleSettings } from "../redis/server.ts";
import { LIMITS, QUICK } from "./following.ts";
import { logLines } from "./lines.ts";
import { tampered } from "./tampered-store.ts";

const [port, folder] = process.argv.slice(2);
const { log } = logLines();
const say = (what: string) => process.stdout.write(`${what}\n`);

const replica = await openReplica(folder);
say(`start ${replica.position?.seq ?? "none"} ${replica.counts.contributions}`);
const store = tampered(await openRedisStore(singleSettings(Number(port)), "default", "node-2", log), {
	page: (records, index) => {
		say(`page ${index}`);
		return records;
	},
});
const follower = new Follower({
	store,
	replica,
	clock: new PoolClock({ now: Date.now, log, everyMs: 120_000 }),
	log,
	limits: LIMITS,
	callbacks: {
		touched: () => void say(`at ${replica.position?.seq}`),
		replaced: () => void say(`replaced ${replica.position?.seq}`),
	},
	random: Math.random,
	pace: { ...QUICK, page: 100 },
});
follower.start();
// A stopped test takes its nodes with it.
process.stdin.on("end", () => process.exit()).resume();
