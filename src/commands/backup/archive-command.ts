/** A command about one archive: its arguments are read, and its failures told, in one way. */
import { ConfigError } from "../../config/fault.ts";
import { parseSize } from "../../config/units.ts";
import { printable } from "../../observe/printable.ts";
import { type OptionTypes, parseTyped, type Typed } from "../options.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { BadArchive, MOST_BYTES } from "./archive-reader.ts";

export type Say = (line: string) => void;

export interface ArchiveCommand {
	readonly name: string;
	readonly usage: string;
	/** Beside `--config`, `--max-size` and `--help`. */
	readonly options: OptionTypes;
	/** Returns the exit code. Rejects with an error for the operator; that of a BadArchive says "it" of the file. */
	run(file: string, typed: Typed, say: Say): Promise<number>;
}

/** What an archive may unpack to, in bytes, as `--max-size` says. Throws UsageError. */
export function mostBytesOf(typed: Typed): number {
	const text = typed.text("max-size");
	const bytes = text === undefined ? MOST_BYTES : parseSize(text);
	if (bytes === undefined) throw new UsageError(`--max-size ${text} is no size; write it like 10GiB`);
	return bytes;
}

/** Runs it with the arguments behind its name and returns the exit code. Throws ConfigError. */
export async function runArchiveCommand(
	{ name, usage, options, run }: ArchiveCommand,
	argv: readonly string[],
	output: Output,
): Promise<number> {
	let file: string | undefined;
	try {
		const typed = parseTyped(argv, {
			config: { type: "string", short: "c" },
			"max-size": { type: "string" },
			help: { type: "boolean", short: "h" },
			...options,
		});
		if (typed.isSet("help")) {
			output.stdout.write(usage);
			return 0;
		}
		const [path, ...more] = typed.words;
		if (path === undefined || more.length > 0) throw new UsageError("name one file");
		file = path;
		return await run(path, typed, (line) => output.stdout.write(`${printable(line)}\n`));
	} catch (error) {
		if (error instanceof ConfigError) throw error;
		const about = error instanceof BadArchive && file !== undefined ? `${file}: ` : "";
		const lines = `${about}${(error as Error).message}`.split("\n").map(printable);
		const hint = error instanceof UsageError ? `See cordon ${name} --help.\n` : "";
		output.stderr.write(`cordon ${name}: ${lines.join("\n")}\n${hint}`);
		return 1;
	}
}
