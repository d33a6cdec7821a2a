/** What zod finds wrong, as faults a person can act on. */
import type { z } from "zod";
import type { ConfigDocument } from "./document.ts";
import type { Fault, Path } from "./fault.ts";
import { describeValue, formatPath } from "./fault.ts";
import type { SchemaNode } from "./json-schema.ts";
import { describeType, keysAt, schemasAt } from "./json-schema.ts";
import { nearest } from "./nearest.ts";

type Issue = z.core.$ZodIssue;

/** Messages that the schema does not give itself are made here, from the JSON schema, once all issues are known. */
export const silent = (): string => "";

/** The value at `path`, own properties only. */
export function valueAt(value: unknown, path: Path): unknown {
	let at = value;
	for (const part of path) {
		if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
		at = (at as Readonly<Record<string | number, unknown>>)[part];
	}
	return at;
}

function words(node: SchemaNode): readonly string[] {
	const own = [...(node.enum ?? []), node.const].filter((word) => typeof word === "string");
	return [...own, ...(node.anyOf ?? []).flatMap(words)];
}

/** The key under its full path, when it is known in exactly one other place. */
function elsewhere(root: SchemaNode, key: string): string | undefined {
	const found: string[] = [];
	const walk = (node: SchemaNode, path: string): void => {
		for (const [name, child] of Object.entries(node.properties ?? {})) {
			const at = path === "" ? name : `${path}.${name}`;
			if (name === key) found.push(at);
			walk(child, at);
		}
	};
	walk(root, "");
	return found.length === 1 ? found[0] : undefined;
}

function unknownKey(root: SchemaNode, document: ConfigDocument, around: Path, key: string): Fault {
	const path = [...around, key];
	const position = document.locateKey(path);
	const known = keysAt(root, around);
	const suggestion = nearest(key, known) ?? elsewhere(root, key);
	const message = "is not a known key";
	return {
		key: formatPath(path),
		message: suggestion === undefined ? `${message}; here may stand ${known.join(", ")}` : message,
		...(position === undefined ? {} : { position }),
		...(suggestion === undefined ? {} : { suggestion }),
	};
}

/** `root` is the JSON schema of the whole configuration, and `document` where the values come from. */
export function toFaults(issue: Issue, root: SchemaNode, document: ConfigDocument): readonly Fault[] {
	const path = issue.path.filter((part) => typeof part !== "symbol");
	if (issue.code === "unrecognized_keys") {
		return issue.keys.map((key) => unknownKey(root, document, path, key));
	}
	const given = valueAt(document.value, path);
	const nodes = schemasAt(root, path);
	const expected = path.length === 0 ? "a map of keys" : nodes.map(describeType).join(", or ");
	const suggestion = typeof given === "string" ? nearest(given, nodes.flatMap(words)) : undefined;
	const told = issue.message === "" ? `must be ${expected}` : issue.message;
	const missing = given === undefined && path.length > 0;
	const position = document.locate(path);
	const value = describeValue(given, path);
	return [
		{
			key: formatPath(path),
			message: missing ? `is missing; it ${told}` : told,
			...(position === undefined ? {} : { position }),
			// What is wrong with a whole map or list is said by the message; its kind alone tells nothing more.
			...(value === undefined || (issue.code === "custom" && typeof given === "object") ? {} : { value }),
			...(suggestion === undefined ? {} : { suggestion }),
		},
	];
}
