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
