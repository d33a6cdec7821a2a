/**
 * A file of lines that is put aside when it is large or old enough. Written synchronously: whoever waits for the disk is
 * this thread alone. While the file cannot be written, lines wait in memory of a fixed size, and it is opened anew every
 * second.
 */
import {
	closeSync,
	constants,
	existsSync,
	fstatSync,
	ftruncateSync,
	openSync,
	readSync,
	renameSync,
	writeSync,
} from "node:fs";
import type { RotationSettings } from "../config/log-settings.ts";
import type { ScribeCounts } from "../observe/scribe-counts.ts";
import { Archive } from "./archive.ts";
import { Backlog } from "./backlog.ts";
import type { Report, Sink } from "./sink.ts";

const MOST_HELD = 4 << 20;
/** Written at once. */
const PIECE = 256 * 1024;
const RETRY_MS = 1000;
/** A file that cannot be put aside goes on growing, and is tried again after so long. */
const ROTATE_AGAIN_MS = 60_000;
/** Its owner writes, its group reads. */
const MODE = 0o640;
/** Opened, nothing must make this thread wait: a named pipe would, until somebody reads it. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const NEWLINE = Uint8Array.of(0x0a);

export interface LogFileParts {
	readonly counts: ScribeCounts;
	readonly report: Report;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

export class LogFile implements Sink {
	readonly #path: string;
	readonly #rotation: RotationSettings;
	readonly #parts: LogFileParts;
	readonly #archive: Archive;
	readonly #backlog = new Backlog(MOST_HELD);
	/** Files are no larger than they may be, so what is written at once has to fit. */
	readonly #piece: number;
	/** -1: not open. */
	#fd = -1;
	#size = 0;
	/** When its first line was written, as far as is known. */
	#begunAt = 0;
	/** Undefined while it can be written. */
	#failedAt: number | undefined;
	/** Lines that there was no room for since then. */
	#lost = 0;
	#stuckAt = Number.NEGATIVE_INFINITY;

	constructor(path: string, rotation: RotationSettings, parts: LogFileParts) {
		this.#path = path;
		this.#rotation = rotation;
		this.#parts = parts;
		this.#piece = rotation.maxBytes === 0 ? PIECE : Math.min(PIECE, rotation.maxBytes);
		this.#archive = new Archive(path, rotation, parts);
		this.#write();
		this.#archive.tend();
	}

	take(line: Uint8Array, length: number): void {
		const { counts } = this.#parts;
		if (this.#backlog.length + length > this.#piece && !this.#isPausing) this.#write();
		if (this.#backlog.add(line, length)) {
			counts.add("queriesHeld", 1);
		} else {
			counts.add("queriesDisk", 1);
			this.#lost++;
		}
	}

	flush(): void {
		if (!this.#isPausing) this.#write();
		this.#archive.step();
	}

	async close(): Promise<void> {
		this.#write();
		this.#parts.counts.add("queriesDisk", this.#backlog.lines);
		this.#parts.counts.add("queriesHeld", -this.#backlog.lines);
		this.#close();
		this.#archive.close();
	}

	/** Another program may have moved the file away: what was taken before goes to where it was. */
	reopen(): void {
		this.#write();
		this.#close();
		this.#write();
		this.#archive.tend();
	}

	get #isPausing(): boolean {
		// The clock may have been set back.
		return this.#failedAt !== undefined && Math.abs(this.#parts.now() - this.#failedAt) < RETRY_MS;
	}

	/** Opens the file if it is not, puts it aside if it is time, and writes what waits. */
	#write(): void {
		const { report, now } = this.#parts;
		try {
			if (this.#fd < 0) this.#open();
			if (this.#size > 0 && this.#isOld) this.#rotate();
			while (this.#backlog.length > 0) this.#append(this.#backlog.waitingLines(this.#piece));
		} catch (error) {
			this.#close();
			if (this.#failedAt === undefined)
				report(
					"error",
					"the query log cannot be written; lines wait in memory as long as there is room, and it is tried again every second; check that its folder is there, that this user may write to it, and that the disk has room",
					{ file: this.#path, why: (error as Error).message },
				);
			this.#failedAt = now();
			return;
		}
		if (this.#failedAt === undefined) return;
		this.#failedAt = undefined;
		report("info", "the query log can be written again", { file: this.#path, lost: this.#lost });
		this.#lost = 0;
	}

	get #isOld(): boolean {
		const { everyMs } = this.#rotation;
		if (everyMs === 0) return false;
		return Math.floor(this.#begunAt / everyMs) !== Math.floor(this.#parts.now() / everyMs);
	}

	/** `lines`: of the backlog. */
	#append(lines: Uint8Array): void {
		const { maxBytes } = this.#rotation;
		if (maxBytes > 0 && this.#size > 0 && this.#size + lines.length > maxBytes) this.#rotate();
		if (this.#size === 0) this.#begunAt = this.#parts.now();
		let written = 0;
		try {
			while (written < lines.length) {
				const count = writeSync(this.#fd, lines, written);
				if (count === 0) throw new Error("nothing more is taken");
				written += count;
			}
		} catch (error) {
			written -= this.#takeBack(this.#backlog.begun(written));
			throw error;
		} finally {
			this.#size += written;
			const whole = this.#backlog.written(written);
			this.#parts.counts.add("queriesLogged", whole);
			this.#parts.counts.add("queriesHeld", -whole);
		}
	}

	/** A disk that fills up takes a part of a line, behind which nothing else must stand. @returns bytes taken back. */
	#takeBack(bytes: number): number {
		if (bytes === 0) return 0;
		try {
			ftruncateSync(this.#fd, fstatSync(this.#fd).size - bytes);
			return bytes;
		} catch {
			return 0;
		}
	}

	#open(): void {
		const fd = openSync(this.#path, FLAGS, MODE);
		const about = fstatSync(fd);
		if (!about.isFile() && !about.isCharacterDevice()) {
			closeSync(fd);
			throw new Error(`${this.#path} is not a plain file; for standard output write console`);
		}
		this.#fd = fd;
		this.#size = about.size;
		this.#begunAt = about.mtimeMs;
		// Whoever wrote it last may have been killed in the middle of a line.
		const last = new Uint8Array(1);
		if (about.size > 0 && readSync(fd, last, 0, 1, about.size - 1) === 1 && last[0] !== NEWLINE[0])
			this.#size += writeSync(fd, NEWLINE);
	}

	#close(): void {
		if (this.#fd >= 0) closeSync(this.#fd);
		this.#fd = -1;
	}

	/** What is written goes aside, and a new file begins. Where that is not possible, the file goes on. */
	#rotate(): void {
		const { report, now } = this.#parts;
		if (Math.abs(now() - this.#stuckAt) < ROTATE_AGAIN_MS) return;
		try {
			if (existsSync(this.#path)) renameSync(this.#path, this.#archive.nextPath());
		} catch (error) {
			this.#stuckAt = now();
			report(
				"warn",
				"the query log cannot be put aside and goes on growing; check the permissions of its folder",
				{
					file: this.#path,
					why: (error as Error).message,
				},
			);
			return;
		}
		this.#close();
		this.#open();
		this.#archive.tend();
	}
}
