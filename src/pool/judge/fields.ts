/** An object from outside, read field by field; what is wrong with it is collected. */
import { nearest } from "../../config/nearest.ts";
import { parseDuration } from "../../config/units.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { isMilliseconds, MOMENT_RULE, parseMoment } from "./moment.ts";

/** More unknown fields than this are counted only. */
const MAX_UNKNOWN = 10;

/** C0 and C1, line and paragraph separators, halves of characters, and what turns the direction of writing. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** A value as a fault shows it: short, on one line. */
export function shown(value: unknown): string {
	if (value === null) return "null";
	if (typeof value === "string") return value === "" ? "empty" : `"${excerpt(value, 60)}"`;
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "an object" : String(value);
}

export class Fields {
	readonly faults: string[] = [];
	readonly #fields: Readonly<Record<string, unknown>>;

	constructor(fields: object) {
		this.#fields = fields as Readonly<Record<string, unknown>>;
	}

	/** Own fields only: `constructor` and `__proto__` are names like any other. */
	get(name: string): unknown {
		return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
	}

	has(name: string): boolean {
		return this.get(name) !== undefined;
	}

	fault(name: string, rule: string): undefined {
		const value = this.get(name);
		this.faults.push(`${name} ${rule}${value === undefined ? "" : `; it is ${shown(value)}`}`);
		return undefined;
	}

	/** Fields that are none of `known`. */
	refuseOthers(known: readonly string[]): void {
		const others = Object.keys(this.#fields).filter((name) => !known.includes(name));
		for (const name of others.slice(0, MAX_UNKNOWN)) {
			const meant = nearest(name, known);
			const hint = meant === undefined ? `: there are ${known.join(", ")}` : `. Did you mean ${meant}?`;
			this.faults.push(`"${excerpt(name, 60)}" is no field of a contribution${hint}`);
		}
		const more = others.length - MAX_UNKNOWN;
		if (more > 0) this.faults.push(`${more} more fields are none of a contribution`);
	}

	/** Text of one line; "" when it is missing. */
	line(name: string, most: number): string {
		const value = this.get(name);
		if (value === undefined) return "";
		const rule = `must be text of at most ${most} characters`;
		if (typeof value !== "string") {
			this.fault(name, rule);
			return "";
		}
		// A character may take two of what `length` counts.
		if (value.length > most && (value.length > 2 * most || [...value].length > most)) {
			this.fault(name, `${rule}, and has more`);
			return "";
		}
		if (!FORBIDDEN.test(value)) return value;
		this.fault(name, "must be one line of text without control characters");
		return "";
	}

	/** One of `words`; `missing` when the field is. Undefined when it is faulty, or missing and compulsory. */
	word<W extends string>(name: string, words: readonly W[], missing?: W): W | undefined {
		const value = this.get(name);
		const rule = `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
		if (value === undefined) {
			return missing ?? this.fault(name, `is missing; it must be ${rule}`);
		}
		const found = words.find((word) => word === value);
		if (found !== undefined) return found;
		this.fault(name, `must be ${rule}`);
		const meant = typeof value === "string" ? nearest(value, words) : undefined;
		if (meant !== undefined) this.faults[this.faults.length - 1] += `. Did you mean ${meant}?`;
		return undefined;
	}

	whole(name: string, least: number, most: number, missing: number): number {
		const value = this.get(name);
		if (value === undefined) return missing;
		if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
			// JSON knows a zero below zero.
			return value === 0 ? 0 : value;
		}
		this.fault(name, `must be a whole number from ${least} to ${most}`);
		return missing;
	}

	/** Milliseconds since the epoch; undefined when it is missing or faulty. */
	moment(name: string): number | undefined {
		const value = this.get(name);
		if (value === undefined) return undefined;
		if (typeof value === "number" && isMilliseconds(value)) return value;
		const moment = typeof value === "string" ? parseMoment(value) : undefined;
		if (moment === undefined) return this.fault(name, MOMENT_RULE);
		return moment < 0 ? this.fault(name, "must not be before 1970") : moment;
	}

	/** Milliseconds; undefined when it is missing or faulty. */
	duration(name: string): number | undefined {
		const value = this.get(name);
		if (value === undefined) return undefined;
		const seconds = typeof value === "string" ? parseDuration(value) : undefined;
		if (seconds !== undefined && seconds > 0 && seconds < 1e12) return Math.ceil(seconds * 1000);
		return this.fault(name, "must be a duration above zero, such as 12h, 7d or 2w");
	}
}
