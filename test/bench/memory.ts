/** `npm run bench:memory`: how much memory Cordon takes, and whether it lives within a container's limit. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ChangingList } from "./changing-list.ts";
import { blockedDomains } from "./domains.ts";
import { writeWorkload } from "./loads.ts";
import { MemoryNode, type MemoryPlan } from "./memory-node.ts";
import { type MemoryPhase, memoryTable } from "./memory-table.ts";
import { commandLine, positive } from "./options.ts";
import { installed } from "./program.ts";
import { startWildcardUpstream } from "./wildcard-upstream.ts";
import { builtCordon, Workplace } from "./workplace.ts";

const USAGE = `npm run bench:memory -- [options]
  --domains N      lines of the list (default 1000000)
  --workers LIST   numbers of workers (default 1,2,4)
  --limit MIB      of the control group, without swap; 0: none (default 256, and 128 for each worker from the third on)
  --seconds N      length of each load (default 10)
  --reloads N      how often the list is changed and loaded again, under load (default 3)
  --smoke          20,000 lines, one worker, one second: whether it works
  --write          put the table into test/bench/RESULTS.md`;

function options() {
	const { values } = parseArgs({
		options: {
			domains: { type: "string" },
			workers: { type: "string" },
			limit: { type: "string" },
			seconds: { type: "string" },
			reloads: { type: "string" },
			smoke: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
		},
	});
	const { smoke } = values;
	return {
		domains: positive("domains", values.domains ?? (smoke ? "20000" : "1000000")),
		workers: (values.workers ?? (smoke ? "1" : "1,2,4")).split(",").map((n) => positive("workers", n)),
		limit: values.limit === undefined ? undefined : limitOf(values.limit),
		seconds: positive("seconds", values.seconds ?? (smoke ? "1" : "10")),
		reloads: positive("reloads", values.reloads ?? (smoke ? "1" : "3")),
		write: values.write,
	};
}

/** `undefined` within the array: no limit. */
function limitOf(text: string): readonly [number | undefined] {
	return [text === "0" ? undefined : positive("limit", text)];
}

const wanted = commandLine(USAGE, options);
const main = builtCordon();
const dnsperf = installed("dnsperf");
if (dnsperf === undefined) {
	console.error("dnsperf is not installed");
	process.exit(1);
}
const place = new Workplace("bench:memory");
const { cleanup, directory, say } = place;

say(`making lists of ${wanted.domains} domains`);
const blocked = blockedDomains(wanted.domains);
const versions = wanted.reloads + 1;
const workload = writeWorkload({
	directory,
	// Names that every version of the list blocks.
	blocked: new Set([...blocked].slice(0, 50_000 < wanted.domains ? 50_000 : wanted.domains >> 1)),
	cachedNames: 20_000,
	missesPerRound: 400_000,
	rounds: 1,
});
const domains = [...blocked];
const upstreamPort = await startWildcardUpstream();
const phases: MemoryPhase[] = [];
for (const workers of wanted.workers) {
	const folder = join(directory, `${workers}`);
	mkdirSync(folder);
	const plan: MemoryPlan = {
		...wanted,
		workers,
		// As much as `workers: auto` wants for so many.
		limitMiB: wanted.limit === undefined ? Math.max(256, 128 * workers) : wanted.limit[0],
		main,
		dnsperf,
		workload,
		upstreamPort,
		cleanup,
		directory: folder,
		list: new ChangingList(folder, domains, versions),
		say,
	};
	const node = await MemoryNode.start(plan);
	await node.measure();
	phases.push(...node.phases);
}

const text = memoryTable({
	domains: wanted.domains,
	phases,
	notes: [
		place.headline(),
		`${MemoryNode.groups}, \`cache.size\` 32 MiB (the default), filled by ${wanted.seconds} s of names asked once; reloads change 1 % of the list under 5,000 queries a second`,
		place.machine,
	],
});
place.finish(text, wanted.write, phases.some((phase) => phase.killed > 0) ? 1 : 0);
