/** What a value has that a schema of the API's document does not say, or lacks of what it says. */

type Schema = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, Schema>>;

function typeOf(value: unknown): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	return Number.isInteger(value) ? "integer" : typeof value;
}

function objectFaults(
	schema: Schema,
	value: Record<string, unknown>,
	schemas: Schemas,
	at: string,
): string[] {
	const properties = (schema.properties ?? {}) as Schemas;
	const required = (schema.required ?? []) as readonly string[];
	const others = schema.additionalProperties as Schema | undefined;
	return [
		...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`),
		...Object.entries(value).flatMap(([name, inner]) => {
			const known = Object.hasOwn(properties, name) ? properties[name] : others;
			return known === undefined
				? [`${at}.${name} is not in the document`]
				: schemaFaults(known, inner, schemas, `${at}.${name}`);
		}),
	];
}

export function schemaFaults(schema: Schema, value: unknown, schemas: Schemas, at = "$"): string[] {
	if (typeof schema.$ref === "string") {
		const name = schema.$ref.replace("#/components/schemas/", "");
		return Object.hasOwn(schemas, name)
			? schemaFaults(schemas[name], value, schemas, at)
			: [`${at}: there is no schema ${name}`];
	}
	if (Array.isArray(schema.oneOf)) {
		const each = schema.oneOf.map((one: Schema) => schemaFaults(one, value, schemas, at));
		return each.some((faults) => faults.length === 0) ? [] : each.flat();
	}
	const type = typeOf(value);
	if (schema.type !== type && !(schema.type === "number" && type === "integer")) {
		return [`${at} is ${type}, and the document says ${String(schema.type)}`];
	}
	if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return [`${at} is ${String(value)}`];
	if (schema.const !== undefined && schema.const !== value) return [`${at} is ${String(value)}`];
	if (typeof schema.minimum === "number" && (value as number) < schema.minimum) return [`${at} is too small`];
	if (type === "object") return objectFaults(schema, value as Record<string, unknown>, schemas, at);
	if (type !== "array") return [];
	return (value as unknown[]).flatMap((item, i) =>
		schemaFaults(schema.items as Schema, item, schemas, `${at}[${i}]`),
	);
}
