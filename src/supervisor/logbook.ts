/** What is written down of queries: the scribe's thread while there is anything to write, and what workers record for it. */
import { randomBytes } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import { secretIn } from "../config/edns-files.ts";
import type { LogSettings, QueryLogSettings } from "../config/log-settings.ts";
import { everyServer, type UpstreamSettings } from "../config/upstream-settings.ts";
import { POOL_LISTS } from "../config/vocabulary.ts";
import { MAX_UPSTREAMS } from "../observe/counters.ts";
import { Lexicon } from "../observe/lexicon.ts";
import type { Log } from "../observe/log.ts";
import { NO_NAME } from "../observe/record.ts";
import { createRing } from "../observe/ring.ts";
import { ScribeCounts } from "../observe/scribe-counts.ts";
import type { Assignment, FromScribe, ScribeStart, ToScribe } from "../scribe/messages.ts";
import { SIPHASH_KEY_BYTES } from "../wire/siphash.ts";
import type { Recording } from "../worker/messages.ts";

/** For each worker: some 30,000 questions, which is a tenth of a second of the most that one answers. */
const RING_BYTES = 4 << 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** A thread that lived so long did not end because of how it was started. */
const STEADY_MS = 60_000;
/** What is still to be written when the log is switched off may take so long. */
const FAREWELL_MS = 5000;
/** Its objects; what waits to be written lies outside. */
const HEAP = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 64 };
/** The name that the log has for all lists of the shared pool; the category tells them apart. */
const POOL = "pool";

export class Logbook {
	readonly counts = new ScribeCounts();
	readonly #log: Log;
	readonly #lexicon = new Lexicon();
	readonly #ownSecret: Uint8Array = Uint8Array.from(randomBytes(SIPHASH_KEY_BYTES));
	/** By worker. */
	readonly #rings = new Map<number, SharedArrayBuffer>();
	/** By upstream slot. */
	readonly #upstreamNames = new Array<number>(MAX_UPSTREAMS).fill(NO_NAME);
	/** Undefined: nothing is written down. */
	#assignment: Assignment | undefined;
	#thread: Worker | undefined;
	#startedAt = 0;
	#pauseMs = FIRST_PAUSE_MS;

	constructor(log: Log) {
		this.#log = log;
	}

	/** From now on. Also when nothing has changed: files are opened anew then. */
	use(settings: LogSettings): void {
		if (settings.queries === undefined && settings.dnstap === undefined) {
			void this.close(FAREWELL_MS);
			return;
		}
		this.#assignment = { settings, secret: this.#secretOf(settings.queries) };
		if (this.#thread === undefined) this.#start();
		else this.#tell({ kind: "use", assignment: this.#assignment });
	}

	/** What has been recorded is written down, and nothing after it. Resolves when that is done, or after so long. */
	async close(graceMs: number): Promise<void> {
		const thread = this.#thread;
		this.#tell({ kind: "finish" });
		this.#assignment = undefined;
		this.#thread = undefined;
		this.#rings.clear();
		if (thread === undefined) return;
		const ended = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
		const timer = setTimeout(() => void thread.terminate(), graceMs);
		await ended;
		clearTimeout(timer);
		this.counts.retire();
	}

	/** What a worker is to record, whose upstreams are counted in these slots. */
	recording(worker: number, upstreams: UpstreamSettings, slots: readonly number[]): Recording | undefined {
		if (this.#assignment === undefined) return undefined;
		const { queries, dnstap } = this.#assignment.settings;
		for (const [i, { name }] of everyServer(upstreams).entries())
			this.#upstreamNames[slots[i]] = this.#lexicon.numberOf(name);
		return {
			ring: this.#ringOf(worker),
			queries: queries && {
				upstreamNames: [...this.#upstreamNames],
				vias: queries.vias,
				sample: queries.sample,
				withRecords: queries.fields.includes("answers"),
			},
			dnstap: dnstap && { messages: dnstap.messages, vias: dnstap.vias, sample: dnstap.sample },
		};
	}

	/** The settings with the numbers of their lists, for records of what they block. */
	named(blocking: BlockingSettings): BlockingSettings {
		if (this.#assignment === undefined) return blocking;
		const listNumbers = blocking.listNames.map((name, i) =>
			this.#lexicon.numberOf(i > 0 && i <= POOL_LISTS ? POOL : name),
		);
		return { ...blocking, listNumbers };
	}

	#ringOf(worker: number): SharedArrayBuffer {
		const known = this.#rings.get(worker);
		if (known !== undefined) return known;
		const ring = createRing(RING_BYTES);
		this.#rings.set(worker, ring);
		this.#tell({ kind: "ring", ring });
		return ring;
	}

	/** A file that has gone since it was checked changes nothing. */
	#secretOf(queries: QueryLogSettings | undefined): Uint8Array {
		const secretFile = queries?.secretFile;
		if (secretFile === undefined) return this.#ownSecret;
		try {
			return secretIn(secretFile);
		} catch (error) {
			this.#log.error("log.queries.secretFile cannot be read; clients are hashed as before", {
				why: (error as Error).message,
			});
			return this.#assignment?.secret ?? this.#ownSecret;
		}
	}

	#tell(message: ToScribe): void {
		this.#thread?.postMessage(message);
	}

	#start(): void {
		if (this.#assignment === undefined || this.#thread !== undefined) return;
		const start: ScribeStart = {
			assignment: this.#assignment,
			rings: [...this.#rings.values()],
			lexicon: this.#lexicon.memory,
			counts: this.counts.memory,
		};
		const thread = new Worker(new URL("../scribe/thread.js", import.meta.url), {
			workerData: start,
			resourceLimits: HEAP,
		});
		let fault: Error | undefined;
		thread.on("message", ({ level, message, fields }: FromScribe) => this.#log[level](message, fields));
		thread.on("error", (error) => {
			fault = error as Error;
		});
		thread.on("exit", (code) => this.#gone(thread, code, fault));
		this.#thread = thread;
		this.#startedAt = performance.now();
	}

	/** What waits in the rings is for its successor. */
	#gone(thread: Worker, code: number, error: Error | undefined): void {
		if (this.#thread !== thread) return;
		this.#thread = undefined;
		this.counts.retire();
		if (performance.now() - this.#startedAt > STEADY_MS) this.#pauseMs = FIRST_PAUSE_MS;
		this.#log.error(
			"the thread that writes the query log and dnstap crashed and is started again; answers go on",
			{
				code,
				pauseMs: this.#pauseMs,
				...(error === undefined ? {} : { error }),
			},
		);
		setTimeout(() => this.#start(), this.#pauseMs);
		this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
	}
}
