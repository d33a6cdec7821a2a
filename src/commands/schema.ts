/** `cordon schema`: every key of the configuration, for editors and for people. */
import { parseArgs } from "node:util";
import { configJsonSchema } from "../config/json-schema.ts";
import { configReference } from "../config/reference.ts";
import type { Output } from "./output.ts";

const USAGE = `Usage: cordon schema [--markdown]

Prints the JSON schema of the configuration (config/cordon.schema.json), by which editors complete and check keys.

  --markdown  print the reference of all keys (docs/configuration.md) instead
  --help      print this
`;

/** Runs `cordon schema` with the arguments behind it and returns the exit code. */
export async function schema(argv: readonly string[], output: Output = process): Promise<number> {
	let values: { readonly markdown?: boolean; readonly help?: boolean };
	try {
		const options = { markdown: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
		values = parseArgs({ args: [...argv], options, strict: true }).values;
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		output.stderr.write(`cordon schema: ${message}\nSee cordon schema --help.\n`);
		return 1;
	}
	if (values.help === true) output.stdout.write(USAGE);
	else if (values.markdown === true) output.stdout.write(configReference());
	else output.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
	return 0;
}
