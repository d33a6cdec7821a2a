/** `cordon pool export`: contributions as NDJSON, to a file or to standard output. */
import { open, rename, rm } from "node:fs/promises";
import { UsageError } from "../usage-error.ts";
import { counted } from "./layout.ts";
import type { Subcommand } from "./subcommand.ts";

/** Between two pieces of the answer. */
const TIMEOUT_MS = 60_000;
const LF = 10;

function linesIn(chunk: Buffer): number {
	let count = 0;
	for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) count++;
	return count;
}

/** Half an export never takes the place of a whole one. */
async function writeWhole(path: string, chunks: AsyncIterable<Buffer>): Promise<number> {
	const aside = `${path}.${process.pid}.part`;
	// It may hold what is not for everybody on this machine.
	const file = await open(aside, "wx", 0o600).catch((error: Error) => {
		throw new UsageError(`${path} cannot be written: ${error.message}`);
	});
	let lines = 0;
	try {
		try {
			for await (const chunk of chunks) {
				lines += linesIn(chunk);
				await file.writeFile(chunk);
			}
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(aside, path);
	} catch (error) {
		await rm(aside, { force: true });
		throw error;
	}
	return lines;
}

export const exportCommand: Subcommand = {
	arguments: "[--tlp T] [--output FILE]",
	help: `Writes contributions as NDJSON, which cordon pool import reads.

  --tlp T            what may be given on to readers of this marking: clear, green, amber (the default),
                     amber+strict or red
  --output FILE      where to; else standard output`,
	options: { tlp: { type: "string" }, output: { type: "string", short: "o" } },
	words: [0, 0],
	async run({ typed, connect, terminal, note }) {
		const client = await connect();
		const tlp = typed.text("tlp") ?? "amber";
		const path = `/api/v1/contributions/export?tlp=${encodeURIComponent(tlp)}`;
		const response = await client.open(path, { timeoutMs: TIMEOUT_MS });
		async function* arriving(): AsyncGenerator<Buffer> {
			try {
				yield* response as AsyncIterable<Buffer>;
			} catch (error) {
				throw client.brokenOff(error);
			}
		}
		const file = typed.text("output");
		if (file !== undefined) {
			const lines = await writeWhole(file, arriving());
			note(`${counted(lines, "contribution")} written to ${file}, for readers of TLP:${tlp.toUpperCase()}`);
			return 0;
		}
		const decoder = new TextDecoder();
		for await (const chunk of arriving()) terminal.stdout.write(decoder.decode(chunk, { stream: true }));
		return 0;
	},
};
