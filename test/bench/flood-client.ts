/**
 * A process of its own that asks as fast as a server answers, in batches of system calls as Cordon itself makes them: it
 * costs a core less than half of what dnsperf does, so that it is the server that is at its limit. It keeps the same number
 * of questions waiting at each of its sockets, and prints one line of JSON, a FloodReport.
 *
 *     node flood-client.js PORT FILE SECONDS
 */
import { readFileSync } from "node:fs";
import { sockaddr } from "../../src/sockets/address.ts";
import { Inbox, Outbox } from "../../src/sockets/batch.ts";
import { openConnectedUdp } from "../../src/sockets/open.ts";
import { query } from "./packet.ts";

/** What came of a flood. */
export interface FloodReport {
	readonly sent: number;
	readonly completed: number;
	readonly seconds: number;
	/** How often each rcode came, by its number. */
	readonly rcodes: readonly number[];
}

const SOCKETS = 16;
/** Questions that wait at each socket: a batch of the kernel's calls. */
const WINDOW = 64;
const SLOT_BYTES = 1024;
/** Of the query file: enough that a cache cannot do with its last few. */
const MOST_QUERIES = 200_000;
/** After so long what was not answered is lost, and is asked no more. */
const LOST_MS = 500;
/** How often the clock is read, in rounds over all sockets. */
const CLOCK_ROUNDS = 64;

/** All queries one after the other, and where each begins. */
class Queries {
	readonly bytes: Uint8Array;
	readonly starts: Uint32Array;
	#next = 0;

	constructor(file: string) {
		const lines = readFileSync(file, "latin1").split("\n", MOST_QUERIES);
		const packets = lines.filter((line) => line !== "").map((line) => query(0, line.split(" ")[0]));
		this.bytes = new Uint8Array(Buffer.concat(packets));
		this.starts = new Uint32Array(packets.length + 1);
		for (const [i, packet] of packets.entries()) this.starts[i + 1] = this.starts[i] + packet.length;
	}

	/** Puts the next one into `target` from `at` on, and returns its length. */
	write(target: Uint8Array, at: number, id: number): number {
		const { bytes, starts } = this;
		const start = starts[this.#next];
		const end = starts[this.#next + 1];
		this.#next = this.#next + 2 === starts.length ? 0 : this.#next + 1;
		for (let from = start, to = at; from < end; ) target[to++] = bytes[from++];
		target[at] = id >> 8;
		target[at + 1] = id & 0xff;
		return end - start;
	}
}

/** One socket and the questions that wait at it. */
class Asker {
	readonly #fd: number;
	readonly #outbox = new Outbox(WINDOW, SLOT_BYTES);
	readonly #waiting = new Uint8Array(65_536);
	#id = 0;
	#open = 0;
	#heardAt = 0;
	sent = 0;

	constructor(port: number) {
		const fd = openConnectedUdp(sockaddr({ address: "127.0.0.1", port, family: 4 }), 4, 0);
		if (fd === undefined) throw new Error(`no socket for port ${port}`);
		this.#fd = fd;
	}

	/** Takes the answers that are there; each makes room for a new question. @returns how many there were. */
	hear(inbox: Inbox, rcodes: Float64Array): number {
		const count = inbox.receive(this.#fd);
		let answers = 0;
		for (let slot = 0; slot < count; slot++) {
			const at = slot * SLOT_BYTES;
			const id = (inbox.bytes[at] << 8) | inbox.bytes[at + 1];
			// Late, after it was taken for lost.
			if (this.#waiting[id] === 0) continue;
			this.#waiting[id] = 0;
			rcodes[inbox.bytes[at + 3] & 15]++;
			answers++;
		}
		if (count > 0) inbox.recycle(count);
		this.#open -= answers;
		return answers;
	}

	/** Asks until the window is full again. */
	ask(queries: Queries): void {
		const outbox = this.#outbox;
		const count = WINDOW - this.#open;
		if (count === 0) return;
		for (let i = 0; i < count; i++) {
			const id = this.#id;
			this.#id = (id + 1) & 0xffff;
			this.#waiting[id] = 1;
			outbox.push(queries.write(outbox.bytes, outbox.used * SLOT_BYTES, id), 0, 0);
		}
		outbox.flush(this.#fd);
		this.#open += count;
		this.sent += count;
	}

	/** Gives up what was asked too long ago. */
	giveUp(now: number, heard: boolean): void {
		if (heard || this.#heardAt === 0) this.#heardAt = now;
		if (now - this.#heardAt < LOST_MS) return;
		this.#waiting.fill(0);
		this.#open = 0;
		this.#heardAt = now;
	}

	get isIdle(): boolean {
		return this.#open === 0;
	}
}

function flood(port: number, file: string, seconds: number): FloodReport {
	const queries = new Queries(file);
	const askers = Array.from({ length: SOCKETS }, () => new Asker(port));
	const inbox = new Inbox(WINDOW, SLOT_BYTES, false);
	const rcodes = new Float64Array(16);
	const heard = new Float64Array(SOCKETS);
	const began = performance.now();
	const until = began + seconds * 1000;
	let [now, completed] = [began, 0];
	const round = (isAsking: boolean): void => {
		for (const [i, asker] of askers.entries()) {
			const answers = asker.hear(inbox, rcodes);
			heard[i] += answers;
			completed += answers;
			if (isAsking) asker.ask(queries);
		}
	};
	while (now < until) {
		for (let i = 0; i < CLOCK_ROUNDS; i++) round(true);
		now = performance.now();
		for (const [i, asker] of askers.entries()) asker.giveUp(now, heard[i] > 0);
		heard.fill(0);
	}
	const took = (now - began) / 1000;
	const inTime = completed;
	// What is still on its way is neither completed in time nor lost.
	const drained = performance.now() + LOST_MS;
	while (performance.now() < drained && !askers.every((asker) => asker.isIdle)) round(false);
	const sent = askers.reduce((sum, asker) => sum + asker.sent, 0);
	return { sent: sent - (completed - inTime), completed: inTime, seconds: took, rcodes: Array.from(rcodes) };
}

const [port, file, seconds] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(flood(Number(port), file, Number(seconds)))}\n`);
