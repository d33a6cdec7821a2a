/** `cordon restore`: a backup back into a data folder, and its pool to where it is kept. */
import { ConfigError } from "../config/fault.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { type ArchiveCommand, mostBytesOf, runArchiveCommand, type Say } from "./backup/archive-command.ts";
import { bringBack } from "./backup/bring-back.ts";
import { layOutConfig } from "./backup/config-folder.ts";
import { described } from "./backup/told.ts";
import { verifyArchive } from "./backup/unpack.ts";
import type { Typed } from "./options.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `Usage: cordon restore FILE [--config FILE | --config-to FOLDER] [--replace]

Brings back what cordon backup wrote: the pool and the lists, to where the configuration wants them. All of FILE is
verified before anything is touched. The server must not run. What was there before is set aside, not deleted.

  --config FILE       the configuration; else CORDON_CONFIG, else config/cordon.yaml
  --config-to FOLDER  lay out the configuration of the backup in FOLDER, which is new or empty, and use that one
  --replace           there are lists or a pool already; a pool in Redis is thrown away
  --max-size SIZE     what FILE may unpack to at most, such as 10GiB
  --help              print this

Exit code: 0 done, 1 not done or wrong usage.
`;

async function configured(file: string, typed: Typed, say: Say): Promise<LoadedConfig> {
	const folder = typed.text("config-to");
	if (folder === undefined) return await loadConfig({ path: typed.text("config") });
	if (typed.text("config") !== undefined) throw new UsageError("--config and --config-to: give one of them");
	const { path, elsewhere } = await layOutConfig(file, folder, mostBytesOf(typed));
	say(`configuration: ${path}`);
	for (const { now, original } of elsewhere)
		say(`  ${now} was ${original}: put it there, or correct its key`);
	try {
		return await loadConfig({ path });
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		throw new Error(
			`the configuration is laid out, and cannot be used yet; nothing else was restored:\n${error.message}\nMend it, put files with secrets in place, then: cordon restore ${file} --config ${path}`,
		);
	}
}

async function run(file: string, typed: Typed, say: Say): Promise<number> {
	const mostBytes = mostBytesOf(typed);
	const manifest = await verifyArchive(file, mostBytes);
	const { config } = await configured(file, typed, say);
	const options = { replace: typed.isSet("replace"), mostBytes, now: Date.now(), say };
	const { aside, notes } = await bringBack(file, config, options);
	for (const line of described(manifest)) say(line);
	say(`restored to ${config.dataDir}${config.pool.store === "redis" ? " and Redis" : ""}`);
	if (aside !== undefined) say(`what was there before is in ${aside}; delete it when all is well`);
	for (const note of notes) say(note);
	say("start Cordon now: it compiles the lists first");
	return 0;
}

const RESTORE: ArchiveCommand = {
	name: "restore",
	usage: USAGE,
	options: { "config-to": { type: "string" }, replace: { type: "boolean" } },
	run,
};

/** Runs `cordon restore` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function restore(argv: readonly string[], output: Output = process): Promise<number> {
	return runArchiveCommand(RESTORE, argv, output);
}
