/**
 * How much work may be done for one thing that is validated. Whoever owns a zone decides how many keys, signatures and
 * hashes it takes to validate its records; honest zones take few (CVE-2023-50387, CVE-2023-50868).
 */

/** What ran out. */
export type Scarce = "signatures" | "failures" | "digests" | "hashes" | "zones" | "time";

export class OverBudget extends Error {
	readonly what: Scarce;

	constructor(what: Scarce) {
		super(`over budget: ${what}`);
		this.what = what;
	}

	/** Whether it is the search that took too long, not the records of one zone. */
	get isOfSearch(): boolean {
		return this.what === "zones" || this.what === "time";
	}
}

/** Signatures that are verified, whatever comes of it: an alias, its target and a denial take some eight. */
const MOST_SIGNATURES = 24;
/** Of these, those that turn out to be wrong: with honest zones only keys that happen to have the same tag. */
const MOST_FAILURES = 4;
/** Keys compared with DS records. */
const MOST_DIGESTS = 16;
/** SHA-1 computed for NSEC3 records: 16 names of a zone with 50 iterations. */
const MOST_HASHES = 16 * 51;
/** Work of hashing in one piece, in rounds of SHA-1: some 0.2 milliseconds. */
const HASHES_AT_ONCE = 204;

export class Budget {
	#signatures = 0;
	#failures = 0;
	#digests = 0;
	#hashes = 0;
	#sinceBreath = 0;

	/** To be called before a signature is verified. */
	signature(): void {
		if (++this.#signatures > MOST_SIGNATURES) throw new OverBudget("signatures");
	}

	/** To be called after one was found wrong. */
	failure(): void {
		if (++this.#failures > MOST_FAILURES) throw new OverBudget("failures");
	}

	digest(): void {
		if (++this.#digests > MOST_DIGESTS) throw new OverBudget("digests");
	}

	/** To be called before so many rounds of hashing: resolves when others had their turn, if it is theirs. */
	async hashes(rounds: number): Promise<void> {
		this.#hashes += rounds;
		if (this.#hashes > MOST_HASHES) throw new OverBudget("hashes");
		this.#sinceBreath += rounds;
		if (this.#sinceBreath <= HASHES_AT_ONCE) return;
		this.#sinceBreath = rounds;
		await new Promise((resolve) => setImmediate(resolve));
	}
}
