/** Values of a configuration that has been validated: what cannot be parsed here is a fault of ours. */
import { parseDuration } from "./units.ts";

export function parsed<T>(value: T | undefined, text: string): T {
	if (value === undefined) throw new TypeError(`${text} was validated, yet cannot be parsed`);
	return value;
}

export function milliseconds(text: string): number {
	return Math.round(parsed(parseDuration(text), text) * 1000);
}

/** TTLs are whole seconds; a duration above zero never becomes 0, which would mean "do not keep". */
export function ttlSeconds(text: string): number {
	return Math.ceil(parsed(parseDuration(text), text));
}
