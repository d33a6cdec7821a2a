/** `npm run bench:reload`: how long answers take while a list of a million lines is loaded again. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ChangingList } from "./changing-list.ts";
import { cordonCommand } from "./cordon-server.ts";
import { blockedDomains, goodNames } from "./domains.ts";
import { freePort } from "./free-port.ts";
import type { PhaseReport } from "./latency-client.ts";
import { LatencyLoad } from "./latency-load.ts";
import { pin } from "./machine.ts";
import { commandLine, positive } from "./options.ts";
import { firstAnswer, isBlockedReply } from "./probe.ts";
import { busySeconds, cpuSeconds, ownSeconds } from "./process-usage.ts";
import { Program } from "./program.ts";
import { type Phase, reloadTable } from "./reload-table.ts";
import { startWildcardUpstream } from "./wildcard-upstream.ts";
import { builtCordon, coresBeside, Workplace } from "./workplace.ts";

const USAGE = `npm run bench:reload -- [options]
  --domains N    lines of the list (default 1000000)
  --reloads N    how often it is changed and loaded again (default 5)
  --seconds N    length of the idle phase before (default 10)
  --rate N       queries a second (default 5000)
  --cores LIST   cores for Cordon, as taskset takes them (default: all but that of the load)
  --http         serve the list over HTTP instead of a file
  --smoke        2,000 lines, one reload, one second: whether it works, not how fast
  --write        put the table into test/bench/RESULTS.md`;
const READY_TIMEOUT_MS = 120_000;
/** After the new list bites: what comes behind it, such as the snapshot and the garbage, still counts as reload. */
const AFTERMATH_MS = 1500;
const ASKED_NAMES = 10_000;

function options() {
	const { values } = parseArgs({
		options: {
			domains: { type: "string" },
			reloads: { type: "string" },
			seconds: { type: "string" },
			smoke: { type: "boolean", default: false },
			rate: { type: "string", default: "5000" },
			cores: { type: "string" },
			http: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
		},
	});
	return {
		domains: positive("domains", values.domains ?? (values.smoke ? "2000" : "1000000")),
		reloads: positive("reloads", values.reloads ?? (values.smoke ? "1" : "5")),
		seconds: positive("seconds", values.seconds ?? (values.smoke ? "1" : "10")),
		rate: positive("rate", values.rate),
		cores: values.cores,
		http: values.http,
		write: values.write,
	};
}

const wanted = commandLine(USAGE, options);
const main = builtCordon();
const place = new Workplace("bench:reload");
const { cleanup, directory, say } = place;
const { load: loadCore } = place.separateCores();
place.raiseKernelBuffers();
pin(loadCore);
const cordonCores = wanted.cores ?? coresBeside(loadCore);

say(`making ${wanted.reloads + 1} lists of ${wanted.domains} domains`);
const names = blockedDomains(wanted.domains);
const domains = [...names];
const list = new ChangingList(directory, domains, wanted.reloads + 1);
const good = goodNames(ASKED_NAMES, names);
const address = wanted.http ? await list.serve() : undefined;

const port = await freePort();
const command = await cordonCommand(main, {
	directory,
	port,
	upstreamPort: await startWildcardUpstream(),
	list: address === undefined ? `file: "${list.path}"` : `url: "${address}"\n    allowPrivateAddress: true`,
});
const cordon = new Program(command, { cleanup, logFile: join(directory, "cordon.log"), cores: cordonCores });

async function untilBlocked(name: string): Promise<number> {
	const began = performance.now();
	const reply = await firstAnswer(port, [name], isBlockedReply, READY_TIMEOUT_MS);
	if (reply === undefined) throw new Error(`${name} was never blocked: ${cordon.lastWords()}`);
	return (performance.now() - began) / 1000;
}
say(`ready in ${(await untilBlocked(list.marker(0))).toFixed(2)} s`);

const load = await LatencyLoad.start({
	cleanup,
	directory,
	cores: loadCore,
	port,
	rate: wanted.rate,
	// From the part that every version blocks.
	blocked: domains.slice(0, Math.min(ASKED_NAMES, domains.length >> 1)),
	good,
});

/** Seconds that programs took which have nothing to do with this. */
function othersSeconds(): number {
	return busySeconds(undefined) - cpuSeconds(cordon.pid) - cpuSeconds(load.pid) - ownSeconds();
}

async function phase(name: string, during: () => Promise<number | undefined>): Promise<Phase> {
	const [began, others] = [performance.now(), othersSeconds()];
	load.begin();
	const seconds = await during();
	const report: PhaseReport = await load.end();
	const othersShare = ((othersSeconds() - others) * 1000) / (performance.now() - began);
	say(`${name}: ${report.sent} sent, ${report.lost} lost`);
	return { name, report, seconds, othersShare };
}

async function reload(): Promise<number> {
	const marker = list.change();
	process.kill(cordon.pid, "SIGHUP");
	const seconds = await untilBlocked(marker);
	await pause(AFTERMATH_MS);
	return seconds;
}

// The caches of both, and their compiled code, must be warm before anything counts.
await phase("warming", () => pause(5000, undefined));
const idle = await phase("idle", () => pause(wanted.seconds * 1000, undefined));
const reloads: Phase[] = [];
for (let turn = 1; turn <= wanted.reloads; turn++) reloads.push(await phase(`reload ${turn}`, reload));
await load.stop();
await cordon.stop();

const text = reloadTable(idle, reloads, [
	place.headline(),
	`${wanted.domains.toLocaleString("en")} lines over ${wanted.http ? "HTTP" : "a file"}, 1 % of them changed each time, ${wanted.rate.toLocaleString("en")} queries a second, one in five blocked`,
	`Cordon with one worker on ${cordonCores === undefined ? "any core" : `core ${cordonCores}`}, the client on ${loadCore === undefined ? "any core" : `core ${loadCore}`}`,
	place.machine,
	...place.notes,
]);
place.finish(text, wanted.write);
