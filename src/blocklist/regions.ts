/**
 * The shared memory that compiled blocklists live in. A region given back is used for the next index; in between
 * its pages go back to the system. Waiting for garbage collection instead would keep the old index for hours, since
 * the threads that answer produce next to no garbage.
 */

/** Room for the next index to be somewhat larger than this one. */
const HEADROOM = 1.125;

/** Gives the pages of a region back to the system, where that can be done. */
export type ReleasePages = (region: SharedArrayBuffer) => Promise<void>;

export class Regions {
	#spare: SharedArrayBuffer | undefined;
	readonly #releasePages: ReleasePages;

	constructor(releasePages: ReleasePages) {
		this.#releasePages = releasePages;
	}

	/** A region of at least `bytes`; what is in it means nothing. */
	acquire(bytes: number): SharedArrayBuffer {
		const spare = this.#spare;
		this.#spare = undefined;
		if (spare !== undefined && spare.byteLength >= bytes) return spare;
		return new SharedArrayBuffer(Math.ceil((bytes * HEADROOM) / 4096) * 4096);
	}

	/** To be called when no thread reads from it any more. */
	async giveBack(region: SharedArrayBuffer): Promise<void> {
		await this.#releasePages(region);
		this.#spare = region;
	}
}
