/** What is wrong with a configuration, and how a person reads it. */

export interface Position {
	readonly line: number;
	readonly column: number;
}

export interface Fault {
	/** Absent when the file as a whole is at fault. */
	readonly position?: Position;
	/** `lists[2].url`; empty for the file as a whole. */
	readonly key: string;
	/** What is expected, or what is wrong, and what to do. */
	readonly message: string;
	/** The value given, shortened; absent when it is missing, or tells nothing. */
	readonly value?: string;
	/** The nearest thing that would be right. */
	readonly suggestion?: string;
}

export type Path = readonly (string | number)[];

const MAX_SHOWN = 60;
const FAULTS_SHOWN = 100;
const SECRET_KEY = /pass|secret|token|credential|(^|[^a-z])key$/i;
// What a terminal obeys or hides, and what turns the writing direction (C1 controls, bidi, line separators).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this looks for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function visible(text: string): string {
	return text.replace(INVISIBLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function shortened(text: string): string {
	return visible(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

/** User, password and query of a URL may hold a member's token. */
function withoutSecrets(text: string): string {
	return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
		? text.replace(/^([^:]+:\/\/)[^/?#]*@/, "$1…@").replace(/\?.*$/s, "?…")
		: text;
}

/** `["lists", 2, "url"]` as `lists[2].url`. */
export function formatPath(path: Path): string {
	let text = "";
	for (const part of path) {
		if (typeof part === "number") text += `[${part}]`;
		else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === "" ? shortened(part) : `.${shortened(part)}`;
		else text += `[${JSON.stringify(shortened(part))}]`;
	}
	return text;
}

/** A value as a fault shows it: short, on one line, without secrets. Undefined when there is nothing to show. */
export function describeValue(value: unknown, path: Path): string | undefined {
	if (value === undefined) return undefined;
	if (value === null) return "empty";
	if (path.some((part) => typeof part === "string" && SECRET_KEY.test(part))) return "(not shown)";
	if (typeof value === "string") return `"${shortened(withoutSecrets(value))}"`;
	if (Array.isArray(value)) return "a list";
	return typeof value === "object" ? "a map of keys" : String(value);
}

/** `cordon.yaml:12:10 upstreams.timeout must be …; it is "soon". Did you mean …?` */
export function formatFault(fault: Fault, file: string): string {
	const { position, key, message, value, suggestion } = fault;
	const where = position === undefined ? file : `${file}:${position.line}:${position.column}`;
	const is = value === undefined ? "" : `; it is ${value}`;
	const hint = suggestion === undefined ? "" : `. Did you mean ${visible(suggestion)}?`;
	return `${where}: ${key === "" ? "" : `${key} `}${visible(message)}${is}${hint}`;
}

/** All that is wrong with one configuration file. `message` holds a line for each fault. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly code = "CORDON_CONFIG";
	readonly path: string;
	readonly faults: readonly Fault[];

	constructor(path: string, faults: readonly Fault[]) {
		const lines = faults.slice(0, FAULTS_SHOWN).map((fault) => formatFault(fault, path));
		if (faults.length > FAULTS_SHOWN) lines.push(`… and ${faults.length - FAULTS_SHOWN} more`);
		super(lines.join("\n"));
		this.path = path;
		this.faults = faults;
	}
}
