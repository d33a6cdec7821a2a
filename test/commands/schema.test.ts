import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "tap";
import { schema } from "../../src/commands/schema.ts";
import { Printed } from "./printed.ts";

async function printed(...argv: string[]) {
	const output = new Printed();
	return { code: await schema(argv, output), out: output.out, err: output.err };
}

test("it prints JSON, the same each time, ending in a newline", async (t) => {
	const first = await printed();
	t.equal(first.code, 0);
	t.match(JSON.parse(first.out), { type: "object", additionalProperties: false });
	t.match(first.out, /\n {2}"title": "Cordon configuration",\n/);
	t.match(first.out, /\}\n$/);
	t.equal((await printed()).out, first.out);
});

test("--markdown prints the reference", async (t) => {
	t.match((await printed("--markdown")).out, /^# Configuration\n/);
});

test("usage", async (t) => {
	t.match(await printed("--help"), { code: 0, out: /^Usage: cordon schema/ });
	t.match(await printed("--yaml"), { code: 1, err: /See cordon schema --help/ });
});

/** The program, its output taken in by `reader` through a pipe. */
function piped(reader: string): string {
	const main = join(import.meta.dirname, "../../src/main.js");
	const { NODE_OPTIONS: _, ...env } = process.env;
	const script = `"$0" "$1" schema | ${reader}; echo "\${PIPESTATUS[0]}"`;
	return spawnSync("bash", ["-c", script, process.execPath, main], { encoding: "utf8", env }).stdout;
}

test("all of it arrives through a pipe, and a reader that has seen enough is no fault", async (t) => {
	const { out } = await printed();
	t.ok(Buffer.byteLength(out) > 65_536, "more than a pipe holds");
	t.equal(piped("cat"), `${out}0\n`);
	t.equal(piped("head -n 1"), "{\n0\n");
});
