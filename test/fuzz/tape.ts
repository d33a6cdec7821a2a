/**
 * All that a trial chose, in order: played again it is the same trial, changed a little it is a neighbour of it. So a
 * fuzzer whose inputs have structure can be led by coverage, as if its input were bytes.
 */
import { pick, type Random, seededRandom } from "../bench/domains.ts";

/** Longer trials are not worth keeping. */
export const LONGEST_TAPE = 4000;
const FULL = 2 ** 32;

export class Tape {
	/** Choices as fractions of 2^32. */
	readonly choices: readonly number[];

	constructor(choices: readonly number[]) {
		this.choices = choices;
	}

	static parse(hex: string): Tape {
		const bytes = Buffer.from(hex, "hex");
		return new Tape(Array.from({ length: bytes.length >>> 2 }, (_, i) => bytes.readUInt32BE(i * 4)));
	}

	toString(): string {
		const bytes = Buffer.alloc(this.choices.length * 4);
		for (const [i, choice] of this.choices.entries()) bytes.writeUInt32BE(choice, i * 4);
		return bytes.toString("hex");
	}

	/** A neighbour: some choices made otherwise, left out, made twice, or taken from another. */
	changed(others: readonly Tape[], random: Random): Tape {
		let choices = [...this.choices];
		for (let left = 1 + Math.floor(random() * 4); left > 0 && choices.length > 0; left--) {
			const at = Math.floor(random() * choices.length);
			const span = 1 + Math.floor(random() * random() * 32);
			switch (Math.floor(random() * 6)) {
				case 0:
				case 1:
					choices[at] = Math.floor(random() * FULL);
					break;
				case 2:
					choices.splice(at, span);
					break;
				case 3:
					choices.splice(at, 0, ...choices.slice(at, at + span));
					break;
				case 4: {
					const { choices: foreign } = pick(others, random);
					const from = Math.floor(random() * foreign.length);
					choices.splice(at, span, ...foreign.slice(from, from + span));
					break;
				}
				default:
					// What follows is chosen anew.
					choices = choices.slice(0, at);
			}
		}
		return new Tape(choices.slice(0, LONGEST_TAPE));
	}
}

/** Plays a tape, and goes on by chance where it ends; what was chosen is the recording. */
export class Player {
	readonly #tape: Tape;
	readonly #beyond: Random;
	readonly #recording: number[] = [];

	constructor(tape: Tape, seed: number) {
		this.#tape = tape;
		this.#beyond = seededRandom(seed);
	}

	readonly next: Random = () => {
		const at = this.#recording.length;
		const choice = this.#tape.choices[at] ?? Math.floor(this.#beyond() * FULL);
		this.#recording.push(choice);
		return choice / FULL;
	};

	get recording(): Tape {
		return new Tape(this.#recording);
	}
}
