/** Brings a backup back into a data folder, and its pool to where the configuration wants it. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { nodeName, toPoolSettings } from "../../config/pool-settings.ts";
import type { Config } from "../../config/schema.ts";
import { OPERATOR } from "../../config/vocabulary.ts";
import { openPoolCopy } from "../../pool/embedded/pool-copy.ts";
import { importPool } from "../../pool/embedded/pool-import.ts";
import type { NewAuditEntry } from "../../pool/record.ts";
import type { RedisStore } from "../../pool/redis/store.ts";
import { DataLock } from "../../supervisor/data-lock.ts";
import { interruptedRestore } from "../../supervisor/restore/journal.ts";
import { giveTo } from "../../supervisor/restore/ownership.ts";
import { exchangeParts, type Settled, settleRestore } from "../../supervisor/restore/parts.ts";
import type { Manifest } from "./manifest.ts";
import { unpackedPool } from "./pool-lines.ts";
import { openSharedPool } from "./pool-source.ts";
import { checkPool, unpackArchive } from "./unpack.ts";

export interface BringOptions {
	/** What is there already is set aside, and a pool in Redis replaced. */
	readonly replace: boolean;
	readonly mostBytes: number;
	readonly now: number;
	/** What is done before the rest can fail. */
	readonly say: (line: string) => void;
}

export interface Brought {
	/** Where what was there before is now; undefined when there was nothing. */
	readonly aside?: string;
	/** For people. */
	readonly notes: readonly string[];
}

/** The lock of the system, as a server takes it. */
async function lockFile() {
	if (process.platform !== "linux") return undefined;
	return await import("../../sockets/file-lock.ts").then(
		(found) => found.lockFile,
		() => undefined,
	);
}

/** Something that would be missed lies in the folder. */
async function isInUse({ dataDir }: Config): Promise<boolean> {
	const lists = join(dataDir, "lists");
	if (existsSync(lists) && readdirSync(lists).some((name) => name.endsWith(".list"))) return true;
	if (!existsSync(join(dataDir, "pool", "data.mdb"))) return false;
	const copy = await openPoolCopy(dataDir);
	try {
		for await (const page of copy.records()) if (page.length > 0) return true;
		return false;
	} finally {
		await copy.close();
	}
}

async function requireRoom(config: Config, store: RedisStore | undefined, replace: boolean): Promise<void> {
	if (replace) return;
	if (store !== undefined) {
		const { holdsRecords } = await import("../../pool/redis/pool-import.ts");
		if (await holdsRecords(store)) {
			throw new Error(
				`there is a pool ${config.pool.name} in Redis already: --replace throws it away for that of the backup, on all nodes`,
			);
		}
	}
	if (await isInUse(config)) {
		throw new Error(
			`${config.dataDir} has lists or a pool already: --replace sets them aside for those of the backup`,
		);
	}
}

function auditEntry(config: Config, { created, cordon, host }: Manifest): NewAuditEntry {
	const node = config.pool.node ?? nodeName(hostname());
	const details = { backup: new Date(created).toISOString(), by: `cordon ${cordon}`, host };
	return { actor: OPERATOR, node, from: "cordon restore", action: "restore", details };
}

async function bringPool(
	config: Config,
	laidOut: string,
	manifest: Manifest,
	store: RedisStore | undefined,
): Promise<string[]> {
	if (manifest.pool === undefined) return ["the backup has no pool"];
	if (config.pool.store === "off") return ["pool.store is off: the pool of the backup was left out"];
	const pool = unpackedPool(join(laidOut, "backup", "pool"));
	const entry = auditEntry(config, manifest);
	if (store === undefined) {
		await importPool(laidOut, pool, entry);
		return [];
	}
	const { importPool: intoRedis } = await import("../../pool/redis/pool-import.ts");
	const settings = toPoolSettings(config);
	const { audit } = await intoRedis({ settings: settings.redis, pool: settings.name, store }, pool, entry);
	return audit ? [] : ["Redis has an audit already: it goes on, and that of the backup was left out"];
}

/** Where files of a backup are laid out: lists as they will lie, the pool as lines that are read from there. */
function placeOf(path: string): string | undefined {
	if (path.startsWith("data/")) return path.slice("data/".length);
	return path.startsWith("pool/") ? `backup/${path}` : undefined;
}

function toldOf({ aside }: Settled, dataDir: string): string {
	const before = aside === undefined ? "" : `; what was there before is in ${aside}`;
	return `a restore into ${dataDir} was interrupted and is finished now${before}`;
}

function isInterrupted(dataDir: string): boolean {
	try {
		return interruptedRestore(dataDir) !== undefined;
	} catch {
		return true;
	}
}

/** Rejects with DataDirTaken, BadArchive, or another Error for the operator; nothing has changed then. */
export async function bringBack(archive: string, config: Config, options: BringOptions): Promise<Brought> {
	const { dataDir } = config;
	const notes: string[] = [];
	mkdirSync(dataDir, { recursive: true, mode: 0o750 });
	const lock = new DataLock({
		log: { warn: (message, fields) => notes.push(`${message} (${String(fields?.why)})`) },
		lockFile: await lockFile(),
	});
	lock.take(dataDir);
	let store: RedisStore | undefined;
	const name = `.restore-${randomBytes(6).toString("hex")}`;
	const laidOut = join(dataDir, name);
	try {
		const finished = settleRestore(dataDir);
		if (finished !== undefined) options.say(toldOf(finished, dataDir));
		if (config.pool.store === "redis") store = await openSharedPool(config);
		await requireRoom(config, store, options.replace);
		mkdirSync(laidOut, { mode: 0o700 });
		const manifest = await unpackArchive(archive, laidOut, placeOf, options.mostBytes);
		await checkPool(join(laidOut, "backup", "pool"), manifest);
		notes.push(...(await bringPool(config, laidOut, manifest, store)));
		rmSync(join(laidOut, "backup"), { recursive: true, force: true });
		giveTo(laidOut, statSync(dataDir));
		const aside = `before-restore-${new Date(options.now).toISOString().replace(/[:.]/g, "-")}`;
		const moved = exchangeParts(dataDir, name, aside);
		if (process.getuid?.() === 0 && statSync(dataDir).uid === 0) {
			notes.push(`${dataDir} belongs to root: if the server runs as another user, chown -R USER ${dataDir}`);
		}
		return { notes, ...(moved ? { aside: join(dataDir, aside) } : {}) };
	} finally {
		// Where not even undoing was possible, what is laid out is still needed.
		if (!isInterrupted(dataDir)) rmSync(laidOut, { recursive: true, force: true });
		await store?.close();
		lock.release();
		// The server has to be able to lock it.
		giveTo(join(dataDir, "cordon.lock"), statSync(dataDir));
	}
}
