/** Many changes in one import, while another node is asked. */
import { setTimeout as pause } from "node:timers/promises";
import type { Comparison } from "../../src/pool/desk.ts";
import { isBlocked } from "./domains.ts";
import { LatencyLoad, type LatencyLoadOptions } from "./latency-load.ts";
import { pin } from "./machine.ts";
import type { LoadedPhase } from "./phase-columns.ts";
import { type Answers, answersOf } from "./pool-answers.ts";
import { Eye } from "./pool-eye.ts";
import { untilLevel } from "./pool-level.ts";
import { addLine, importLines, withdrawLine } from "./pool-lines.ts";
import type { PoolNode } from "./pool-node.ts";
import { busySeconds, cpuSeconds, ownSeconds } from "./process-usage.ts";

const LEVEL_TIMEOUT_MS = 600_000;
/** Share of the burst that takes something back. */
const WITHDRAWN = 0.1;

export interface BurstParts {
	readonly nodes: readonly PoolNode[];
	/** Besides nodes: what is to stand for another machine. */
	readonly redisPid: number;
	readonly token: string;
	readonly load: Omit<LatencyLoadOptions, "port" | "blocked">;
	/** Names that nobody has blocked yet, as many as the burst has changes and those that are asked for. */
	readonly names: readonly string[];
	readonly changes: number;
	/** Asked for all the time, and blocked all the time. */
	readonly asked: number;
	readonly warmMs: number;
	readonly idleMs: number;
	/** After all nodes are level: the blocklist is compiled anew meanwhile. */
	readonly aftermathMs: number;
	readonly say: (text: string) => void;
}

export interface BurstReport {
	readonly idle: LoadedPhase;
	readonly burst: LoadedPhase;
	readonly aftermath: LoadedPhase;
	/** Seconds until the import was answered. */
	readonly answered: number;
	/** Seconds until all nodes had the same position, and blocked the last name. */
	readonly level: number;
	/** Of each node's replica with the store. */
	readonly comparisons: readonly Comparison[];
	/** How many names each node was asked for afterwards. */
	readonly compared: number;
	readonly answers: readonly Answers[];
	/** Names that some node answers otherwise than it should. */
	readonly wrong: number;
	/** What could not be had, in one sentence. */
	readonly note?: string;
}

export async function burst(parts: BurstParts): Promise<BurstReport> {
	const { nodes, token, names, changes, asked, say } = parts;
	const [importer, measured, ...others] = nodes;
	const gone = Math.floor(changes * WITHDRAWN);
	const kept = names.slice(0, asked);
	const doomed = names.slice(asked, asked + gone);
	const fresh = names.slice(asked + gone, asked + changes);
	const first = [...kept, ...doomed];
	await importLines(importer, token, first.map(addLine).join(""), { added: first.length, withdrawn: 0 });
	const start = await untilLevel(nodes, first.length, LEVEL_TIMEOUT_MS);

	// They would be on machines of their own: the node that is asked has its core to itself, the client comes before all of
	// them on the other one, and the kernel stamps its answers.
	const elsewhere = [importer.pid, ...others.map((node) => node.pid), parts.redisPid];
	for (const pid of [process.pid, ...elsewhere]) pin(parts.load.cores, pid);
	const load = await LatencyLoad.start({ ...parts.load, port: measured.port, blocked: kept });
	const othersSeconds = (): number =>
		[...elsewhere, measured.pid, load.pid].reduce(
			(sum, pid) => sum - cpuSeconds(pid),
			busySeconds(undefined),
		) - ownSeconds();
	const phase = async (name: string, during: () => Promise<unknown>): Promise<LoadedPhase> => {
		const [began, before] = [performance.now(), othersSeconds()];
		load.begin();
		await during();
		const report = await load.end();
		const othersShare = ((othersSeconds() - before) * 1000) / (performance.now() - began);
		say(`${name}: ${report.sent} sent, ${report.lost} lost, ${report.wrong} wrong`);
		return { report, othersShare };
	};
	// The caches of both, and their compiled code, must be warm before anything counts.
	await phase("warming", () => pause(parts.warmMs));
	const idle = await phase("idle", () => pause(parts.idleMs));
	const lines = fresh.map(addLine).join("") + doomed.map(withdrawLine).join("");
	let [answered, level] = [0, 0];
	const during = await phase("burst", async () => {
		const began = performance.now();
		const seconds = (): number => (performance.now() - began) / 1000;
		const sent = importLines(importer, token, lines, { added: fresh.length, withdrawn: gone }).then(() => {
			answered = seconds();
		});
		const arrived = untilLevel(nodes, start.seq + changes, LEVEL_TIMEOUT_MS).then(async () => {
			await shown(nodes, fresh[fresh.length - 1]);
			level = seconds();
		});
		await Promise.all([sent, arrived]);
	});
	say(`answered in ${answered.toFixed(2)} s, level in ${level.toFixed(2)} s`);
	const aftermath = await phase("aftermath", () => pause(parts.aftermathMs));
	await load.stop();

	const comparisons: Comparison[] = [];
	for (const node of nodes) comparisons.push(await node.api<Comparison>("GET", "/pool/verify"));
	const compared = [...kept, ...doomed, ...fresh];
	const answers: Answers[] = [];
	for (const node of nodes) answers.push(await answersOf(node.port, compared));
	// What was withdrawn may be below a name that is not.
	const stand = new Set([...kept, ...fresh]);
	const wrong = compared.filter((name, at) => {
		const expected = isBlocked(name, stand);
		return answers.some(({ blocked }) => blocked[at] !== expected);
	}).length;
	return {
		idle,
		burst: during,
		aftermath,
		answered,
		level,
		comparisons,
		compared: compared.length,
		answers,
		wrong,
		...(load.hasPrecedence
			? {}
			: { note: "the client could not be given precedence on its core: it may ask late" }),
	};
}

async function shown(nodes: readonly PoolNode[], name: string): Promise<void> {
	const eyes = nodes.map(({ port }) => new Eye(port));
	await Promise.all(eyes.map((eye) => eye.until(name, true)));
	for (const eye of eyes) eye.close();
}
