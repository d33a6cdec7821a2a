import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import type { SchemaNode } from "../../src/config/json-schema.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { configReference } from "../../src/config/reference.ts";
import { PROJECT } from "./project-folder.ts";

function committed(path: string): string {
	return readFileSync(join(PROJECT, path), "utf8");
}

test("config/cordon.schema.json is what the schema gives: npm run schema", async (t) => {
	t.equal(committed("config/cordon.schema.json"), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
});

test("docs/configuration.md is what the schema gives: cordon schema --markdown", async (t) => {
	t.equal(committed("docs/configuration.md"), configReference());
});

test("every key has a description", async (t) => {
	const walk = (node: SchemaNode, path: string): void => {
		for (const choice of [node, node.items ?? {}, ...(node.anyOf ?? [])]) {
			for (const [key, child] of Object.entries(choice.properties ?? {})) {
				t.type(child.description, "string", `${path}${key}`);
				walk(child, `${path}${key}.`);
			}
		}
	};
	walk(configJsonSchema(), "");
});

test("the reference names every key", async (t) => {
	const reference = configReference();
	for (const key of ["workers", "maxInFlight", "allowPrivateAddress"]) t.match(reference, `| \`${key}\` |`);
	for (const heading of ["listen.tcp", "blocking.downloads", "lists[]"])
		t.match(reference, `## \`${heading}\``);
});
