/** What is logged beside the program's own log, as the program uses it. */
import { type Prefix, parsePrefix } from "./address.ts";
import { type DnstapSettings, toDnstap } from "./dnstap-settings.ts";
import { milliseconds, parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { parseSize } from "./units.ts";
import { type QueryLogField, VIAS, type Via } from "./vocabulary.ts";

type QueryLogConfig = Config["log"]["queries"];

export interface QueryLogSettings {
	/** Undefined: standard output. */
	readonly file: string | undefined;
	readonly format: "json" | "text";
	readonly fields: readonly QueryLogField[];
	readonly privacy: QueryLogConfig["privacy"];
	readonly secretFile: string | undefined;
	/** One bit for each of VIAS. */
	readonly vias: number;
	readonly ignore: readonly string[];
	/** None: all clients. */
	readonly clients: readonly Prefix[];
	readonly exceptClients: readonly Prefix[];
	/** One question in so many. */
	readonly sample: number;
	readonly rotation: RotationSettings;
}

/** 0: without limit, or never. */
export interface RotationSettings {
	readonly maxBytes: number;
	readonly everyMs: number;
	readonly keepFiles: number;
	readonly keepForMs: number;
	readonly compress: boolean;
}

export interface LogSettings {
	/** Undefined: off. */
	readonly queries: QueryLogSettings | undefined;
	/** Undefined: off. */
	readonly dnstap: DnstapSettings | undefined;
}

function prefixes(texts: readonly string[]): readonly Prefix[] {
	return texts.map((text) => parsed(parsePrefix(text), text));
}

function toQueryLog(queries: QueryLogConfig): QueryLogSettings | undefined {
	if (queries.to === "off") return undefined;
	const vias: readonly Via[] = queries.only.length === 0 ? VIAS : queries.only;
	return {
		file: queries.to === "console" ? undefined : queries.to,
		format: queries.format,
		fields: queries.fields,
		privacy: queries.privacy,
		secretFile: queries.secretFile,
		vias: vias.reduce((bits, via) => bits | (1 << VIAS.indexOf(via)), 0),
		ignore: queries.ignore,
		clients: prefixes(queries.clients),
		exceptClients: prefixes(queries.exceptClients),
		sample: queries.sample,
		rotation: {
			maxBytes: parsed(parseSize(queries.maxSize), queries.maxSize),
			everyMs: milliseconds(queries.rotateEvery),
			keepFiles: queries.keepFiles,
			keepForMs: milliseconds(queries.keepFor),
			compress: queries.compress,
		},
	};
}

export function toLog(config: Config): LogSettings {
	return { queries: toQueryLog(config.log.queries), dnstap: toDnstap(config) };
}
