/** What of a worker writes records for the scribe: one ring, and whoever writes to it. */
import type { Counters } from "../observe/counters.ts";
import { Recorder } from "../observe/recorder.ts";
import { RingWriter } from "../observe/ring.ts";
import { Tap, type TapPoint } from "../observe/tap.ts";
import { WallClock } from "../observe/wall-clock.ts";
import type { Recording } from "./messages.ts";

/** How often the clock is looked at, which may have been set. */
const CLOCK_MS = 1000;

export class Records {
	readonly #counters: Counters;
	readonly #tapPoint: TapPoint;
	readonly #clock = new WallClock();
	#memory: SharedArrayBuffer | undefined;
	/** One for the memory, whatever the settings: it alone knows how far it has written. */
	#ring: RingWriter | undefined;
	#timer: NodeJS.Timeout | undefined;

	constructor(counters: Counters, tapPoint: TapPoint) {
		this.#counters = counters;
		this.#tapPoint = tapPoint;
	}

	/** @returns what records finished answers; undefined: nothing does. */
	use(recording: Recording | undefined): Recorder | undefined {
		clearInterval(this.#timer);
		if (recording === undefined) {
			this.#memory = this.#ring = undefined;
			this.#tapPoint.tap = undefined;
			return undefined;
		}
		this.#clock.adjust();
		this.#timer = setInterval(() => this.#clock.adjust(), CLOCK_MS).unref();
		if (this.#ring === undefined || this.#memory !== recording.ring)
			this.#ring = new RingWriter(recording.ring);
		this.#memory = recording.ring;
		const { queries, dnstap } = recording;
		this.#tapPoint.tap =
			dnstap === undefined ? undefined : new Tap(dnstap, this.#ring, this.#counters, this.#clock);
		return queries === undefined ? undefined : new Recorder(queries, this.#ring, this.#counters, this.#clock);
	}
}
