/** The configuration of a backup, laid out in a folder of its own. */
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { unpackArchive } from "./unpack.ts";

export interface LaidOutConfig {
	/** The configuration file. */
	readonly path: string;
	/** Files that were not beside it: where they are now, and where the configuration looks for them. */
	readonly elsewhere: readonly { readonly now: string; readonly original: string }[];
}

function entries(folder: string): readonly string[] {
	try {
		return readdirSync(folder);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
		throw error;
	}
}

/** The folder has to be new, or empty; it is there as a whole or not at all. Rejects with an Error for the operator. */
export async function layOutConfig(archive: string, to: string, mostBytes: number): Promise<LaidOutConfig> {
	const folder = resolve(to);
	if (entries(folder).length > 0) {
		throw new Error(`${folder} is not empty: name another folder in --config-to, and compare by hand`);
	}
	mkdirSync(dirname(folder), { recursive: true });
	const aside = `${folder}.part`;
	rmSync(aside, { recursive: true, force: true });
	try {
		const place = (path: string) => (path.startsWith("config/") ? path.slice("config/".length) : undefined);
		mkdirSync(aside, { mode: 0o750 });
		const { config } = await unpackArchive(archive, aside, place, mostBytes);
		const [main, ...others] = config;
		if (main === undefined) throw new Error("the backup has no configuration");
		if (entries(folder).length === 0) rmSync(folder, { recursive: true, force: true });
		renameSync(aside, folder);
		const at = (path: string) => join(folder, path.slice("config/".length));
		const elsewhere = others
			.filter(({ path }) => path.startsWith("config/elsewhere/"))
			.map(({ path, original }) => ({ now: at(path), original }));
		return { path: at(main.path), elsewhere };
	} finally {
		rmSync(aside, { recursive: true, force: true });
	}
}
