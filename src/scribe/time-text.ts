/** Moments as RFC 3339 has them, in UTC, with milliseconds. */
import type { Line } from "./line.ts";

const TEXT = new TextEncoder();

export class TimeText {
	/** Most moments are of the same second as the one before. */
	#second = -1;
	#text: Uint8Array = new Uint8Array(0);

	/** `ms` since the epoch. */
	put(line: Line, ms: number): void {
		const second = Math.floor(ms / 1000);
		if (second !== this.#second) {
			this.#second = second;
			this.#text = TEXT.encode(new Date(second * 1000).toISOString().replace(/\d{3}Z$/, ""));
		}
		line.put(this.#text);
		line.whole(Math.floor(ms) - second * 1000, 3);
		line.ascii("Z");
	}
}
