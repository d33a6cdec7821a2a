/** Archives, good and bad, made by hand. */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Test } from "tap";
import { END, formatHeader, padding } from "../../../src/commands/backup/tar-format.ts";
import { backup } from "../../../src/commands/backup.ts";
import { restore } from "../../../src/commands/restore.ts";
import { folder } from "../../scenario/cordon.ts";
import { Printed } from "../printed.ts";

export async function run(command: "backup" | "restore", ...argv: readonly string[]) {
	const printed = new Printed();
	const code = await (command === "backup" ? backup : restore)(argv, printed);
	return { code, out: printed.out, err: printed.err };
}

export interface Piece {
	readonly path: string;
	readonly content: string;
	/** In place of the header that it should have. */
	readonly header?: (header: Buffer) => void;
}

function sum(header: Buffer): void {
	header.fill(" ", 148, 156);
	const total = header.reduce((all, byte) => all + byte, 0);
	header.write(`${total.toString(8).padStart(6, "0")}\0 `, 148);
}

export function tar(pieces: readonly Piece[]): Buffer {
	const blocks = pieces.flatMap(({ path, content, header: change }) => {
		const bytes = Buffer.from(content);
		const header = formatHeader({ path, bytes: bytes.length }, 0);
		change?.(header);
		if (change !== undefined) sum(header);
		return [header, bytes, padding(bytes.length)];
	});
	return Buffer.concat([...blocks, END]);
}

export const HEADER = { format: 1, cordon: "0.1.0", created: 1_796_000_000_000, host: "node.example" };

/** A backup with these files between its header and a manifest that fits. */
export function pieces(files: readonly Piece[], header: object = HEADER, more: object = {}): Piece[] {
	const first = { path: "cordon-backup.json", content: JSON.stringify(header) };
	const listed = [first, ...files].map(({ path, content }) => ({
		path,
		bytes: Buffer.byteLength(content),
		sha256: createHash("sha256").update(content).digest("hex"),
	}));
	const manifest = { ...header, files: listed, config: [], lists: [], ...more };
	return [first, ...files, { path: "manifest.json", content: JSON.stringify(manifest) }];
}

/** The file that it was written to. */
export function written(t: Test, archive: Buffer): string {
	const path = join(folder(t), "backup.tar.gz");
	writeFileSync(path, archive);
	return path;
}

export function packed(t: Test, all: readonly Piece[]): string {
	return written(t, gzipSync(tar(all)));
}
