/** What a backup says of itself: first which format it has, last what is in it, with a hash of each file. */

/** Another number is another layout, which this version does not know how to read. */
export const FORMAT = 1;
export const HEADER = "cordon-backup.json";
export const MANIFEST = "manifest.json";

/** The first file. */
export interface BackupHeader {
	readonly format: number;
	/** Of the Cordon that wrote it. */
	readonly cordon: string;
	/** Milliseconds since the epoch. */
	readonly created: number;
	readonly host: string;
}

export interface BackedFile {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
}

/** A file of the configuration, and where it was. */
export interface ConfigFile {
	readonly path: string;
	readonly original: string;
	readonly secret: boolean;
}

export interface PoolContents {
	readonly store: "embedded" | "redis";
	readonly name: string;
	/** Where the log stood, for people: a restored pool begins a log of its own. */
	readonly position: { readonly epoch: string; readonly seq: number };
	/** False: of a shared pool, only what this node had of it. */
	readonly complete: boolean;
	readonly records: number;
	readonly audit: number;
	readonly batches: number;
	readonly sightings: number;
}

/** The last file. */
export interface Manifest extends BackupHeader {
	readonly files: readonly BackedFile[];
	readonly config: readonly ConfigFile[];
	/** Undefined: there was no pool. */
	readonly pool?: PoolContents;
	/** Names of lists. */
	readonly lists: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(json: string, what: string): Fields {
	try {
		const value: unknown = JSON.parse(json);
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
	} catch {
		// Said below.
	}
	throw new Error(`${what} in it cannot be read`);
}

function isCount(value: unknown): value is number {
	return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Throws an Error: not ours, or of a version that we do not know. */
export function parseBackupHeader(json: string): BackupHeader {
	const { format, cordon, created, host } = fieldsOf(json, HEADER);
	if (!isCount(format)) throw new Error(`${HEADER} in it has no format`);
	if (format !== FORMAT) {
		throw new Error(
			`it has format ${format}, and this version of Cordon reads format ${FORMAT}: restore it with the version that wrote it (${String(cordon).slice(0, 40)}) or a later one`,
		);
	}
	if (typeof cordon !== "string" || !isCount(created) || typeof host !== "string") {
		throw new Error(`${HEADER} in it cannot be read`);
	}
	return { format, cordon, created, host };
}

function maps(value: unknown): Fields[] | undefined {
	const all = Array.isArray(value) ? value : undefined;
	return all?.every((one) => typeof one === "object" && one !== null) ? (all as Fields[]) : undefined;
}

function poolOf(value: unknown): PoolContents | undefined {
	if (value === undefined) return undefined;
	const pool = value as Partial<PoolContents>;
	const counts = [pool.records, pool.audit, pool.batches, pool.sightings];
	const known = pool.store === "embedded" || pool.store === "redis";
	if (!known || !counts.every(isCount) || typeof pool.name !== "string")
		throw new Error(`${MANIFEST} in it cannot be read`);
	return pool as PoolContents;
}

/** Throws an Error. */
export function parseManifest(json: string): Manifest {
	const of = fieldsOf(json, MANIFEST);
	const header = parseBackupHeader(json);
	const [files, config] = [maps(of.files), maps(of.config)];
	const lists = Array.isArray(of.lists) ? of.lists.map(String) : undefined;
	if (files === undefined || config === undefined || lists === undefined) {
		throw new Error(`${MANIFEST} in it cannot be read`);
	}
	const pool = poolOf(of.pool);
	return {
		...header,
		files: files.map(({ path, bytes, sha256 }) => ({
			path: String(path),
			bytes: Number(bytes),
			sha256: String(sha256),
		})),
		config: config.map(({ path, original, secret }) => ({
			path: String(path),
			original: String(original),
			secret: secret === true,
		})),
		lists,
		...(pool === undefined ? {} : { pool }),
	};
}

const PART = /^[A-Za-z0-9][A-Za-z0-9._+@-]*$/;
const ROOTS: ReadonlySet<string> = new Set(["config", "data", "pool"]);

/** Whether a name in an archive may become a file of ours: nothing leads out of a folder, and nothing is hidden. */
export function isBackupPath(path: string): boolean {
	if (path === HEADER || path === MANIFEST) return true;
	const [root, ...parts] = path.split("/");
	return ROOTS.has(root) && parts.length > 0 && parts.length <= 16 && parts.every((part) => PART.test(part));
}
