/** What of a node goes into a backup beside its pool: configuration and lists. */
import { open } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { LoadedConfig } from "../../config/load.ts";
import { namedFiles } from "../named-files.ts";
import type { NewFile } from "./archive-writer.ts";
import { type ConfigFile, isBackupPath } from "./manifest.ts";

const READ_BYTES = 1 << 20;

/** A plain file as it is when it is opened; undefined when it is not there. Whoever replaces it meanwhile is not seen. */
export async function fileOnDisk(path: string, from: string): Promise<NewFile | undefined> {
	const file = await open(from, "r").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return undefined;
		throw new Error(
			`${from} cannot be read (${error.code}): make the backup as root, or as the user of the server`,
		);
	});
	if (file === undefined) return undefined;
	const about = await file.stat();
	if (!about.isFile()) {
		await file.close();
		throw new Error(`${from} is no plain file, and cannot be backed up`);
	}
	async function* chunks(): AsyncGenerator<Buffer> {
		try {
			for (let left = about.size; left > 0; ) {
				const { bytesRead, buffer } = await (file as NonNullable<typeof file>).read({
					buffer: Buffer.alloc(Math.min(left, READ_BYTES)),
				});
				if (bytesRead === 0) return;
				left -= bytesRead;
				yield buffer.subarray(0, bytesRead);
			}
		} finally {
			await file?.close();
		}
	}
	return { path, bytes: about.size, chunks: chunks() };
}

/** Where the files of a configuration lie in a backup: as beside it, when they are, so that it finds them again. */
export function configFiles({ path, config }: LoadedConfig): readonly ConfigFile[] {
	const folder = dirname(path);
	const own = `config/${basename(path)}`;
	const main: ConfigFile = {
		path: isBackupPath(own) ? own : "config/cordon.yaml",
		original: path,
		secret: false,
	};
	const taken = new Map([[main.path, path]]);
	const others = new Map(namedFiles(config).map((file) => [file.path, file]));
	const placed = [...others.values()].map(({ path: original, secret }, i): ConfigFile => {
		const beside = `config/${relative(folder, original)}`;
		const isBeside = isBackupPath(beside) && !beside.startsWith("config/elsewhere/") && !taken.has(beside);
		const safe = basename(original)
			.replace(/[^A-Za-z0-9._-]/g, "_")
			.slice(-60);
		const place = isBeside ? beside : `config/elsewhere/${i + 1}-${safe}`;
		taken.set(place, original);
		return { path: place, original, secret };
	});
	return [main, ...placed];
}

/** Files of the data folder: those of the lists that are configured, and what was made of them. */
export function dataFiles(
	{ config }: LoadedConfig,
	secrets: boolean,
): readonly (readonly [path: string, from: string])[] {
	const names = config.lists.flatMap(({ name }) => [`${name}.json`, `${name}.list`, `${name}.held`]);
	return [
		...names.map((name) => `lists/${name}`),
		"protected.names",
		...(secrets ? ["operator.token"] : []),
	].map((name) => [`data/${name}`, join(config.dataDir, name)] as const);
}
