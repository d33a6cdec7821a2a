import { printable, printableWord } from "./printable.ts";

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An error as pino writes it: for people, its message, and from where it came if it is a fault of ours. */
function errorWords(key: string, error: Record<string, unknown>, severe: boolean): string[] {
	const words = [`${key}=${printableWord(String(error.message))}`];
	if (typeof error.code === "string") words.push(`code=${printableWord(error.code)}`);
	const frame = /\n\s*at (.+)/.exec(String(error.stack))?.[1];
	if (severe && frame !== undefined) words.push(`at=${printableWord(frame)}`);
	return words;
}

function words(key: string, value: unknown, severe: boolean): string[] {
	if (isRecord(value) && typeof value.stack === "string") return errorWords(key, value, severe);
	const text = typeof value === "string" ? value : JSON.stringify(value);
	return [`${printableWord(key)}=${printableWord(text)}`];
}

/**
 * A record of pino as one line for people: `2026-11-23T17:50:01Z WARN  lists: message key=value`. Whatever it
 * holds, it stays one line.
 */
export function logText(json: string): string {
	const { level, time, component, msg, ...fields } = JSON.parse(json) as Record<string, unknown>;
	const name = component === undefined ? "" : `${printable(String(component))}: `;
	const rest = Object.entries(fields).flatMap(([key, value]) => words(key, value, level === "error"));
	const start = `${String(time).slice(0, 19)}Z ${String(level).toUpperCase().padEnd(5)} `;
	return `${[`${start}${name}${printable(String(msg))}`, ...rest].join(" ")}\n`;
}
