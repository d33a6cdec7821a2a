import { pino } from "pino";
import { logText } from "./log-text.ts";
import { Repeats } from "./repeats.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * The log of the process. A message is a fixed sentence; what varies goes into the fields, so that equal faults
 * can be told from different ones. An Error goes into the field `error`.
 */
export interface Log {
	debug(message: string, fields?: LogFields): void;
	info(message: string, fields?: LogFields): void;
	warn(message: string, fields?: LogFields): void;
	error(message: string, fields?: LogFields): void;
	/** Of this log and all its children and parents. */
	readonly level: LevelInForce;
	/** The level of the configuration: it is in force until another is set. */
	setLevel(level: LogLevel): void;
	/** Another one than the configuration's, until that is set anew; or for `forMs`, after which that is in force again. */
	overrideLevel(level: LogLevel, forMs?: number): void;
	/** The same log under the name of a part of the program, such as `lists`. */
	child(component: string): Log;
}

export interface LevelInForce {
	readonly level: LogLevel;
	readonly configured: LogLevel;
	/** Milliseconds since the epoch: then the configured one is in force again. */
	readonly until?: number;
}

export interface LogOptions {
	readonly level: LogLevel;
	readonly format: "text" | "json";
	/** Takes one whole line; standard error by default, so that standard output stays the commands' own. */
	readonly write?: (line: string) => void;
	/** Milliseconds since the epoch; the clock of the system by default. */
	readonly now?: () => number;
	/** How many equal warnings or errors of one component are written in a minute before they are summed up. */
	readonly maxRepeats?: number;
}

const MINUTE_MS = 60_000;

/** The keys that we write ourselves: a field of the same name would be read in their place. */
const RESERVED = new Set(["level", "time", "msg", "component"]);

interface Message {
	readonly level: LogLevel;
	readonly component: string;
	readonly message: string;
}

function toStandardError(line: string): void {
	process.stderr.write(line);
}

function unreserved(fields: LogFields): LogFields {
	if (!Object.keys(fields).some((key) => RESERVED.has(key))) return fields;
	return Object.fromEntries(
		Object.entries(fields).map(([key, value]) => [RESERVED.has(key) ? `${key}_` : key, value]),
	);
}

export function createLog(options: LogOptions): Log {
	const { format, now = Date.now, maxRepeats = 10, write = toStandardError } = options;
	let inForce: LevelInForce = { level: options.level, configured: options.level };
	let timer: NodeJS.Timeout | undefined;
	let back: NodeJS.Timeout | undefined;
	const repeats = new Repeats<Message>(maxRepeats, MINUTE_MS);
	const logger = pino(
		{
			base: null,
			level: "debug",
			timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
			formatters: { level: (level) => ({ level }) },
			serializers: { error: pino.stdSerializers.err },
		},
		{ write: (json: string) => write(format === "json" ? json : logText(json)) },
	);

	function put({ level, component, message }: Message, fields: LogFields): void {
		logger[level]({ ...(component === "" ? {} : { component }), ...unreserved(fields), msg: message });
	}

	function sumUp(): void {
		for (const { what, times } of repeats.due(now())) {
			put({ ...what, message: `${what.message} (repeated ${times} times in the last minute)` }, {});
		}
	}

	function sumUpLater(): void {
		if (timer !== undefined) return;
		timer = setTimeout(
			() => {
				timer = undefined;
				sumUp();
				if (repeats.nextAt !== undefined) sumUpLater();
			},
			Math.max((repeats.nextAt ?? 0) - now(), 1000),
		).unref();
	}

	function say(message: Message, fields: LogFields): void {
		const rank = LOG_LEVELS.indexOf(message.level);
		if (rank < LOG_LEVELS.indexOf(inForce.level)) return;
		sumUp();
		if (rank >= LOG_LEVELS.indexOf("warn")) {
			const key = `${message.level} ${message.component} ${message.message}`;
			const admitted = repeats.admit(key, message, now());
			sumUpLater();
			if (!admitted) return;
		}
		put(message, fields);
	}

	function overrideLevel(level: LogLevel, forMs?: number): void {
		clearTimeout(back);
		const { configured } = inForce;
		inForce = { level, configured, ...(forMs === undefined ? {} : { until: now() + forMs }) };
		if (forMs === undefined) return;
		back = setTimeout(() => {
			inForce = { level: configured, configured };
			put(
				{ level: "info", component: "", message: "the log has its configured level again" },
				{ now: configured },
			);
		}, forMs).unref();
	}

	function named(component: string): Log {
		return {
			debug: (message, fields = {}) => say({ level: "debug", component, message }, fields),
			info: (message, fields = {}) => say({ level: "info", component, message }, fields),
			warn: (message, fields = {}) => say({ level: "warn", component, message }, fields),
			error: (message, fields = {}) => say({ level: "error", component, message }, fields),
			get level() {
				return inForce;
			},
			setLevel: (level) => {
				clearTimeout(back);
				inForce = { level, configured: level };
			},
			overrideLevel,
			child: (name) => named(component === "" ? name : `${component}/${name}`),
		};
	}
	return named("");
}
