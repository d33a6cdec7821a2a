/** `cordon check`: all that is wrong with a configuration and with the lists it names, before it is served. */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import type { Fault } from "../config/fault.ts";
import { ConfigError } from "../config/fault.ts";
import type { LoadedConfig } from "../config/load.ts";
import { loadConfig } from "../config/load.ts";
import { warningsOf } from "../config/warnings.ts";
import type { ListCheck } from "./check/list-check.ts";
import { checkLists } from "./check/list-check.ts";
import { formatListCheck } from "./check/report.ts";
import type { Output } from "./output.ts";

const USAGE = `Usage: cordon check [--config FILE] [--json]

Reads the configuration and every list it names, as they lie on disk, and tells all that is wrong with them.
Nothing is fetched: of a list by URL, the last good copy is read.

  --config FILE  the configuration; else CORDON_CONFIG, else config/cordon.yaml
  --json         print one JSON object
  --help         print this

Exit code: 0 all is well, 1 the configuration has faults or a list cannot be read. Bad lines and an open resolver are warnings.
`;

/** What `--json` prints. */
export interface CheckReport {
	readonly config: string;
	readonly ok: boolean;
	readonly faults: readonly Fault[];
	/** What is no fault, and yet hardly meant. */
	readonly warnings: readonly string[];
	readonly lists: readonly ListCheck[];
}

async function load(path: string | undefined): Promise<LoadedConfig | ConfigError> {
	try {
		return await loadConfig({ path });
	} catch (error) {
		if (error instanceof ConfigError) return error;
		throw error;
	}
}

async function run(path: string | undefined, json: boolean, output: Output): Promise<number> {
	const loaded = await load(path);
	const faults = loaded instanceof ConfigError ? loaded.faults : [];
	const warnings = loaded instanceof ConfigError ? [] : warningsOf(loaded.config);
	const lists: ListCheck[] = [];
	if (!json) {
		if (loaded instanceof ConfigError) output.stderr.write(`${loaded.message}\n`);
		else output.stdout.write(`${loaded.path}: no faults\n`);
		for (const warning of warnings) output.stdout.write(`${loaded.path}: warning: ${warning}\n`);
	}
	if (!(loaded instanceof ConfigError)) {
		for await (const list of checkLists(loaded.config, dirname(loaded.path))) {
			lists.push(list);
			if (!json) output.stdout.write(formatListCheck(list));
		}
	}
	const ok = faults.length === 0 && lists.every((list) => list.state !== "unreadable");
	const report: CheckReport = {
		config: loaded.path,
		ok,
		faults,
		warnings,
		lists,
	};
	if (json) output.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
	return ok ? 0 : 1;
}

/** Runs `cordon check` with the arguments behind it and returns the exit code. */
export async function check(argv: readonly string[], output: Output = process): Promise<number> {
	let values: { readonly config?: string; readonly json?: boolean; readonly help?: boolean };
	try {
		const options = {
			config: { type: "string" },
			json: { type: "boolean" },
			help: { type: "boolean", short: "h" },
		} as const;
		values = parseArgs({ args: [...argv], options, strict: true }).values;
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		output.stderr.write(`cordon check: ${message}\nSee cordon check --help.\n`);
		return 1;
	}
	if (values.help === true) {
		output.stdout.write(USAGE);
		return 0;
	}
	return await run(values.config, values.json === true, output);
}
