/** `cordon serve`: runs the resolver until it is told to stop. */
import { parseArgs } from "node:util";
import { loadAside } from "../config/aside.ts";
import { createLog, type Log } from "../observe/log.ts";
import { chooseMachine, type Machine } from "../supervisor/machine.ts";
import { Supervisor } from "../supervisor/supervisor.ts";
import type { Predecessor } from "../supervisor/takeover/predecessor.ts";
import { readVersion } from "../version.ts";

const USAGE = `usage: cordon serve [--config FILE] [--takeover]

Answers DNS queries as FILE says, by default config/cordon.yaml.
SIGHUP reloads the configuration and the lists, SIGTERM and SIGINT stop.

  --takeover  take over from the Cordon that runs with the same dataDir, without
              losing a query; SIGUSR2 makes a running one start its successor so
`;

function announce(supervisor: Supervisor, configPath: string): void {
	const { blockedDomains, lists, udpEngine } = supervisor.status();
	const workers = supervisor.workers;
	const missing = lists.filter((list) => list.format === undefined).map((list) => list.name);
	const lines = [
		"Cordon is ready.",
		`  answering  ${supervisor.addresses.join(", ")} over UDP and TCP (${workers} ${workers === 1 ? "worker" : "workers"}, ${udpEngine})`,
		`  blocking   ${blockedDomains.toLocaleString("en")} ${blockedDomains === 1 ? "domain" : "domains"} from ${lists.length - missing.length} of ${lists.length} lists and the configuration`,
		...(missing.length === 0
			? []
			: [`  not loaded ${missing.join(", ")} (tried again by itself; see the log above)`]),
		...(supervisor.adminUrl === undefined
			? []
			: [`  page       ${supervisor.adminUrl}/`, `  metrics    ${supervisor.adminUrl}/metrics`]),
		`  config     ${configPath}`,
	];
	process.stdout.write(`${lines.join("\n")}\n`);
}

function stopped(supervisor: Supervisor, log: Log): Promise<number> {
	return new Promise((resolve) => {
		let isStopping = false;
		const stop = (signal: NodeJS.Signals) => {
			if (isStopping) return;
			isStopping = true;
			log.info("stopping: no new queries, finishing those in flight", { signal });
			supervisor.stop().then(
				() => resolve(0),
				(error: Error) => {
					log.error("stopping failed; the process ends all the same", { error });
					resolve(1);
				},
			);
		};
		process.on("SIGTERM", stop);
		process.on("SIGINT", stop);
		void supervisor.succession.retired.then(() => {
			log.info("all is handed over and answered; this process ends");
			resolve(0);
		});
	});
}

/** The Cordon to take over from; undefined when there is none, and this one starts as usual. */
async function meet(
	dataDir: string,
	{ Predecessor }: Machine["takeover"],
	log: Log,
): Promise<Predecessor | undefined> {
	if (Predecessor === undefined) {
		log.warn("--takeover needs Linux and the package koffi; this Cordon starts as usual");
		return undefined;
	}
	const predecessor = await Predecessor.meet(dataDir, readVersion(), log);
	if (predecessor === undefined)
		log.info("no Cordon runs with this dataDir that could be taken over from; starting as usual", {
			dataDir,
		});
	return predecessor;
}

export async function serve(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: {
			config: { type: "string" },
			takeover: { type: "boolean" },
			help: { type: "boolean", short: "h" },
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return 0;
	}
	const loaded = await loadAside({ path: values.config, mayYield: false });
	const { dataDir } = loaded.config;
	const log = createLog({ level: loaded.config.log.level, format: loaded.config.log.format });
	const machine = await chooseMachine(loaded.config.listen.udpEngine);
	const predecessor = values.takeover
		? await meet(dataDir, machine.takeover, log.child("takeover"))
		: undefined;
	const supervisor = new Supervisor(loaded, { log, predecessor, ...machine });
	const ended = stopped(supervisor, log);
	process.on("SIGHUP", () => void supervisor.reload());
	process.on("SIGUSR2", () => supervisor.succession.startSuccessor());
	const start = supervisor.start().then(
		() => {
			if (supervisor.isStopping) return;
			machine.releaseProgram();
			announce(supervisor, loaded.path);
		},
		(error: Error) => {
			if (!supervisor.isStopping) throw error;
		},
	);
	// Told to stop while starting, we stop.
	await Promise.race([start, ended]);
	return await ended;
}
