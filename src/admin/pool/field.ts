/**
 * One parameter of a request, or one field of its body: what it is checked by and how the API's document describes it,
 * from one place, so that the two cannot disagree.
 */
import { nearest } from "../../config/nearest.ts";
import { parseDuration } from "../../config/units.ts";
import { Refusal } from "./refusal.ts";

/** JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Field<T> {
	readonly about: string;
	readonly schema: Schema;
	readonly required: boolean;
	/** How it has to be, as it goes on after "must be". */
	readonly must: string;
	/** Undefined when it is not that. A parameter comes as text, a field as whatever JSON made of it. */
	read(raw: unknown): T | undefined;
	/** When it is missing and need not be there. */
	readonly fallback?: T;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type Values<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

interface TextOptions {
	readonly about: string;
	readonly most: number;
	readonly least?: number;
	/** Of the whole text: with its anchors. */
	readonly pattern?: string;
	readonly must?: string;
	readonly example?: string;
}

/** No control characters, unless a pattern of its own says what may be there. */
const PLAIN = "^[^\\u0000-\\u001f\\u007f]*$";

export function text({ about, most, least = 1, pattern = PLAIN, must, example }: TextOptions): Field<string> {
	const matches = new RegExp(pattern, "u");
	return {
		about,
		required: true,
		must: must ?? `text of ${least} to ${most} characters, none of them control characters`,
		schema: {
			type: "string",
			minLength: least,
			maxLength: most,
			pattern,
			...(example === undefined ? {} : { examples: [example] }),
		},
		read: (raw) =>
			typeof raw === "string" && raw.length >= least && raw.length <= most && matches.test(raw)
				? raw
				: undefined,
	};
}

export function oneOf<T extends string>(about: string, words: readonly T[]): Field<T> {
	return {
		about,
		required: true,
		must: `one of ${words.join(", ")}`,
		schema: { type: "string", enum: words },
		read: (raw) => words.find((word) => word === raw),
	};
}

/** A whole number in a parameter, where it is text. */
export function count(about: string, least: number, most: number, fallback: number): Field<number> {
	return {
		about,
		required: false,
		must: `a whole number from ${least} to ${most}`,
		schema: { type: "integer", minimum: least, maximum: most, default: fallback },
		fallback,
		read: (raw) => {
			const value = typeof raw === "string" && /^\d{1,15}$/.test(raw) ? Number(raw) : Number.NaN;
			return value >= least && value <= most ? value : undefined;
		},
	};
}

/** Milliseconds from a duration such as `7d`. */
export function span(about: string, most: string, fallback: string): Field<number> {
	const ms = (written: string): number => (parseDuration(written) ?? Number.NaN) * 1000;
	return {
		about,
		required: false,
		must: `a duration such as 12h or 7d, at most ${most}`,
		schema: { type: "string", pattern: "^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|h|d|w)\\s*$", default: fallback },
		fallback: ms(fallback),
		read: (raw) => {
			const value = typeof raw === "string" && raw.length <= 32 ? ms(raw) : Number.NaN;
			return value <= ms(most) ? value : undefined;
		},
	};
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
	return { ...field, required: false };
}

export function withDefault<T>(field: Field<T>, fallback: T): Field<T> {
	return { ...field, required: false, fallback, schema: { ...field.schema, default: fallback } };
}

/** For a message: short, and never more than a line. */
export function shown(value: unknown): string {
	const written = JSON.stringify(value) ?? String(value);
	return written.length > 60 ? `${written.slice(0, 57)}…` : written;
}

/** What one is called that is not known. */
function stranger(name: string, known: readonly string[], what: string): string {
	const meant = nearest(name, known);
	if (meant !== undefined) return `there is no ${what} ${shown(name)}; did you mean "${meant}"?`;
	if (known.length === 0) return `there is no ${what} ${shown(name)}: none is taken here`;
	return `there is no ${what} ${shown(name)}; there is: ${known.join(", ")}`;
}

/** Throws a Refusal with all faults at once. `what`: `parameter` or `field`. */
export function readFields<F extends Fields>(
	fields: F,
	raw: Readonly<Record<string, unknown>>,
	what: string,
): Values<F> {
	const faults: string[] = [];
	const known = Object.keys(fields);
	const values = new Map<string, unknown>();
	for (const name of Object.keys(raw)) {
		if (!Object.hasOwn(fields, name)) faults.push(stranger(name, known, what));
	}
	for (const [name, field] of Object.entries<Field<unknown>>(fields)) {
		const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
		if (given === undefined) {
			if (field.required) faults.push(`${name} is missing: it must be ${field.must}`);
			else values.set(name, field.fallback);
			continue;
		}
		const value = Array.isArray(given) && what === "parameter" ? undefined : field.read(given);
		if (value !== undefined) values.set(name, value);
		else if (Array.isArray(given) && what === "parameter") faults.push(`${name} is given more than once`);
		else faults.push(`${name} must be ${field.must}, and is ${shown(given)}`);
	}
	if (faults.length > 0) throw new Refusal(400, faults.join(". "));
	return Object.fromEntries(values) as Values<F>;
}
