/**
 * What a restore is about to move, written down before the first move: whoever finds it knows that a restore did not come
 * to its end, and how to bring it there.
 */
import {
	closeSync,
	fsyncSync,
	openSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { giveTo } from "./ownership.ts";

const NAME = "restore-under-way.json";
/** Where it is written before it is whole. */
export const UNWRITTEN = `${NAME}.new`;
export const LAID_OUT = /^\.restore-[0-9a-f]{12}$/;
export const ASIDE = /^before-restore-[0-9TZ-]+$/;

export interface Move {
	/** A file or folder of the data folder. */
	readonly part: string;
	/** There was one, which is set aside. */
	readonly goes: boolean;
	/** There is one in what is laid out. */
	readonly comes: boolean;
}

export interface Exchange {
	/** Both are names in the data folder. */
	readonly laidOut: string;
	readonly aside: string;
	readonly moves: readonly Move[];
}

function journalOf(dataDir: string): string {
	return join(dataDir, NAME);
}

/** So that a power cut leaves what was renamed in it. Some systems cannot, and some file systems need not. */
export function syncFolder(path: string): void {
	try {
		const fd = openSync(path, "r");
		try {
			fsyncSync(fd);
		} finally {
			closeSync(fd);
		}
	} catch {
		// The moves themselves say what is wrong with a folder.
	}
}

/** It is there whole or not at all. Throws as the file system does. */
export function writeJournal(dataDir: string, exchange: Exchange): void {
	const unwritten = join(dataDir, UNWRITTEN);
	writeFileSync(unwritten, `${JSON.stringify(exchange)}\n`, { mode: 0o600, flush: true });
	giveTo(unwritten, statSync(dataDir));
	renameSync(unwritten, journalOf(dataDir));
	syncFolder(dataDir);
}

export function removeJournal(dataDir: string): void {
	syncFolder(dataDir);
	rmSync(journalOf(dataDir), { force: true });
}

function isExchange(value: unknown): value is Exchange {
	const { laidOut, aside, moves } = { ...(value as Partial<Exchange>) };
	if (typeof laidOut !== "string" || !LAID_OUT.test(laidOut)) return false;
	if (typeof aside !== "string" || !ASIDE.test(aside) || !Array.isArray(moves)) return false;
	return moves.every(
		({ part, goes, comes }: Partial<Move>) =>
			typeof part === "string" &&
			/^[a-z]+(?:\.[a-z]+)?$/.test(part) &&
			typeof goes === "boolean" &&
			typeof comes === "boolean",
	);
}

/**
 * The restore that did not come to its end in this folder; undefined when there is none. Changes nothing.
 *
 * Throws when it cannot be read, with a message for the operator.
 */
export function interruptedRestore(dataDir: string): Exchange | undefined {
	const path = journalOf(dataDir);
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (/^(?:ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "")) return undefined;
		throw error;
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		value = undefined;
	}
	if (isExchange(value)) return value;
	throw new Error(
		`${path} is not as cordon restore writes it, and a restore was interrupted: see that pool and lists in ${dataDir} are those you want, then remove that file`,
	);
}
