/** How many batches are taken in at once: each holds memory until its last line has been judged. */
import { Refusal } from "./refusal.ts";

const AT_ONCE = 6;
const AT_ONCE_EACH = 2;

export class Turnstile {
	readonly #inside = new Map<string, number>();
	#total = 0;

	/** @returns what to call on leaving. Throws a Refusal when it is full. */
	enter(member: string): () => void {
		const own = this.#inside.get(member) ?? 0;
		if (own >= AT_ONCE_EACH || this.#total >= AT_ONCE) {
			throw new Refusal(
				429,
				own >= AT_ONCE_EACH
					? `${member} is sending ${own} batches already; wait for one of them to end`
					: `${this.#total} batches are being taken in already; try again in a moment`,
				{ "retry-after": "5" },
			);
		}
		this.#inside.set(member, own + 1);
		this.#total++;
		return () => {
			const left = (this.#inside.get(member) ?? 1) - 1;
			if (left > 0) this.#inside.set(member, left);
			else this.#inside.delete(member);
			this.#total--;
		};
	}
}
