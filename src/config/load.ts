/** From a file to a configuration that is right, or to all that is wrong with it. */
import { stat } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { dirname, join, resolve } from "node:path";
import ipaddr from "ipaddr.js";
import { findCacheConflicts } from "./cache-conflict.ts";
import type { Conflict } from "./conflict.ts";
import { findConflicts } from "./conflict.ts";
import { findDnssecConflicts, withAnchorsOfFile } from "./dnssec-files.ts";
import { findDnstapConflicts } from "./dnstap-conflict.ts";
import type { ConfigDocument } from "./document.ts";
import { parseDocument } from "./document.ts";
import { findEdnsConflicts } from "./edns-conflict.ts";
import { withAbsoluteSecrets } from "./edns-files.ts";
import type { Fault } from "./fault.ts";
import { ConfigError, describeValue, formatPath } from "./fault.ts";
import { silent, toFaults, valueAt } from "./issue.ts";
import type { SchemaNode } from "./json-schema.ts";
import { configJsonSchema } from "./json-schema.ts";
import { findListConflicts } from "./list-conflict.ts";
import { findLogConflicts, withAbsoluteLogs } from "./log-files.ts";
import { findFileConflicts, findPoolConflicts } from "./pool-conflict.ts";
import { withAbsoluteFiles } from "./pool-files.ts";
import type { Config } from "./schema.ts";
import { configSchema } from "./schema.ts";
import { findConfigFile, readConfigFile } from "./source.ts";

export interface LoadOptions {
	/** What `--config` says. */
	readonly path?: string | undefined;
	readonly env?: NodeJS.ProcessEnv;
	readonly cwd?: string;
	/** This machine's own addresses; an upstream among them may be Cordon itself. */
	readonly machineAddresses?: readonly string[];
}

export interface LoadedConfig {
	/** The file it came from, absolute. */
	readonly path: string;
	/** With `dataDir` and the files of lists and of the pool absolute. */
	readonly config: Config;
}

/** A section whose every line is commented out is empty, and means its defaults rather than a fault. */
function withoutEmptySections(value: unknown, schema: SchemaNode | undefined): unknown {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
	const properties = schema?.properties ?? {};
	const kept = Object.entries(value).flatMap(([key, child]): [string, unknown][] => {
		const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
		const isSection = known?.type === "object" || known?.type === "array";
		return child === null && isSection ? [] : [[key, withoutEmptySections(child, known)]];
	});
	return Object.fromEntries(kept);
}

/** A list whose file is gone is no fault while there is a last good copy of it: a restart still blocks. */
async function missingFiles(value: unknown, folder: string, cwd: string): Promise<readonly Conflict[]> {
	const ownDataDir = valueAt(value, ["dataDir"]);
	const dataDir = typeof ownDataDir === "string" ? resolve(folder, ownDataDir) : resolve(cwd, "data");
	const hasCopy = async (name: unknown): Promise<boolean> => {
		if (typeof name !== "string") return false;
		return (await stat(join(dataDir, "lists", `${name}.list`)).catch(() => undefined)) !== undefined;
	};
	const lists = valueAt(value, ["lists"]);
	if (!Array.isArray(lists)) return [];
	const found = await Promise.all(
		lists.map(async (_, i): Promise<readonly Conflict[]> => {
			const path = ["lists", i, "file"];
			const file = valueAt(value, path);
			if (typeof file !== "string" || file === "") return [];
			const resolved = resolve(folder, file);
			const kind = await stat(resolved).catch(() => undefined);
			if (kind === undefined && (await hasCopy(valueAt(value, ["lists", i, "name"])))) return [];
			if (kind === undefined) return [{ path, message: `names a file that does not exist: ${resolved}` }];
			return kind.isDirectory() ? [{ path, message: `names a directory, not a file: ${resolved}` }] : [];
		}),
	);
	return found.flat();
}

function conflictFault({ path, message }: Conflict, document: ConfigDocument): Fault {
	const position = document.locate(path);
	const value = describeValue(valueAt(document.value, path), path);
	return {
		key: formatPath(path),
		message,
		...(position === undefined ? {} : { position }),
		...(value === undefined ? {} : { value }),
	};
}

/** A number too large to be an integer is told twice by the schema. */
function withoutRepeats(faults: readonly Fault[]): readonly Fault[] {
	const told = new Map(faults.map((fault) => [`${fault.key} ${fault.message}`, fault]));
	return [...told.values()];
}

function byPosition(a: Fault, b: Fault): number {
	const line = (a.position?.line ?? 0) - (b.position?.line ?? 0);
	return line === 0 ? (a.position?.column ?? 0) - (b.position?.column ?? 0) : line;
}

function ownAddresses(): readonly string[] {
	return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}

function withAbsolutePaths(config: Config, folder: string, cwd: string, ownDataDir: boolean): Config {
	return {
		...config,
		dataDir: resolve(ownDataDir ? folder : cwd, config.dataDir),
		lists: config.lists.map((list) =>
			list.file === undefined ? list : { ...list, file: resolve(folder, list.file) },
		),
		listen: { ...config.listen, cookies: withAbsoluteSecrets(config.listen.cookies, folder) },
		dnssec: withAnchorsOfFile(config.dnssec, folder),
		log: withAbsoluteLogs(config.log, folder),
		pool: { ...config.pool, redis: withAbsoluteFiles(config.pool.redis, folder) },
	};
}

/** Reads the text of a configuration whose file is, or would be, `path`. Throws ConfigError with all faults. */
export async function parseConfig(
	text: string,
	path: string,
	options: Omit<LoadOptions, "path"> = {},
): Promise<Config> {
	const { cwd = process.cwd(), machineAddresses = ownAddresses() } = options;
	const document = parseDocument(text);
	if (document.faults.length > 0 && document.value === undefined)
		throw new ConfigError(path, document.faults);
	const schema = configJsonSchema();
	const value = withoutEmptySections(document.value ?? {}, schema);
	const result = configSchema.safeParse(value, { error: silent });
	const folder = dirname(path);
	const machine = new Set(machineAddresses.map((address) => ipaddr.parse(address).toNormalizedString()));
	const conflicts = [
		...findConflicts(value, machine),
		...findCacheConflicts(value),
		...findPoolConflicts(value),
		...findListConflicts(value),
		...findFileConflicts(value, folder),
		...findEdnsConflicts(value, folder),
		...findDnssecConflicts(value, folder),
		...findLogConflicts(value, folder),
		...findDnstapConflicts(value),
		...(await missingFiles(value, folder, cwd)),
	];
	const faults = withoutRepeats([
		...document.faults,
		...(result.error?.issues ?? []).flatMap((issue) => toFaults(issue, schema, document)),
		...conflicts.map((conflict) => conflictFault(conflict, document)),
	]);
	if (!result.success || faults.length > 0) throw new ConfigError(path, faults.toSorted(byPosition));
	return withAbsolutePaths(result.data, folder, cwd, valueAt(value, ["dataDir"]) !== undefined);
}

/** Finds, reads and checks the configuration. Throws ConfigError with all faults at once. */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
	const { env = process.env, cwd = process.cwd() } = options;
	const path = findConfigFile(options.path, env, cwd);
	return { path, config: await parseConfig(await readConfigFile(path), path, options) };
}
