/** `npm run bench:peers`: Cordon and every peer that is installed, one after the other under the same load. */
import { startAuthority } from "./authority.ts";
import { BlockedLists } from "./blocked-lists.ts";
import { cordon, cordonWithLogs } from "./cordon-server.ts";
import { blockedDomains } from "./domains.ts";
import { freePort } from "./free-port.ts";
import { writeWorkload } from "./loads.ts";
import { pin, versionOf } from "./machine.ts";
import { type Bench, measure, type ServerResult } from "./measure.ts";
import { commandLine, PEERS_USAGE, readPeersOptions } from "./options.ts";
import { peers } from "./peer-configs.ts";
import { peersTable, type Row } from "./peers-table.ts";
import { installed } from "./program.ts";
import type { Server } from "./server.ts";
import { Workplace } from "./workplace.ts";

/** More than the quickest server asks the authority on one core, so that a run ends by its clock. */
const MISSES_PER_SECOND = 200_000;

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
const wanted = commandLine(PEERS_USAGE, () =>
	readPeersOptions(
		process.argv.slice(2),
		everyone.map((server) => server.name),
	),
);
const { dnsperf, nsd } = tools(wanted.smoke);
const place = new Workplace("bench:peers");
const { cleanup, directory, notes, say } = place;
const cores = place.separateCores();
place.raiseKernelBuffers();
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
	machine: place.machine,
	date: place.date,
	command: place.command(),
	tools: `dnsperf ${versionOf(dnsperf, ["-h"])}, nsd ${versionOf(nsd, ["-v"])}`,
	setting: `${wanted.domains.toLocaleString("en")} blocked domains, ${wanted.cachedNames.toLocaleString("en")} cached names, ${wanted.seconds} s a load, median of ${wanted.repeat}`,
	notes,
});
place.finish(text, wanted.write, rows.some((each) => each.outcome === "failed") ? 1 : 0);
