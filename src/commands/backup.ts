/** `cordon backup`: all that a node cannot fetch again, in one file. */
import { existsSync } from "node:fs";
import { loadConfig } from "../config/load.ts";
import { interruptedRestore } from "../supervisor/restore/journal.ts";
import { type ArchiveCommand, mostBytesOf, runArchiveCommand, type Say } from "./backup/archive-command.ts";
import { makeBackup } from "./backup/make.ts";
import { described } from "./backup/told.ts";
import { verifyWhole } from "./backup/unpack.ts";
import type { Typed } from "./options.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `Usage: cordon backup FILE [--config FILE] [--secrets] [--local] [--overwrite]
       cordon backup --verify FILE [--max-size SIZE]

Writes the pool with its members, audit, held batches and sightings, the configuration with the files it names, and the
last good copies of all lists into FILE, a .tar.gz for its owner alone. The server may run meanwhile, or not.

  --config FILE    the configuration; else CORDON_CONFIG, else config/cordon.yaml
  --secrets        with the files that hold secrets: passwords, keys, and the operator's token
  --local          of a shared pool, what this node has: without asking Redis for audit, held batches and sightings
  --overwrite      FILE may be there already
  --verify         read FILE and tell whether it is whole; nothing is written
  --max-size SIZE  what it may unpack to at most, such as 10GiB
  --help           print this

Exit code: 0 done, 1 not done or wrong usage.
`;

async function make(path: string, typed: Typed, say: Say): Promise<number> {
	if (existsSync(path) && !typed.isSet("overwrite")) {
		throw new UsageError(`${path} is there already; name another file, or say --overwrite`);
	}
	const loaded = await loadConfig({ path: typed.text("config") });
	const { dataDir } = loaded.config;
	if (interruptedRestore(dataDir) !== undefined) {
		throw new Error(
			`a restore into ${dataDir} was interrupted: start Cordon, which finishes it, then back up`,
		);
	}
	const { manifest, leftOut } = await makeBackup(loaded, path, {
		secrets: typed.isSet("secrets"),
		local: typed.isSet("local"),
		now: Date.now(),
	});
	say(path);
	for (const line of described(manifest)) say(line);
	if (leftOut.length > 0) say(`  left out, since --secrets was not said: ${leftOut.join(", ")}`);
	return 0;
}

async function verify(path: string, typed: Typed, say: Say): Promise<number> {
	const manifest = await verifyWhole(path, mostBytesOf(typed));
	say(`${path} is whole`);
	for (const line of described(manifest)) say(line);
	return 0;
}

const BACKUP: ArchiveCommand = {
	name: "backup",
	usage: USAGE,
	options: {
		secrets: { type: "boolean" },
		local: { type: "boolean" },
		overwrite: { type: "boolean" },
		verify: { type: "boolean" },
	},
	run: (path, typed, say) => (typed.isSet("verify") ? verify : make)(path, typed, say),
};

/** Runs `cordon backup` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function backup(argv: readonly string[], output: Output = process): Promise<number> {
	return runArchiveCommand(BACKUP, argv, output);
}
