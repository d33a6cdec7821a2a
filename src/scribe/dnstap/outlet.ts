/** From the records of all workers to one receiver. */
import type { DnstapSettings } from "../../config/dnstap-settings.ts";
import type { LexiconReader } from "../../observe/lexicon.ts";
import type { RingReader } from "../../observe/ring.ts";
import type { ScribeCounts } from "../../observe/scribe-counts.ts";
import type { Report } from "../sink.ts";
import { Link } from "./link.ts";
import { DnstapEncoder } from "./message.ts";
import { WireRecord } from "./wire-record.ts";

const TEXT = new TextEncoder();

export class DnstapOutlet {
	readonly #record: WireRecord;
	readonly #encoder: DnstapEncoder;
	readonly #link: Link;
	readonly #made: string;

	/** `version`: the program's. */
	constructor(
		settings: DnstapSettings,
		version: string,
		lexicon: LexiconReader,
		counts: ScribeCounts,
		report: Report,
	) {
		this.#made = madeFrom(settings);
		this.#record = new WireRecord(lexicon);
		this.#encoder = new DnstapEncoder(
			TEXT.encode(settings.identity),
			TEXT.encode(settings.version ?? `cordon ${version}`),
		);
		this.#link = new Link(settings.to, settings.bufferBytes, {
			held: (change) => counts.add("dnstapHeld", change),
			sent: (frames) => counts.add("dnstapSent", frames),
			dropped: (reason, frames) =>
				counts.add(reason === "slow" ? "dnstapSlow" : "dnstapDisconnected", frames),
			up: (isUp) => counts.set("dnstapUp", isUp ? 1 : 0),
			say: report,
		});
	}

	/** Whether it need not be made anew for these settings. */
	fits(settings: DnstapSettings): boolean {
		return this.#made === madeFrom(settings);
	}

	/** The record between `at` and `end`. */
	take(reader: RingReader, at: number, end: number): void {
		const record = this.#record;
		if (!record.read(reader, at, end)) return;
		this.#encoder.encode(record);
		this.#link.push(this.#encoder.bytes, this.#encoder.start, this.#encoder.bytes.length);
	}

	/** To be called when no more records are there for now. */
	flush(): void {
		this.#link.flush();
	}

	/** Resolves when what waits has been sent, as far as the receiver takes it. */
	close(): Promise<void> {
		return this.#link.close();
	}
}

/** What workers choose by themselves makes no difference here. */
function madeFrom({ to, identity, version, bufferBytes }: DnstapSettings): string {
	return JSON.stringify([to, identity, version, bufferBytes]);
}
