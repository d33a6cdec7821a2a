/** `npm run bench:upgrade`: how many queries are lost while Cordon is upgraded, reloaded, and its workers are killed. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ChangingList } from "./changing-list.ts";
import { cordonCommand } from "./cordon-server.ts";
import { blockedDomains, goodNames } from "./domains.ts";
import { freePort } from "./free-port.ts";
import { commandLine, positive } from "./options.ts";
import { firstAnswer, isBlockedReply } from "./probe.ts";
import { installed, Program } from "./program.ts";
import { SteadyLoad } from "./steady-load.ts";
import { type Event, upgradeTable } from "./upgrade-table.ts";
import { startWildcardUpstream } from "./wildcard-upstream.ts";
import { builtCordon, Workplace } from "./workplace.ts";

const USAGE = `npm run bench:upgrade -- [options]
  --domains N  lines of the list (default 1000000)
  --times N    how often each thing is done (default 10)
  --rate N     queries a second (default 20000)
  --workers N  workers of Cordon (default 2)
  --note TEXT  what else is to be known about this run
  --smoke      2,000 lines, once, 2,000 queries a second: whether it works
  --write      put the table into test/bench/RESULTS.md`;
const READY_TIMEOUT_MS = 120_000;
const ASKED_NAMES = 10_000;
/** Every so many names a blocked one. */
const BLOCKED_EVERY = 5;
/** From one event to the next. */
const BETWEEN_MS = 500;
/** How long a list of a million lines and what comes behind it may take. */
const AFTERMATH_MS = 1500;

function options() {
	const { values } = parseArgs({
		options: {
			domains: { type: "string" },
			times: { type: "string" },
			rate: { type: "string" },
			workers: { type: "string", default: "2" },
			note: { type: "string" },
			smoke: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
		},
	});
	return {
		domains: positive("domains", values.domains ?? (values.smoke ? "2000" : "1000000")),
		times: positive("times", values.times ?? (values.smoke ? "1" : "10")),
		rate: positive("rate", values.rate ?? (values.smoke ? "2000" : "20000")),
		workers: positive("workers", values.workers),
		note: values.note,
		write: values.write,
	};
}

const wanted = commandLine(USAGE, options);
const main = builtCordon();
const dnsperf = installed("dnsperf");
if (dnsperf === undefined) {
	console.error("dnsperf is missing; on Debian and Ubuntu: apt-get install dnsperf");
	process.exit(1);
}
const place = new Workplace("bench:upgrade");
const { cleanup, directory, say } = place;
place.raiseKernelBuffers();

say(`making ${wanted.times + 1} lists of ${wanted.domains} domains`);
const names = blockedDomains(wanted.domains);
const domains = [...names];
const list = new ChangingList(directory, domains, wanted.times + 1);
const queries = join(directory, "queries.txt");
const lines = goodNames(ASKED_NAMES, names).map(
	// From the part that every version blocks.
	(good, i) => `${i % BLOCKED_EVERY === 0 ? domains[i % (domains.length >> 1)] : good} A`,
);
writeFileSync(queries, `${lines.join("\n")}\n`);

const port = await freePort();
const command = await cordonCommand(main, {
	directory,
	port,
	upstreamPort: await startWildcardUpstream(),
	list: `file: "${list.path}"`,
});
const config = join(directory, "cordon.yaml");
writeFileSync(config, readFileSync(config, "utf8").replace("workers: 1", `workers: ${wanted.workers}`));
// A worker throws when the process is told so: the program itself has no such door.
const crashing = new URL("../scenario/crashing.js", import.meta.url).href;
process.env.CRASHING_WORKERS = `${wanted.workers}`;
let generation = 0;

function start(...more: readonly string[]): Program {
	const words = ["--import", crashing, ...command.arguments, ...more];
	const logFile = join(directory, `cordon-${generation++}.log`);
	return new Program({ ...command, arguments: words }, { cleanup, logFile });
}

/** Waits until the program has printed what matches as often as that. */
async function printed(program: Program, pattern: RegExp, times = 1): Promise<void> {
	const until = performance.now() + READY_TIMEOUT_MS;
	while ([...program.output().matchAll(pattern)].length < times) {
		if (!program.running || performance.now() > until)
			throw new Error(`waited in vain for ${pattern}:\n${program.lastWords()}`);
		await pause(20);
	}
}

let cordon = start();
await printed(cordon, /Cordon is ready/g);

async function upgrade(): Promise<void> {
	const before = cordon;
	cordon = start("--takeover");
	await printed(cordon, /Cordon is ready/g);
	const code = await before.exited;
	if (code !== 0) throw new Error(`the Cordon before ended with ${code}:\n${before.lastWords()}`);
}

async function hangUp(turn: number): Promise<void> {
	process.kill(cordon.pid, "SIGHUP");
	await printed(cordon, / reloaded /g, turn);
}

async function kill(turn: number): Promise<void> {
	process.kill(cordon.pid, "SIGWINCH");
	await printed(cordon, /a worker crashed and is started again/g, turn);
	await pause(AFTERMATH_MS);
}

async function change(): Promise<void> {
	const marker = list.change();
	process.kill(cordon.pid, "SIGHUP");
	if ((await firstAnswer(port, [marker], isBlockedReply, READY_TIMEOUT_MS)) === undefined)
		throw new Error(`${marker} was never blocked:\n${cordon.lastWords()}`);
	await pause(AFTERMATH_MS);
}

/** How it was started; the note has a line of its own. */
function shownWords(): readonly string[] {
	const words = process.argv.slice(2);
	const at = words.indexOf("--note");
	return at < 0 ? words : words.toSpliced(at, 2);
}

const load = new SteadyLoad({ dnsperf, directory, cleanup, port, queries, rate: wanted.rate });
const events: Event[] = [];

async function during(name: string, times: number, event: (turn: number) => Promise<void>): Promise<void> {
	const result = await load.during(async () => {
		for (let turn = 1; turn <= times; turn++) {
			await pause(BETWEEN_MS);
			await event(turn);
		}
		await pause(BETWEEN_MS);
	});
	events.push({ name, times, ...result });
	say(`${name}, ${times} times: ${result.sent} sent, ${result.lost} lost`);
}

// Caches and compiled code are warm before anything counts.
await load.during(() => pause(5000, undefined));
await during("nothing", 1, () => pause(5000, undefined));
await during("upgrade (`--takeover`)", wanted.times, upgrade);
await during("SIGHUP", wanted.times, hangUp);
await during("another list", wanted.times, change);
await during("a worker killed", wanted.times, kill);
await cordon.stop();

const text = upgradeTable(events, [
	place.headline(shownWords()),
	`${wanted.domains.toLocaleString("en")} lines from a file, of which 1 % change for another list; ${wanted.rate.toLocaleString("en")} queries a second from dnsperf, one in five blocked, the others cached but for the first time after an upgrade or a worker's end`,
	`Cordon with ${wanted.workers} workers, dnsperf and the upstream on all cores together`,
	place.machine,
	"a worker that is killed again and again is started again after longer and longer pauses, from 0.1 s on, in which its queries wait",
	...place.notes,
	...(wanted.note === undefined ? [] : [wanted.note]),
]);
place.finish(text, wanted.write);
