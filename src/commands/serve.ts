/** `cordon serve`: runs the resolver until it is told to stop. */
import { parseArgs } from "node:util";
import { loadAside } from "../config/aside.ts";
import { createLog, type Log } from "../observe/log.ts";
import { Supervisor, type SupervisorParts } from "../supervisor/supervisor.ts";
import type { EngineName } from "../worker/messages.ts";

/** Where the kernel's structures have the layout that sockets/batch.ts writes. */
const BATCH_ARCHITECTURES: readonly string[] = ["x64", "arm64", "riscv64", "loong64"];

const USAGE = `usage: cordon serve [--config FILE]

Answers DNS queries as FILE says, by default config/cordon.yaml.
SIGHUP reloads the configuration and the lists, SIGTERM and SIGINT stop.
`;

interface Machine extends Omit<SupervisorParts, "log"> {
	/** Gives back what of the program itself was needed for starting alone. */
	readonly releaseProgram: () => void;
}

async function chooseEngine(wanted: "auto" | EngineName): Promise<Machine> {
	const portable = {
		engine: "dgram",
		sockets: undefined,
		releasePages: async () => {},
		releaseFilePages: () => {},
		releaseProgram: () => {},
		lockFile: undefined,
		tidy: () => {},
	} as const;
	if (wanted === "dgram") return portable;
	const supported = process.platform === "linux" && BATCH_ARCHITECTURES.includes(process.arch);
	if (!supported && wanted === "batch") {
		throw new Error(
			`listen.udpEngine batch needs Linux on a 64-bit processor, this is ${process.platform} on ${process.arch}; use auto`,
		);
	}
	if (!supported) return portable;
	try {
		const { ListeningSockets } = await import("../supervisor/listening.ts");
		const { keepNoLargeBlocks, releasePages, trimHeap } = await import("../sockets/pages.ts");
		const { collectGarbage } = await import("../sockets/garbage.ts");
		const { releaseFilePages, releaseProgramPages } = await import("../sockets/file-pages.ts");
		const { lockFile } = await import("../sockets/file-lock.ts");
		keepNoLargeBlocks();
		return {
			engine: "batch",
			sockets: new ListeningSockets(),
			releasePages,
			releaseFilePages,
			releaseProgram: releaseProgramPages,
			lockFile,
			tidy: () => {
				collectGarbage();
				trimHeap();
			},
		};
	} catch (error) {
		if (wanted === "auto") return portable;
		throw new Error(
			`listen.udpEngine batch needs the package koffi, which cannot be loaded: ${(error as Error).message}`,
		);
	}
}

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
					log.error("stopping failed", { error });
					resolve(1);
				},
			);
		};
		process.on("SIGTERM", stop);
		process.on("SIGINT", stop);
	});
}

export async function serve(argv: readonly string[]): Promise<number> {
	const { values } = parseArgs({
		args: [...argv],
		options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
	});
	if (values.help) {
		process.stdout.write(USAGE);
		return 0;
	}
	const loaded = await loadAside({ path: values.config, mayYield: false });
	const log = createLog({ level: loaded.config.log.level, format: loaded.config.log.format });
	const { releaseProgram, ...parts } = await chooseEngine(loaded.config.listen.udpEngine);
	const supervisor = new Supervisor(loaded, { log, ...parts });
	const ended = stopped(supervisor, log);
	process.on("SIGHUP", () => void supervisor.reload());
	const start = supervisor.start().then(() => {
		releaseProgram();
		announce(supervisor, loaded.path);
	});
	// Told to stop while starting, we stop.
	await Promise.race([start, ended]);
	return await ended;
}
