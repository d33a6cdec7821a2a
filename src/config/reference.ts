/** The reference of all keys for people, docs/configuration.md, made from the schema. */
import type { SchemaNode } from "./json-schema.ts";
import { configJsonSchema, describeType } from "./json-schema.ts";

const INTRODUCTION = `# Configuration

This page is generated from the schema: \`cordon schema --markdown > docs/configuration.md\`.

Cordon reads one YAML file: the one named by \`--config FILE\`, else by the environment variable \`CORDON_CONFIG\`,
else \`config/cordon.yaml\` under the working directory, else the one that is shipped with Cordon. Every key has a
default; an empty file is a whole configuration. \`cordon check\` tells all that is wrong with a file, with line
numbers. With this first line, editors that know the YAML language server complete and check the keys:

\`\`\`yaml
# yaml-language-server: $schema=cordon.schema.json
\`\`\`

Durations are written with a unit: \`500ms\`, \`30s\`, \`5m\`, \`6h\`, \`1d\`, \`2w\`. Sizes too: \`512KiB\`, \`64MiB\`, \`2GiB\`
(of 1024) or \`64MB\` (of 1000). Addresses of IPv6 in brackets, and names that begin with \`*\`, need quotes in YAML:
\`"[::1]:53"\`, \`"*.example.org"\`.
`;

function cell(text: string): string {
	return text.replaceAll("|", "\\|").replaceAll("*", "\\*").replaceAll("<", "&lt;");
}

/** As it would stand in the file. */
function code(value: unknown): string {
	if (typeof value === "object" && !Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
	const text = Array.isArray(value) ? `[${value.map(String).join(", ")}]` : String(value);
	return `\`${text}\``;
}

function defaultOf(node: SchemaNode, required: boolean): string {
	if (required) return "required";
	return node.default === undefined ? "none" : code(node.default);
}

function typeOf(node: SchemaNode): string {
	return node.items === undefined
		? describeType(node)
		: `${describeType(node)}, each ${describeType(node.items)}`;
}

/** A map with a title of its own is told in one line, like a value. */
function isMap(node: SchemaNode | undefined): boolean {
	return node?.properties !== undefined && node.title === undefined;
}

function table(node: SchemaNode): string {
	const { required = [], properties = {} } = node;
	const rows = Object.entries(properties)
		.filter(([, child]) => !isMap(child) && !isMap(child.items))
		.map(([key, child]) => {
			const cells = [cell(typeOf(child)), defaultOf(child, required.includes(key))];
			return `| \`${key}\` | ${cells.join(" | ")} | ${cell(child.description ?? "")} |\n`;
		});
	return rows.length === 0
		? ""
		: `\n| key | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join("")}`;
}

function section(path: string, heading: string, node: SchemaNode, description: string | undefined): string {
	const text = description === undefined ? "" : `\n${description}\n`;
	return `\n## \`${heading}\`\n${text}${table(node)}${sections(node, path)}`;
}

/** A map gets a section of its own, and so do the maps of a list. */
function sections(node: SchemaNode, around: string): string {
	const parts: string[] = [];
	for (const [key, child] of Object.entries(node.properties ?? {})) {
		const path = around === "" ? key : `${around}.${key}`;
		if (isMap(child)) parts.push(section(path, path, child, child.description));
		else if (child.items !== undefined && isMap(child.items)) {
			parts.push(section(path, `${path}[]`, child.items, child.description));
		}
	}
	return parts.join("");
}

export function configReference(): string {
	const root = configJsonSchema();
	return `${INTRODUCTION}\n## Top level\n${table(root)}${sections(root, "")}`;
}
