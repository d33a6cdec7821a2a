/** `cordon lists`: what lies on disk of each list, and taking over one that is held. */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { loadConfig } from "../config/load.ts";
import { recallLists } from "../feeds/recall.ts";
import { openShelf } from "../feeds/shelf.ts";
import { listSource } from "../feeds/source.ts";
import type { Output } from "./output.ts";

const USAGE = `usage: cordon lists [--config FILE]
       cordon lists accept NAME [--config FILE]

Without a command: each list as it lies on disk. accept: a version of list NAME
that was held because it was empty, shrunk or a web page becomes the good one.
A running server takes it over at SIGHUP or at the list's next refresh.
`;

export async function lists(argv: readonly string[], output: Output = process): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: { config: { type: "string" }, help: { type: "boolean", short: "h" } },
	});
	const [command, name] = positionals;
	if (values.help || (command !== undefined && (command !== "accept" || name === undefined))) {
		(values.help ? output.stdout : output.stderr).write(USAGE);
		return values.help ? 0 : 1;
	}
	const { config } = await loadConfig({ path: values.config });
	const shelf = await openShelf(config.dataDir, { note: (message) => output.stderr.write(`${message}\n`) });
	if (name !== undefined) {
		if (!config.lists.some((list) => list.name === name)) {
			output.stderr.write(
				`there is no list "${name}" in the configuration; it has: ${config.lists.map((list) => list.name).join(", ")}\n`,
			);
			return 1;
		}
		const accepted = await shelf.accept(name);
		if (accepted === undefined) {
			output.stderr.write(`list ${name}: nothing is held, so there is nothing to accept\n`);
			return 1;
		}
		output.stdout.write(
			`list ${name}: the held version with ${accepted.facts?.rules ?? "its"} rules is the good one now; reload the server (SIGHUP) to use it\n`,
		);
		return 0;
	}
	const configDir = dirname(config.dataDir);
	const stored = await recallLists(config.lists, shelf, configDir);
	for (const [i, list] of config.lists.entries()) {
		const { facts, held, problem, path } = stored[i];
		const state =
			path === undefined
				? "no copy yet"
				: `${facts?.rules ?? "?"} rules, ${facts?.format ?? list.format}, checked ${facts === undefined ? "?" : new Date(facts.checkedAt).toISOString()}`;
		output.stdout.write(`${list.name}: ${state}\n  ${listSource(list, configDir).shown}\n`);
		if (held !== undefined) output.stdout.write(`  held: ${held.message}\n`);
		if (problem !== undefined && held === undefined)
			output.stdout.write(`  last problem: ${problem.message}\n`);
	}
	return 0;
}
