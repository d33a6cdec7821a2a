/**
 * The thread that writes down what clients ask: reads the records that resolver workers leave in their rings, and makes
 * lines of them, or messages of dnstap. Workers never wait for it and send it nothing; it looks by itself what is new.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { DnstapSettings } from "../config/dnstap-settings.ts";
import { LexiconReader } from "../observe/lexicon.ts";
import { KIND } from "../observe/record.ts";
import { RingReader } from "../observe/ring.ts";
import { ScribeCounts } from "../observe/scribe-counts.ts";
import { readVersion } from "../version.ts";
import { DnstapOutlet } from "./dnstap/outlet.ts";
import type { Assignment, FromScribe, ScribeStart, ToScribe } from "./messages.ts";
import { QueryLog } from "./query-log.ts";

/** How long to rest while records come, and while none do. A ring has room for what comes meanwhile. */
const BUSY_MS = 10;
const IDLE_MS = 100;
/** Read of one ring before the others get their turn. */
const MOST_BYTES = 1 << 20;
/** At the end whole rings are read, and what comes meanwhile, but not for ever. */
const LAST_TURNS = 64;

const port = parentPort;
if (port === null) throw new Error("scribe.ts runs as a thread of the supervisor");

const start = workerData as ScribeStart;
const rings = start.rings.map((ring) => new RingReader(ring));
const lexicon = new LexiconReader(start.lexicon);
const counts = new ScribeCounts(start.counts);
let queries: QueryLog | undefined;
let dnstap: DnstapOutlet | undefined;

use(start.assignment);
turn();

port.on("message", (message: ToScribe) => {
	switch (message.kind) {
		case "use":
			use(message.assignment);
			break;
		case "ring":
			rings.push(new RingReader(message.ring));
			break;
		case "finish":
			void finish();
			break;
	}
});

function use({ settings, secret }: Assignment): void {
	useDnstap(settings.dnstap);
	const before = queries;
	if (settings.queries === undefined) {
		void before?.close();
		queries = undefined;
		return;
	}
	const parts = { lexicon, counts, report, now: Date.now };
	queries = new QueryLog(settings.queries, secret, parts, before);
}

/** The connection stays over a reload that changes nothing of it. */
function useDnstap(settings: DnstapSettings | undefined): void {
	if (settings !== undefined && dnstap?.fits(settings) === true) return;
	void dnstap?.close();
	dnstap =
		settings === undefined ? undefined : new DnstapOutlet(settings, readVersion(), lexicon, counts, report);
}

function report(level: FromScribe["level"], message: string, fields: FromScribe["fields"]): void {
	port?.postMessage({ kind: "log", level, message, fields } satisfies FromScribe);
}

/** @returns how many records there were. */
function readAll(): number {
	let count = 0;
	for (const ring of rings) {
		count += ring.read((kind, at, end) => {
			if (kind === KIND.answer) queries?.take(ring, at, end);
			else if (kind === KIND.wire) dnstap?.take(ring, at, end);
		}, MOST_BYTES);
	}
	return count;
}

function turn(): void {
	const count = readAll();
	queries?.flush();
	dnstap?.flush();
	// What came while these were written may be more than fits into a rest.
	if (rings.some((ring) => ring.waiting > MOST_BYTES)) setImmediate(turn);
	else setTimeout(turn, count > 0 ? BUSY_MS : IDLE_MS);
}

async function finish(): Promise<void> {
	for (let turns = 0; turns < LAST_TURNS && readAll() > 0; turns++) queries?.flush();
	await Promise.all([queries?.close(), dnstap?.close()]);
	process.exit(0);
}
