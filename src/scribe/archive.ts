/**
 * The files that were put aside: `queries.log` becomes `queries-20261129T023005Z.log`, by the time at which that happened,
 * then `queries-20261129T023005Z.log.gz`. They are compressed a piece at a time, between two looks at what there is to log.
 */
import {
	closeSync,
	existsSync,
	fsyncSync,
	openSync,
	readdirSync,
	readSync,
	renameSync,
	rmSync,
	writeSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { RotationSettings } from "../config/log-settings.ts";
import type { Report } from "./sink.ts";

/** Each becomes a member of its own, which gzip reads one after the other (RFC 1952, section 2.2). */
const PIECE = 1 << 20;
const MODE = 0o640;
const GZ = ".gz";
const PART = ".part";

interface Aside {
	readonly path: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
	/** Of those of one second. */
	readonly number: number;
}

interface Job {
	readonly source: string;
	readonly part: string;
	readonly from: number;
	readonly to: number;
}

export interface ArchiveParts {
	readonly report: Report;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

function escaped(text: string): string {
	return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function stampOf(ms: number): string {
	return new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
}

function timeOf(stamp: string): number {
	return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, "$1-$2-$3:$4:$5"));
}

export class Archive {
	readonly #folder: string;
	readonly #stem: string;
	readonly #extension: string;
	readonly #pattern: RegExp;
	readonly #rotation: RotationSettings;
	readonly #parts: ArchiveParts;
	readonly #piece = Buffer.allocUnsafeSlow(PIECE);
	/** Still to be compressed, the newest last. */
	#waiting: string[] = [];
	#job: Job | undefined;
	/** Told of already. */
	#hasFailed = false;

	/** `path`: of the file that is written. */
	constructor(path: string, rotation: RotationSettings, parts: ArchiveParts) {
		this.#folder = dirname(path);
		this.#extension = extname(path);
		this.#stem = basename(path, this.#extension);
		this.#pattern = new RegExp(
			`^${escaped(this.#stem)}-(\\d{8}T\\d{6}Z)(?:-(\\d+))?${escaped(this.#extension)}(?:\\.gz)?$`,
		);
		this.#rotation = rotation;
		this.#parts = parts;
	}

	/** A name that nothing has yet. */
	nextPath(): string {
		const start = join(this.#folder, `${this.#stem}-${stampOf(this.#parts.now())}`);
		for (let number = 0; ; number++) {
			const path = `${start}${number === 0 ? "" : `-${number}`}${this.#extension}`;
			if (!existsSync(path) && !existsSync(path + GZ)) return path;
		}
	}

	/** Removes what is too old or too much, and looks what is to be compressed. */
	tend(): void {
		this.#attempt("a query log that was put aside cannot be removed", () => {
			const { keepFiles, keepForMs, compress } = this.#rotation;
			const oldest = keepForMs === 0 ? 0 : this.#parts.now() - keepForMs;
			const kept: Aside[] = [];
			for (const aside of this.#find()) {
				if (aside.at >= oldest && (keepFiles === 0 || kept.length < keepFiles)) kept.push(aside);
				else this.#remove(aside.path);
			}
			const plain = compress ? kept.filter(({ path }) => !path.endsWith(GZ)).map(({ path }) => path) : [];
			this.#waiting = plain.filter((path) => path !== this.#job?.source);
		});
	}

	/** Compresses a piece of what waits for it. */
	step(): void {
		if (this.#job === undefined && this.#waiting.length === 0) return;
		this.#attempt("a query log that was put aside cannot be compressed, and stays as it is", () => {
			this.#job ??= this.#begin(this.#waiting.pop() ?? "");
			const { from, to } = this.#job;
			const length = readSync(from, this.#piece, 0, PIECE, null);
			if (length === 0) {
				this.#end(this.#job);
				return;
			}
			const packed = gzipSync(this.#piece.subarray(0, length));
			for (let at = 0; at < packed.length; ) at += writeSync(to, packed, at);
		});
	}

	/** What is not compressed yet is compressed some other time. */
	close(): void {
		this.#abandon();
		this.#waiting = [];
	}

	/** The newest first. A file that is there both ways was compressed, and then something ended us. */
	#find(): Aside[] {
		if (!existsSync(this.#folder)) return [];
		const names = new Set(readdirSync(this.#folder));
		const found: Aside[] = [];
		for (const name of names) {
			const path = join(this.#folder, name);
			if (name.endsWith(GZ + PART) && this.#pattern.test(name.slice(0, -PART.length))) {
				if (path !== this.#job?.part) rmSync(path, { force: true });
				continue;
			}
			const match = this.#pattern.exec(name);
			if (match === null) continue;
			if (names.has(name + GZ)) rmSync(path, { force: true });
			else found.push({ path, at: timeOf(match[1]), number: Number(match[2] ?? 0) });
		}
		return found.sort((a, b) => b.at - a.at || b.number - a.number);
	}

	#remove(path: string): void {
		if (path === this.#job?.source) this.#abandon();
		rmSync(path, { force: true });
	}

	#begin(source: string): Job {
		const part = `${source}${GZ}${PART}`;
		const from = openSync(source, "r");
		try {
			return { source, part, from, to: openSync(part, "w", MODE) };
		} catch (error) {
			closeSync(from);
			throw error;
		}
	}

	#end({ source, part, from, to }: Job): void {
		// On the disk before the only other copy goes.
		fsyncSync(to);
		closeSync(from);
		closeSync(to);
		this.#job = undefined;
		renameSync(part, source + GZ);
		rmSync(source, { force: true });
		this.#hasFailed = false;
	}

	#abandon(): void {
		const job = this.#job;
		this.#job = undefined;
		if (job === undefined) return;
		closeSync(job.from);
		closeSync(job.to);
		rmSync(job.part, { force: true });
	}

	#attempt(problem: string, work: () => void): void {
		try {
			work();
		} catch (error) {
			const why = (error as Error).message;
			try {
				this.#abandon();
			} catch {
				// Its part is removed with the next look at what is there.
			}
			if (!this.#hasFailed)
				this.#parts.report("warn", `${problem}; check space and permissions of its folder`, {
					folder: this.#folder,
					why,
				});
			this.#hasFailed = true;
		}
	}
}
