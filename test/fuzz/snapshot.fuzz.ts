/** Snapshots that were damaged on disk: either refused with a SnapshotError, or just what was written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSnapshot, SnapshotError, writeSnapshot } from "../../src/blocklist/snapshot.ts";
import { filled } from "../blocklist/compiled.ts";
import { Broken, below, expect, mutated, randomBytes } from "./campaign.ts";
import { campaign } from "./led.ts";

const folder = mkdtempSync(join(tmpdir(), "cordon-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "blocklist.snapshot");

function made(rules: number): Buffer {
	const about = { recipe: "r", compiledAt: rules, lists: [{ name: "a", rules, skipped: 0, bad: 0 }] };
	const parts = filled([{ rules: Array.from({ length: rules }, (_, i) => `||n${i}.test^`) }]).finish();
	writeSnapshot(path, parts, about);
	return readFileSync(path);
}

const ORIGINALS = [0, 1, 20, 300].map(made);

await campaign({
	damaged: (random, note) => {
		const original = ORIGINALS[below(ORIGINALS.length, random)];
		let bytes = mutated(original, ORIGINALS, random);
		// Sizes that lead astray are in the header and in the trailer.
		if (random() < 0.3 && bytes.length > 300) {
			bytes = Buffer.from(bytes);
			const at = random() < 0.5 ? below(15, random) * 4 : bytes.length - 44;
			bytes.writeUInt32LE(random() < 0.5 ? below(2 ** 32, random) : below(bytes.length + 10, random), at);
		}
		if (random() < 0.02) bytes = randomBytes(below(1000, random), random);
		note(() => bytes.toString("hex"));
		writeFileSync(path, bytes);
		let room = 0;
		try {
			const snapshot = readSnapshot(path, (size) => {
				room = size;
				return new SharedArrayBuffer(size);
			});
			expect(
				ORIGINALS.some((one) => one.equals(bytes)),
				"a damaged snapshot is taken",
			);
			expect(snapshot !== undefined, "there is a file");
			return "whole";
		} catch (error) {
			if (error instanceof Broken || !(error instanceof SnapshotError)) throw error;
			expect(room <= bytes.length, `asks for ${room} bytes for a file of ${bytes.length}`);
			return error.message;
		}
	},
});
