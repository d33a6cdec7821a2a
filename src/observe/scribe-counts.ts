/** What the scribe counts, in memory that it shares with the main thread: it alone writes while it lives. */

export const SCRIBE_NUMBERS = [
	/** Lines of the query log that are written. */
	"queriesLogged",
	/** Lines that wait to be written. */
	"queriesHeld",
	/** Lines that there was no room for, because whoever reads them is slow. */
	"queriesSlow",
	/** The same because the file could not be written. */
	"queriesDisk",
	/** Lines that were lost along with the thread. */
	"queriesCrash",
	/** Messages of dnstap that the receiver's socket has taken. */
	"dnstapSent",
	/** Messages that wait to be sent. */
	"dnstapHeld",
	/** Messages that there was no room for, because the receiver is slow. */
	"dnstapSlow",
	/** The same because it is not there, and those that were lost along with a connection. */
	"dnstapDisconnected",
	/** Messages that were lost along with the thread. */
	"dnstapCrash",
	/** 1 while a receiver is connected and takes messages. */
	"dnstapUp",
] as const;
export type ScribeNumber = (typeof SCRIBE_NUMBERS)[number];

const AT = Object.fromEntries(SCRIBE_NUMBERS.map((name, i) => [name, i])) as Readonly<
	Record<ScribeNumber, number>
>;

export class ScribeCounts {
	readonly memory: SharedArrayBuffer;
	readonly #slots: Float64Array;

	constructor(memory = new SharedArrayBuffer(SCRIBE_NUMBERS.length * Float64Array.BYTES_PER_ELEMENT)) {
		this.memory = memory;
		this.#slots = new Float64Array(memory);
	}

	add(number: ScribeNumber, amount: number): void {
		this.#slots[AT[number]] += amount;
	}

	set(number: ScribeNumber, value: number): void {
		this.#slots[AT[number]] = value;
	}

	read(number: ScribeNumber): number {
		return this.#slots[AT[number]];
	}

	all(): Readonly<Record<ScribeNumber, number>> {
		return Object.fromEntries(SCRIBE_NUMBERS.map((name) => [name, this.read(name)])) as Record<
			ScribeNumber,
			number
		>;
	}

	/** For the main thread, once the scribe is gone: what it held is gone with it. */
	retire(): void {
		this.add("queriesCrash", this.read("queriesHeld"));
		this.set("queriesHeld", 0);
		this.add("dnstapCrash", this.read("dnstapHeld"));
		this.set("dnstapHeld", 0);
		this.set("dnstapUp", 0);
	}
}
