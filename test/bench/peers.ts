/** `npm run bench:peers`: Cordon and every peer that is installed, one after the other under the same load. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAuthority } from "./authority.ts";
import { BlockedLists } from "./blocked-lists.ts";
import { Cleanup } from "./cleanup.ts";
import { cordon, cordonWithLogs } from "./cordon-server.ts";
import { blockedDomains } from "./domains.ts";
import { freePort } from "./free-port.ts";
import { raiseKernelBuffers } from "./kernel-buffers.ts";
import { writeWorkload } from "./loads.ts";
import { chooseCores, machineLine, pin, versionOf } from "./machine.ts";
import { type Bench, measure, type ServerResult } from "./measure.ts";
import { PEERS_USAGE, type PeersOptions, readPeersOptions } from "./options.ts";
import { peers } from "./peer-configs.ts";
import { peersTable, type Row } from "./peers-table.ts";
import { installed } from "./program.ts";
import { writeResult } from "./results.ts";
import type { Server } from "./server.ts";

/** More than the quickest server asks the authority on one core, so that a run ends by its clock. */
const MISSES_PER_SECOND = 200_000;

function options(servers: readonly Server[]): PeersOptions {
	try {
		return readPeersOptions(
			process.argv.slice(2),
			servers.map((server) => server.name),
		);
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : String(error)}\n\n${PEERS_USAGE}`);
		process.exit(2);
	}
}

/** The tools without which nothing can be measured. */
function tools(smoke: boolean): { readonly dnsperf: string; readonly nsd: string } {
	const [dnsperf, nsd] = [installed("dnsperf"), installed("nsd")];
	if (dnsperf !== undefined && nsd !== undefined) return { dnsperf, nsd };
	console.log(
		`bench:peers needs dnsperf and nsd (apt-get install dnsperf nsd): ${smoke ? "skipped" : "nothing measured"}`,
	);
	process.exit(smoke ? 0 : 1);
}

async function row(bench: Bench, server: Server): Promise<Row> {
	if (server.file === undefined) {
		// Peers may be missing, but without Cordon a smoke test proves nothing.
		return server.name === "cordon"
			? { server, outcome: "failed", reason: "dist/src/main.js is not built" }
			: { server, outcome: "not installed" };
	}
	bench.say(`${server.name} ${server.version()}`);
	try {
		const result: ServerResult = await measure(bench, server, server.file);
		for (const warning of result.warnings) bench.say(`warning: ${warning}`);
		return { server, outcome: result };
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		bench.say(`failed: ${reason}`);
		return { server, outcome: "failed", reason };
	}
}

/** With its logs Cordon is measured when that is asked for. */
function isWanted({ name }: Server): boolean {
	if (wanted.only.length > 0) return wanted.only.includes(name);
	return wanted.logs || !name.startsWith("cordon-");
}

const everyone = [cordon(), ...cordonWithLogs(), ...peers()];
const wanted = options(everyone);
const { dnsperf, nsd } = tools(wanted.smoke);
const machine = machineLine();
const date = new Date().toISOString().slice(0, 10);

const cleanup = new Cleanup();
const directory = mkdtempSync(join(tmpdir(), "cordon-bench-"));
cleanup.add(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
const say = (text: string): void => console.error(text);

const notes: string[] = [];
const cores = chooseCores();
if (cores.problem !== undefined) notes.push(cores.problem);
const buffers = raiseKernelBuffers(cleanup);
if (buffers !== undefined) notes.push(buffers);
for (const note of notes) say(note);
pin(cores.load);

say(`making ${wanted.domains} domains and the queries`);
const domains = blockedDomains(wanted.domains);
const authorityPort = await freePort();
const authority = await startAuthority({
	file: nsd,
	directory,
	port: authorityPort,
	cores: cores.load,
	cleanup,
});
const bench: Bench = {
	cleanup,
	directory,
	cores,
	dnsperf,
	authority,
	authorityPort,
	lists: new BlockedLists(directory, domains),
	workload: writeWorkload({
		directory,
		blocked: domains,
		cachedNames: wanted.cachedNames,
		missesPerRound: wanted.seconds * MISSES_PER_SECOND,
		rounds: wanted.repeat,
	}),
	seconds: wanted.seconds,
	rounds: wanted.repeat,
	say,
};

const rows: Row[] = [];
for (const server of everyone) {
	if (isWanted(server)) rows.push(await row(bench, server));
}
await authority.stop();

const text = peersTable(rows, {
	machine,
	date,
	command: `npm run bench:peers -- ${process.argv.slice(2).join(" ")}`.replace(/ --$| -- $/, ""),
	tools: `dnsperf ${versionOf(dnsperf, ["-h"])}, nsd ${versionOf(nsd, ["-v"])}`,
	setting: `${wanted.domains.toLocaleString("en")} blocked domains, ${wanted.cachedNames.toLocaleString("en")} cached names, ${wanted.seconds} s a load, median of ${wanted.repeat}`,
	notes,
});
console.log(text);
if (wanted.write) say(`written to ${writeResult("bench:peers", text)}`);
process.exit(rows.some((each) => each.outcome === "failed") ? 1 : 0);
