/** Whose a socket is. */
import { readdir, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { kernelText } from "./kernel-text.ts";

export interface RunningProcess {
	readonly pid: number;
	/** At most 15 characters, as the kernel keeps it. */
	readonly name: string;
	/** With its arguments, blanks between them; empty when it has none. */
	readonly command: string;
}

/** What Node calls its main thread from version 23 on, and so the kernel the process. */
const NODE_MAIN_THREAD = "MainThread";
const MOST_NAME = 15;

async function describe(proc: string, pid: number): Promise<RunningProcess> {
	const [name = "?", line = ""] = await Promise.all([
		kernelText(`${proc}/${pid}/comm`),
		kernelText(`${proc}/${pid}/cmdline`),
	]);
	const program = basename(line.split("\0", 1)[0]).slice(0, MOST_NAME);
	return {
		pid,
		name: name === NODE_MAIN_THREAD && program !== "" ? program : name,
		command: line.replaceAll("\0", " ").trim(),
	};
}

async function socketsOf(proc: string, pid: number, wanted: ReadonlySet<string>): Promise<string[]> {
	const folder = `${proc}/${pid}/fd`;
	const names = await readdir(folder).catch(() => []);
	const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
	return links.flatMap((link) => {
		const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
		return inode !== undefined && wanted.has(inode) ? [inode] : [];
	});
}

/** By inode. Without the sockets of processes that this user may not look into. */
export async function holdersOf(
	proc: string,
	inodes: Iterable<string>,
	signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly RunningProcess[]>> {
	const wanted = new Set(inodes);
	const holders = new Map<string, RunningProcess[]>();
	if (wanted.size === 0) return holders;
	for (const name of await readdir(proc).catch(() => [])) {
		if (signal.aborted) break;
		if (!/^\d+$/.test(name)) continue;
		const found = new Set(await socketsOf(proc, Number(name), wanted));
		if (found.size === 0) continue;
		const holder = await describe(proc, Number(name));
		for (const inode of found) holders.set(inode, [...(holders.get(inode) ?? []), holder]);
	}
	return holders;
}
