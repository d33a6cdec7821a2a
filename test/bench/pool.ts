/** `npm run bench:pool`: how fast a change reaches every node, what a burst of them does to answers, and a million. */
import { createLog } from "../../src/observe/log.ts";
import { openRedisStore } from "../../src/pool/redis/store.ts";
import { RedisServer } from "../pool/redis/server.ts";
import { blockedDomains, goodNames } from "./domains.ts";
import { pin, versionOf } from "./machine.ts";
import { commandLine } from "./options.ts";
import { burst } from "./pool-burst.ts";
import { oneByOne } from "./pool-changes.ts";
import { untilLevel } from "./pool-level.ts";
import { fill, lastOf, startAgain, startFresh } from "./pool-million.ts";
import { MEMBER, type PoolGround, PoolNode } from "./pool-node.ts";
import { POOL_USAGE, readPoolOptions } from "./pool-options.ts";
import { poolTable } from "./pool-table.ts";
import { installed } from "./program.ts";
import { startWildcardUpstream } from "./wildcard-upstream.ts";
import { builtCordon, coresBeside, Workplace } from "./workplace.ts";

const ASKED_NAMES = 10_000;
const WARM_CHANGES = 10;
const START_TIMEOUT_MS = 60_000;

const wanted = commandLine(POOL_USAGE, () => readPoolOptions(process.argv.slice(2)));
const redisFile = installed("redis-server");
if (redisFile === undefined || installed("redis-cli") === undefined) {
	const what = wanted.smoke ? "skipped" : "nothing measured";
	console.log(`bench:pool needs redis-server and redis-cli (apt-get install redis-server): ${what}`);
	process.exit(wanted.smoke ? 0 : 1);
}
const main = builtCordon();
const place = new Workplace("bench:pool");
const { cleanup, directory, notes, say } = place;
const { load: loadCore } = place.separateCores();
place.raiseKernelBuffers();

const redis = await RedisServer.start({ teardown: (step) => cleanup.add(() => void step()) });
pin(loadCore);
const cores = coresBeside(loadCore);
const upstreamPort = await startWildcardUpstream();
const ground: PoolGround = {
	cleanup,
	directory,
	main,
	upstreamPort,
	redisPort: redis.port,
	cores,
	priority: wanted.priority,
};

say("three nodes");
const nodes: PoolNode[] = [];
for (const turn of [1, 2, 3]) nodes.push(await PoolNode.launch(`node-${turn}`, "bench", ground));
await Promise.all(nodes.map((node) => node.answers()));
await untilLevel(nodes, 0, START_TIMEOUT_MS);
const { token } = await nodes[0].api<{ readonly token: string }>("POST", "/members", {
	body: { name: MEMBER, role: "contributor" },
});
await untilLevel(nodes, 1, START_TIMEOUT_MS);

const asked = Math.min(ASKED_NAMES, wanted.burst);
const all = blockedDomains(WARM_CHANGES + wanted.changes + asked + wanted.burst);
const names = [...all];
const [warming, single, many] = [
	names.slice(0, WARM_CHANGES),
	names.slice(WARM_CHANGES, WARM_CHANGES + wanted.changes),
	names.slice(WARM_CHANGES + wanted.changes),
];
await oneByOne(nodes, token, warming, WARM_CHANGES);
say(`${wanted.changes} changes, one by one`);
const changes = await oneByOne(nodes, token, single, wanted.changes);

say(`a burst of ${wanted.burst} changes`);
const burstReport = await burst({
	nodes,
	redisPid: Number(await redis.info("process_id")),
	token,
	load: { cleanup, directory, cores: loadCore, rate: wanted.rate, good: goodNames(ASKED_NAMES, all) },
	names: many,
	changes: wanted.burst,
	asked,
	warmMs: wanted.smoke ? 300 : 5000,
	idleMs: wanted.seconds * 1000,
	aftermathMs: wanted.smoke ? 500 : 35_000,
	say,
});
if (burstReport.note !== undefined) notes.push(burstReport.note);
pin(loadCore);
for (const node of nodes) await node.stop();

say(`${wanted.million} contributions into Redis`);
const log = createLog({ level: "warn", format: "text" });
const store = await openRedisStore(redis.settings, "million", "bench", log);
const million = [...blockedDomains(wanted.million, 3)];
const seq = await fill(store, million);
await store.close();
const last = lastOf(million);
const settleMs = wanted.smoke ? 300 : 10_000;
const launched = performance.now();
const node = await PoolNode.launch("node-4", "million", { ...ground, cores: undefined });
const fresh = await startFresh(node, launched, seq, last, settleMs);
say(`a fresh node: ${fresh.seconds.toFixed(2)} s`);
await redis.kill();
const again = await startAgain(node, last, settleMs);
say(`again, without Redis: ${again.seconds.toFixed(2)} s`);
await node.stop();

const text = poolTable({
	changes,
	burst: burstReport,
	fresh,
	again,
	million: wanted.million,
	burstSize: wanted.burst,
	about: [
		place.headline(),
		`three nodes with one worker each (\`workerPriority: ${wanted.priority}\`) on ${cores === undefined ? "any core" : `core ${cores}`}, the client on ${loadCore === undefined ? "any core" : `core ${loadCore}`}, Redis on any but during the burst; a fourth node for the million on any core`,
		`during the burst ${wanted.rate.toLocaleString("en")} queries a second to the second node, one in five blocked; it had its core to itself, and the other nodes and Redis, which would be on machines of their own, were on the client's`,
		"an answer takes from just before its question is sent to the kernel's stamp on its arrival, whatever the client waits for",
		place.machine,
		`redis-server ${versionOf(redisFile, ["--version"])}`,
		...notes,
	],
});
place.finish(text, wanted.write);
