/** The few words that schemas of the API are made of. */
import type { Schema } from "./field.ts";

export type Properties = Readonly<Record<string, Schema>>;

export function string(description: string, more: Schema = {}): Schema {
	return { type: "string", description, ...more };
}

export function whole(description: string): Schema {
	return { type: "integer", minimum: 0, description };
}

export function number(description: string, more: Schema = {}): Schema {
	return { type: "number", description, ...more };
}

export function time(description: string): Schema {
	return {
		type: "integer",
		description: `${description}, in milliseconds since the epoch`,
		examples: [1_798_156_800_000],
	};
}

export function truth(description: string): Schema {
	return { type: "boolean", description };
}

export function list(description: string, items: Schema): Schema {
	return { type: "array", description, items };
}

/** All are required but those named. */
export function object(
	description: string,
	properties: Properties,
	optional: readonly string[] = [],
): Schema {
	return {
		type: "object",
		description,
		properties,
		required: Object.keys(properties).filter((name) => !optional.includes(name)),
	};
}

export function ref(name: string): Schema {
	return { $ref: `#/components/schemas/${name}` };
}

/** An object of one member, as collections are given. */
export function collection(name: string, of: string, more: Properties = {}): Schema {
	return object(
		`A page of ${name}.`,
		{ [name]: { type: "array", items: ref(of) }, ...more },
		Object.keys(more),
	);
}

export const NEXT: Properties = {
	next: string("give it as `after` for the next page; absent on the last"),
};
