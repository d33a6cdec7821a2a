/** Unguessable numbers, drawn from the system's generator a page at a time. */
import { randomFillSync } from "node:crypto";

const POOL = 2048;

export class RandomNumbers {
	readonly #pool = new Uint16Array(POOL);
	#next = POOL;

	/** 0 to 65535. */
	word(): number {
		if (this.#next === POOL) {
			randomFillSync(this.#pool);
			this.#next = 0;
		}
		return this.#pool[this.#next++];
	}

	/** 0 to `below` - 1, where `below` is at most 65536. Drawn again rather than folded, so that none is likelier. */
	below(below: number): number {
		const fair = 65_536 - (65_536 % below);
		for (;;) {
			const word = this.word();
			if (word < fair) return word % below;
		}
	}

	/** A port that is nobody's by custom. */
	port(): number {
		return 1024 + this.below(65_536 - 1024);
	}
}
