/** The configuration schema as JSON Schema: for editors, for the reference, and for naming what a fault expects. */
import { z } from "zod";
import type { Path } from "./fault.ts";
import { configSchema } from "./schema.ts";

/** The parts of JSON Schema that our schema turns into. */
export interface SchemaNode {
	readonly title?: string;
	readonly description?: string;
	readonly default?: unknown;
	readonly type?: string;
	readonly const?: unknown;
	readonly enum?: readonly unknown[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly format?: string;
	readonly required?: readonly string[];
	readonly properties?: Readonly<Record<string, SchemaNode>>;
	readonly items?: SchemaNode;
	readonly anyOf?: readonly SchemaNode[];
}

/** Draft 7, which the YAML plugins of all editors understand. */
export function configJsonSchema(): SchemaNode {
	const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
	return { $schema, title: "Cordon configuration", ...schema } as SchemaNode;
}

/** The nodes that may describe the value at `path`: several where the schema offers a choice. */
export function schemasAt(root: SchemaNode, path: Path): readonly SchemaNode[] {
	let nodes: readonly SchemaNode[] = [root];
	for (const part of path) {
		nodes = nodes
			.flatMap((node) => [node, ...(node.anyOf ?? [])])
			.map((node) => {
				if (typeof part === "number") return node.items;
				const { properties = {} } = node;
				return Object.hasOwn(properties, part) ? properties[part] : undefined;
			})
			.filter((node) => node !== undefined);
	}
	return nodes;
}

/** The keys that may stand in the map at `path`. */
export function keysAt(root: SchemaNode, path: Path): readonly string[] {
	return schemasAt(root, path)
		.flatMap((node) => [node, ...(node.anyOf ?? [])])
		.flatMap((node) => Object.keys(node.properties ?? {}));
}

function range(low: number | undefined, high: number | undefined): string {
	if (low !== undefined && high !== undefined) return ` between ${low} and ${high}`;
	if (low !== undefined) return ` of at least ${low}`;
	return high === undefined ? "" : ` of at most ${high}`;
}

function entries({ minItems, maxItems }: SchemaNode): string {
	if (minItems !== undefined && maxItems !== undefined) return ` of ${minItems} to ${maxItems} entries`;
	if (maxItems !== undefined) return ` of at most ${maxItems} entries`;
	return minItems === undefined ? "" : ` of at least ${minItems} ${minItems === 1 ? "entry" : "entries"}`;
}

function keys({ properties = {} }: SchemaNode): string {
	const names = Object.keys(properties);
	return names.length <= 3 ? `{ ${names.join(", ")} }` : "a map of keys";
}

/** What a value must be, with its article: `a whole number between 1 and 10`. */
export function describeType(node: SchemaNode): string {
	if (node.title !== undefined) return node.title;
	if (node.const !== undefined) return String(node.const);
	if (node.enum !== undefined) {
		const words = node.enum.map(String);
		return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
	}
	if (node.anyOf !== undefined) return node.anyOf.map(describeType).join(", or ");
	if (node.format === "uri") return "an http:// or https:// address";
	switch (node.type) {
		case "integer":
			return `a whole number${range(node.minimum, node.maximum)}`;
		case "number":
			return `a number${range(node.minimum, node.maximum)}`;
		case "boolean":
			return "true or false";
		case "array":
			return `a list${entries(node)}`;
		case "object":
			return keys(node);
		default:
			return "text";
	}
}
