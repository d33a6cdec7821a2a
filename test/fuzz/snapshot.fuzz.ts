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

function made(rules: number, networks = 0): Buffer {
	const about = { recipe: "r", compiledAt: rules, lists: [{ name: "a", rules, skipped: 0, bad: 0 }] };
	const builder = filled([{ rules: Array.from({ length: rules }, (_, i) => `||n${i}.test^`) }]);
	for (let i = 0; i < networks; i++) {
		const bytes =
			i % 2 === 0 ? Uint8Array.of(192, 0, i, 0) : Uint8Array.of(32, 1, 13, i, ...new Array(12).fill(0));
		const network = { family: i % 2 === 0 ? (4 as const) : (6 as const), bytes, length: 24 + (i % 9) };
		builder.addNetwork({ network, action: "block" }, { list: 1, kind: "block" }, i + 1);
	}
	writeSnapshot(path, builder.finish(), about);
	return readFileSync(path);
}

const ORIGINALS = [made(0), made(1), made(20, 7), made(0, 50), made(300)];

await campaign({
	damaged: (random, note) => {
		const original = ORIGINALS[below(ORIGINALS.length, random)];
		let bytes = mutated(original, ORIGINALS, random);
		// Sizes that lead astray are in the header and in the trailer.
		if (random() < 0.3 && bytes.length > 300) {
			bytes = Buffer.from(bytes);
			const at = random() < 0.5 ? below(22, random) * 4 : bytes.length - 44;
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
