/** Command lines, with what was probably meant where something is unknown. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../config/nearest.ts";
import { UsageError } from "./usage-error.ts";

export type OptionTypes = NonNullable<ParseArgsConfig["options"]>;

export interface Typed {
	readonly words: readonly string[];
	/** The last value of an option that takes one. */
	text(name: string): string | undefined;
	isSet(name: string): boolean;
}

/** `"list"; did you mean …?` for a message. */
export function unknownWord(word: string, known: readonly string[]): string {
	const meant = nearest(word, known);
	return meant === undefined ? `"${word}"` : `"${word}"; did you mean "${meant}"?`;
}

/** Throws UsageError. */
export function parseTyped(argv: readonly string[], options: OptionTypes): Typed {
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
		return {
			words: positionals,
			text(name) {
				const value = values[name];
				return typeof value === "string" ? value : undefined;
			},
			isSet: (name) => values[name] === true,
		};
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const unknown = /'--?([^'=]+)'/.exec(message)?.[1];
		if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION" || unknown === undefined) throw new UsageError(message);
		const meant = nearest(unknown, Object.keys(options));
		throw new UsageError(
			`there is no option --${unknown}${meant === undefined ? "" : `; did you mean --${meant}?`}`,
		);
	}
}
