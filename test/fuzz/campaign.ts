/** What every fuzzer needs: real packets, ways to damage them, a time limit, and a way to tell what broke. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pick, type Random, seededRandom } from "../bench/domains.ts";

/** The corpus lies with the sources, wherever the fuzzer was compiled to. */
export function corpus(name: "queries" | "responses"): Buffer[] {
	let folder = import.meta.dirname;
	const place = ["test", "fuzz", "corpus", `${name}.txt`];
	while (!existsSync(join(folder, ...place))) {
		if (dirname(folder) === folder) throw new Error(`no ${place.join("/")} above the fuzzer`);
		folder = dirname(folder);
	}
	const lines = readFileSync(join(folder, ...place), "utf8").split("\n");
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

/**
 * Runs trials for as many seconds as the command line says, or one with the seed it names:
 * `node x.fuzz.js SECONDS [SEED]`. Ends the process with 1 when a trial breaks.
 */
export async function campaign(trials: Readonly<Record<string, Trial>>): Promise<void> {
	const seconds = Number(process.argv[2] ?? 10);
	const only = process.argv[3] === undefined ? undefined : Number(process.argv[3]);
	const program = basename(process.argv[1] ?? "");
	const names = Object.keys(trials);
	const first = only ?? Math.floor(Math.random() * 2 ** 31) * 2 ** 10;
	const until = performance.now() + seconds * 1000;
	const counts = new Map<string, number>();
	let done = 0;
	for (; only === undefined ? performance.now() < until : done < 1; done++) {
		const seed = first + done;
		const name = names[seed % names.length];
		let input = () => "nothing was noted";
		try {
			const random = seededRandom(Math.imul(seed % 2 ** 32, 0x9e37_79b1) ^ Math.floor(seed / 2 ** 32));
			const showed = await trials[name](random, (show) => {
				input = show;
			});
			const key = `${name}: ${showed}`;
			counts.set(key, (counts.get(key) ?? 0) + 1);
		} catch (error) {
			const told = error instanceof Broken ? error.message : (error as Error).stack;
			process.stdout.write(`${program}: ${name} broke with seed ${seed}: ${told}\ninput: ${input()}\n`);
			process.stdout.write(`again: node ${process.argv[1]} 1 ${seed}\n`);
			process.exit(1);
		}
	}
	const shares = [...counts].sort((a, b) => b[1] - a[1]).map(([key, count]) => `${key} ${count}`);
	process.stdout.write(`${program}: ${done} trials from seed ${first}; ${shares.join(", ")}\n`);
	process.exit(0);
}
