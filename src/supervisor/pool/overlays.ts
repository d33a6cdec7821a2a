/** What the pool has said since the blocklist in use was compiled, on its way to the threads that answer. */
import { packWhat, RANK } from "../../blocklist/layout.ts";
import { NO_RULING, type Overlay } from "../../blocklist/overlay.ts";
import { OverlayWriter } from "../../blocklist/overlay-writer.ts";
import { poolList } from "../../config/vocabulary.ts";
import type { Ruling, Verdict, VerdictSink } from "../../pool/verdict.ts";

const FIRST_CAPACITY = 4096;
const GROWTH = 4;

/** As entries of the compiled blocklist say it. */
function rulingWord(ruling: Ruling | undefined): number {
	if (ruling === undefined) return NO_RULING;
	const rank = ruling.action === "block" ? RANK.ORDINARY : RANK.LOG_ONLY;
	return packWhat(poolList(ruling.category, ruling.basis), "subtree", ruling.action, rank, false);
}

function words({ exact, subtree }: Verdict): { readonly own: number; readonly below: number } {
	return { own: rulingWord(exact ?? subtree), below: rulingWord(subtree) };
}

export class Overlays implements VerdictSink {
	readonly #seed: () => number;
	/** Hands a larger overlay to the threads that answer. */
	readonly #lay: (memory: SharedArrayBuffer) => void;
	#current: OverlayWriter | undefined;
	/** For the blocklist that comes next. */
	#next: OverlayWriter | undefined;

	constructor(seed: () => number, lay: (memory: SharedArrayBuffer) => void) {
		this.#seed = seed;
		this.#lay = lay;
	}

	/** Of the blocklist in use. */
	get memory(): SharedArrayBuffer | undefined {
		return this.#current?.memory;
	}

	/** Names in the overlay of the blocklist in use. */
	get size(): number {
		return this.#current?.used ?? 0;
	}

	/** What is said from now on is also said to this one, which the next blocklist comes with. */
	begin(): VerdictSink {
		this.#next = this.#create(FIRST_CAPACITY);
		return { set: (domain, verdict) => this.#setNext(domain, verdict) };
	}

	/** The overlay that was begun and is not in use yet. */
	get next(): Overlay | undefined {
		return this.#next;
	}

	/** The blocklist that it was begun for is in use now. */
	adopt(): void {
		this.#current = this.#next ?? this.#current;
		this.#next = undefined;
	}

	set(domain: string, verdict: Verdict): void {
		if (this.#current !== undefined) {
			const { own, below } = words(verdict);
			const writer = this.#roomy(this.#current, domain);
			if (writer !== this.#current) {
				this.#current = writer;
				this.#lay(writer.memory);
			}
			writer.set(domain, own, below);
		}
		this.#setNext(domain, verdict);
	}

	#setNext(domain: string, verdict: Verdict): void {
		if (this.#next === undefined) return;
		const { own, below } = words(verdict);
		this.#next = this.#roomy(this.#next, domain);
		this.#next.set(domain, own, below);
	}

	#roomy(writer: OverlayWriter, domain: string): OverlayWriter {
		if (!writer.isFull || writer.knows(domain)) return writer;
		const larger = this.#create(writer.capacity * GROWTH, writer.revision);
		larger.takeOver(writer);
		return larger;
	}

	#create(capacity: number, revision = 0): OverlayWriter {
		const before = Math.max(revision, this.#current?.revision ?? 0, this.#next?.revision ?? 0);
		return OverlayWriter.create(capacity, this.#seed(), before);
	}
}
