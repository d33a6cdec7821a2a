/** What every fuzzer needs: real packets, ways to damage them, and a way to tell what broke. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pick, type Random } from "../bench/domains.ts";

/** Where the corpus lies: with the sources, wherever the fuzzer was compiled to. */
export function corpusFolder(): string {
	let folder = import.meta.dirname;
	while (!existsSync(join(folder, "test", "fuzz", "corpus", "README.md"))) {
		if (dirname(folder) === folder) throw new Error("no test/fuzz/corpus above the fuzzer");
		folder = dirname(folder);
	}
	return join(folder, "test", "fuzz", "corpus");
}

/** Real packets. */
export function corpus(name: "queries" | "responses"): Buffer[] {
	const lines = readFileSync(join(corpusFolder(), `${name}.txt`), "utf8").split("\n");
	return lines.filter((line) => line !== "").map((line) => Buffer.from(line, "hex"));
}

/** Bytes that mean something in a message: lengths, pointers, types, counts, bits of the header. */
const TELLING = [0, 1, 2, 3, 5, 6, 11, 12, 16, 28, 39, 41, 63, 64, 65, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xff];

export function below(limit: number, random: Random): number {
	return Math.floor(random() * limit);
}

export function randomBytes(length: number, random: Random): Buffer {
	return Buffer.from(Array.from({ length }, () => below(256, random)));
}

function once(message: Buffer, others: readonly Buffer[], random: Random): Buffer {
	const at = below(message.length + 1, random);
	const to = Math.min(message.length, at + 1 + below(24, random));
	switch (below(9, random)) {
		case 0:
			return message.subarray(0, at);
		case 1:
			return Buffer.concat([message, randomBytes(below(40, random), random)]);
		case 2:
			return Buffer.concat([message.subarray(0, at), message.subarray(to)]);
		case 3:
			return Buffer.concat([message.subarray(0, to), message.subarray(at)]);
		case 4: {
			const other = pick(others, random);
			const from = Math.min(other.length, at);
			return Buffer.concat([message.subarray(0, at), other.subarray(from)]);
		}
		default: {
			const changed = Buffer.from(message);
			if (changed.length === 0) return changed;
			// The header and what follows it is where most of the decisions are.
			const place =
				random() < 0.3 ? below(Math.min(12, changed.length), random) : below(changed.length, random);
			const kind = below(4, random);
			if (kind === 0) changed[place] ^= 1 << below(8, random);
			else if (kind === 1) changed[place] = pick(TELLING, random);
			else if (kind === 2) changed[place] = below(256, random);
			else if (place + 1 < changed.length)
				changed.writeUInt16BE(
					random() < 0.5 ? 0xc000 | below(Math.min(0x4000, changed.length), random) : below(80, random),
					place,
				);
			return changed;
		}
	}
}

/** Damaged a few times over; now and then not at all. */
export function mutated(message: Buffer, others: readonly Buffer[], random: Random): Buffer {
	let changed = message;
	for (let left = below(5, random); left > 0; left--) changed = once(changed, others, random);
	return changed.subarray(0, 65_535);
}

/** Whether a terminal would obey some of the text, or turn its direction, rather than show it. */
export function steersTerminal(text: string): boolean {
	return /[\p{Cc}\u202e]/u.test(text);
}

export class Broken extends Error {}

export function expect(holds: boolean, what: string): void {
	if (!holds) throw new Broken(what);
}

/** One input, made from a number, and what it showed: a word to count by. */
export type Trial = (random: Random, note: (input: () => string) => void) => string | Promise<string>;
