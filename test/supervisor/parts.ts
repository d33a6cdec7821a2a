/** What the supervisor's parts are handed, made up for tests. */
import { type Config, configSchema } from "../../src/config/schema.ts";
import type { Log, LogFields, LogLevel } from "../../src/observe/log.ts";

export interface Said {
	readonly level: LogLevel;
	readonly message: string;
	readonly fields: LogFields | undefined;
}

/** A log that keeps what it is told. */
export function keptLog(): { readonly log: Log; readonly said: Said[] } {
	const said: Said[] = [];
	const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
		said.push({ level, message, fields });
	};
	const log: Log = {
		debug: at("debug"),
		info: at("info"),
		warn: at("warn"),
		error: at("error"),
		level: { level: "info", configured: "info" },
		setLevel: () => {},
		overrideLevel: () => {},
		child: () => log,
	};
	return { log, said };
}

/** Defaults, but for what is given. */
export function configOf(given: object): Config {
	return configSchema.parse(given);
}
