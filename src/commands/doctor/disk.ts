/** Room for lists, snapshot and pool. */
import { stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

const MIB = 1024 ** 2;
const LEAST_MIB = 64;
const LEAST_INODES = 500;
/** Of `statfs`. */
const TMPFS = 0x01021994;
const NETWORKED: ReadonlyMap<number, string> = new Map([
	[0x6969, "NFS"],
	[0xff534d42, "SMB"],
	[0xfe534d42, "SMB"],
	[0x65735546, "FUSE"],
]);

/** The folder itself, or the first above it that is there. */
async function present(path: string): Promise<string> {
	for (let folder = path; ; folder = dirname(folder)) {
		if (
			await stat(folder).then(
				() => true,
				() => false,
			)
		)
			return folder;
		if (folder === dirname(folder)) return folder;
	}
}

async function sizeOf(path: string): Promise<number> {
	return await stat(path).then(
		({ size, blocks }) => (blocks > 0 ? blocks * 512 : size),
		() => 0,
	);
}

function freeSpace(free: number, needed: number, where: string): Said {
	const mib = (bytes: number) => `${Math.floor(bytes / MIB)} MiB`;
	const mend = `df -h ${where} shows it; make room there, or name another dataDir`;
	if (free < needed / 2) {
		return fault(`${where} has ${mib(free)} free: lists, snapshot and pool cannot be written`, mend);
	}
	if (free < needed) {
		return warning(`${where} has ${mib(free)} free, and a reload may need ${mib(needed)}`, mend);
	}
	return ok(`${where} has ${mib(free)} free`);
}

export const DISK: Check = {
	name: "disk",
	async look({ loaded: { config } }) {
		const { dataDir } = config;
		const where = await present(dataDir);
		const { bavail, bsize, ffree, files, type } = await statfs(where);
		const names = config.lists.map(({ name }) => join(dataDir, "lists", `${name}.list`));
		const own = await Promise.all(
			[...names, join(dataDir, "blocklist.snapshot"), join(dataDir, "pool", "data.mdb")].map(sizeOf),
		);
		// Each is written aside before it takes the place of the old one.
		const needed = Math.max(LEAST_MIB * MIB, own.reduce((sum, bytes) => sum + bytes, 0) * 1.25);
		const said = [freeSpace(bavail * bsize, needed, where)];
		// File systems that make inodes as they need them tell 0.
		if (files > 0 && ffree < LEAST_INODES) {
			const mend = `df -i ${where} shows it; remove small files there, or name another dataDir`;
			said.push((ffree < 20 ? fault : warning)(`${where} has room for ${ffree} more files (inodes)`, mend));
		}
		if (type === TMPFS) {
			const mend = "name a dataDir on a disk, or mount a volume there";
			const text = `${where} is in memory (tmpfs): lists and pool are gone at the next start of the machine`;
			said.push(config.pool.store === "embedded" ? warning(text, mend) : note(text, mend));
		}
		const network = NETWORKED.get(type);
		if (network !== undefined) {
			said.push(
				warning(
					`${where} is on ${network}: locks and the pool's file are not safe there`,
					"name a dataDir on a disk of this machine",
				),
			);
		}
		return said;
	},
};
