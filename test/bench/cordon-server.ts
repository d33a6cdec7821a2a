import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { receiverFile, startReceiver } from "./dnstap-receiver.ts";
import { freePort } from "./free-port.ts";
import type { Command } from "./program.ts";
import { repository } from "./results.ts";
import type { Server } from "./server.ts";

export interface CordonSetup {
	readonly directory: string;
	readonly port: number;
	readonly upstreamPort: number;
	/** The line or two under `lists` that say where the list is: `file: …` or `url: …`. */
	readonly list: string;
	readonly udpEngine?: string;
	/** 0: any. */
	readonly adminPort?: number;
	/** Under `log`, one line each. */
	readonly log?: readonly string[];
	/** One by default. */
	readonly workers?: number;
}

/** The program to measure: the one compiled together with the bench unless CORDON_MAIN names another. */
export function cordonMain(): string | undefined {
	const path = resolve(process.env.CORDON_MAIN ?? join(import.meta.dirname, "../../src/main.js"));
	return existsSync(path) ? path : undefined;
}

/** Writes a configuration that makes Cordon comparable with its peers; says how to start it. */
export async function cordonCommand(main: string, setup: CordonSetup): Promise<Command> {
	const config = join(setup.directory, "cordon.yaml");
	await writeFile(
		config,
		`listen:
  dns: ["127.0.0.1:${setup.port}"]
  admin: "127.0.0.1:${setup.adminPort ?? 0}"
workers: ${setup.workers ?? 1}
upstreams:
  servers: ["udp://127.0.0.1:${setup.upstreamPort}"]
blocking:
  answer: nxdomain
lists:
  - name: million
    match: subtree
    ${setup.list}
dataDir: "${join(setup.directory, "data")}"
${setup.log === undefined ? "" : `log:\n${setup.log.map((line) => `  ${line}\n`).join("")}`}`,
	);
	return {
		file: process.execPath,
		// As `npm start` and the program's first line have it.
		arguments: ["--max-semi-space-size=1", main, "serve", "--config", config],
		directory: setup.directory,
	};
}

function packageVersion(): string {
	const text = readFileSync(join(repository(), "package.json"), "utf8");
	return /"version": "([^"]+)"/.exec(text)?.[1] ?? "version unknown";
}

export function cordon(): Server {
	const main = cordonMain();
	return {
		name: "cordon",
		title: "**Cordon**",
		file: main,
		version: () => packageVersion(),
		// The second start finds the snapshot that the first one left in its data folder.
		starts: ["list", "snapshot"],
		prepare: (place) => cordonCommand(place.file, { ...place, list: `file: "${place.lists.plain()}"` }),
	};
}

/** Cordon with a log of queries. `log`: what stands under `log` in the configuration, one line each. */
interface LogVariant {
	/** Behind `cordon-` and `Cordon, `. */
	readonly name: string;
	readonly title: string;
	readonly log: readonly string[];
	/** Of the metrics that tell what was written and what was dropped. */
	readonly metrics: readonly [string, string];
	/** Whether a receiver of dnstap listens at `dnstap.sock` in its directory. */
	readonly hasReceiver?: boolean;
}

const QUERY_LOG = ["cordon_querylog_records_total", "cordon_querylog_dropped_total"] as const;

const LOG_VARIANTS: readonly LogVariant[] = [
	{ name: "queries", title: "query log of all", log: ["queries: { to: queries.log }"], metrics: QUERY_LOG },
	{
		name: "blocked-queries",
		title: "query log of what is blocked",
		log: ["queries: { to: queries.log, only: [blocked] }"],
		metrics: QUERY_LOG,
	},
	{
		name: "dnstap",
		title: "dnstap",
		log: ['dnstap: { to: "unix:SOCKET" }'],
		metrics: ["cordon_dnstap_frames_total", "cordon_dnstap_dropped_total"],
		hasReceiver: true,
	},
];

/** The value of the metrics that begin with `name`, summed up. */
function sumOf(exposition: string, name: string): number {
	return exposition
		.split("\n")
		.filter((line) => line.startsWith(name))
		.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** What each log costs: the same server and load with it. */
export function cordonWithLogs(): Server[] {
	return LOG_VARIANTS.map(({ name, title, log, metrics: [writtenName, droppedName], hasReceiver }) => {
		let adminPort = 0;
		return {
			...cordon(),
			name: `cordon-${name}`,
			title: `**Cordon**, ${title},`,
			starts: [""],
			file: hasReceiver && receiverFile() === undefined ? undefined : cordon().file,
			prepare: async (place) => {
				const socket = join(place.directory, "dnstap.sock");
				if (hasReceiver) startReceiver(socket);
				adminPort = await freePort();
				const list = `file: "${place.lists.plain()}"`;
				return cordonCommand(place.file, {
					...place,
					list,
					adminPort,
					log: log.map((line) => line.replace("SOCKET", socket)),
				});
			},
			remarks: async () => {
				const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
				const written = sumOf(metrics, writtenName);
				const dropped = sumOf(metrics, droppedName);
				return [
					`${written.toLocaleString("en")} ${hasReceiver ? "messages sent" : "questions in the log"}, ${dropped.toLocaleString("en")} dropped`,
				];
			},
		};
	});
}
