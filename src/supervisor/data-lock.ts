/**
 * One Cordon to a data folder: two would write their lists and snapshots over one another. `cordon.lock` in it is locked by
 * the kernel where that can be had, and then means nothing by being there. Elsewhere the process that it names holds it.
 */
import {
	closeSync,
	ftruncateSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from "node:fs";
import { hostname, uptime } from "node:os";
import { join } from "node:path";
import type { Log } from "../observe/log.ts";

const NAME = "cordon.lock";

export interface DataLockParts {
	readonly log: Pick<Log, "warn">;
	/** Locks an open file until it is closed; undefined where the system's own locks cannot be had. */
	readonly lockFile?: ((fd: number) => "locked" | "taken" | "unsupported") | undefined;
}

/** Another Cordon uses the folder. The message is for the operator. */
export class DataDirTaken extends Error {
	override readonly name = "DataDirTaken";
}

/** Who wrote the lock file. */
interface Holder {
	readonly pid: number;
	readonly host: string;
	/** `process`: it holds the folder while it lives; `kernel`: only while the file is locked. */
	readonly by: "kernel" | "process";
}

export class DataLock {
	readonly #parts: DataLockParts;
	/** By folder: how it is let go of. */
	readonly #held = new Map<string, () => void>();

	constructor(parts: DataLockParts) {
		this.#parts = parts;
	}

	/**
	 * Takes a folder beside those that are held already. Throws a DataDirTaken when another Cordon has it. A folder that
	 * cannot be locked is used all the same, with a warning: it may be full, or may only be read.
	 */
	take(dataDir: string): void {
		if (!this.#held.has(dataDir)) this.#held.set(dataDir, this.#lock(dataDir));
	}

	/** Lets go of all others. */
	keepOnly(dataDir: string): void {
		for (const other of this.#held.keys()) if (other !== dataDir) this.#letGo(other);
	}

	release(): void {
		for (const dataDir of this.#held.keys()) this.#letGo(dataDir);
	}

	#letGo(dataDir: string): void {
		try {
			this.#held.get(dataDir)?.();
		} catch {
			// Whatever is left in the file, it is no longer locked, or names a process that soon is no more.
		}
		this.#held.delete(dataDir);
	}

	#lock(dataDir: string): () => void {
		const { log, lockFile } = this.#parts;
		const path = join(dataDir, NAME);
		try {
			const byKernel = lockFile === undefined ? undefined : lockByKernel(path, dataDir, lockFile);
			return byKernel ?? lockByProcess(path, dataDir);
		} catch (error) {
			if (error instanceof DataDirTaken) throw error;
			const why = codeOf(error);
			log.warn(
				"dataDir cannot be locked; nothing keeps a second Cordon from using it too: see its permissions and its room",
				{ path, why },
			);
			return () => {};
		}
	}
}

/** Undefined where the file system knows no locks. */
function lockByKernel(
	path: string,
	dataDir: string,
	lockFile: NonNullable<DataLockParts["lockFile"]>,
): (() => void) | undefined {
	// Never closed but by us: a number, unlike a FileHandle, is not collected.
	const fd = openSync(path, "a+", 0o644);
	try {
		const outcome = lockFile(fd);
		const holder = readHolder(path);
		if (outcome === "taken") throw taken(dataDir, path, holder);
		if (outcome === "unsupported") {
			closeSync(fd);
			return undefined;
		}
		if (holder?.by === "process" && isAlive(holder, path)) throw taken(dataDir, path, holder);
	} catch (error) {
		closeSync(fd);
		throw error;
	}
	sign(fd);
	return () => {
		try {
			ftruncateSync(fd);
		} finally {
			closeSync(fd);
		}
	};
}

/** For whoever finds it locked. */
function sign(fd: number): void {
	try {
		ftruncateSync(fd);
		writeSync(fd, signature("kernel"));
	} catch {
		// On a full disk it is locked all the same.
	}
}

/** Two that start in the very same moment are not told apart here: that takes the kernel. */
function lockByProcess(path: string, dataDir: string): () => void {
	const own = signature("process");
	const holder = readHolder(path);
	if (holder !== undefined && isAlive(holder, path)) throw taken(dataDir, path, holder);
	rmSync(path, { force: true });
	try {
		writeFileSync(path, own, { flag: "wx" });
	} catch (error) {
		if (codeOf(error) === "EEXIST") throw taken(dataDir, path, readHolder(path));
		rmSync(path, { force: true });
		throw error;
	}
	return () => {
		if (readText(path) === own) rmSync(path, { force: true });
	};
}

function codeOf(error: unknown): string {
	const { code, message } = error as NodeJS.ErrnoException;
	return code ?? message;
}

function signature(by: Holder["by"]): string {
	const holder: Holder = { pid: process.pid, host: hostname(), by };
	return `${JSON.stringify(holder)}\n`;
}

function readText(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}

/** Undefined when nobody has signed, or when it cannot be read. */
function readHolder(path: string): Holder | undefined {
	let of: Partial<Record<string, unknown>>;
	try {
		of = { ...JSON.parse(readText(path)) };
	} catch {
		return undefined;
	}
	const { pid, host, by } = of;
	if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
	if (typeof host !== "string" || (by !== "kernel" && by !== "process")) return undefined;
	return { pid, host, by };
}

/** Whether the process that signed surely still runs: of a doubtful one nobody at night could tell how to get past it. */
function isAlive({ pid, host }: Holder, path: string): boolean {
	// In another container, or on another machine, the number means nothing; and one that was ours is ours again.
	if (host !== hostname() || pid === process.pid) return false;
	try {
		const bootedAt = Date.now() - uptime() * 1000;
		if (statSync(path).mtimeMs < bootedAt) return false;
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return codeOf(error) === "EPERM";
	}
}

function taken(dataDir: string, path: string, holder: Holder | undefined): DataDirTaken {
	const who = holder === undefined ? "" : ` (process ${holder.pid} on ${holder.host})`;
	const orElse = holder?.by === "process" ? `; if there is no such Cordon, remove ${path}` : "";
	return new DataDirTaken(
		`dataDir ${dataDir} is in use by another Cordon${who}, which has locked ${path}; stop it, or give each its own dataDir${orElse}`,
	);
}
