/**
 * A process of its own that asks at a steady rate and takes the time of every answer, from just before the question to the
 * moment when the kernel has its answer for us. It asks on however slow the answers are, and sleeps in between, so that
 * others may share its core; it comes before them where that is allowed.
 */
import { takePrecedence } from "../../src/sockets/scheduling.ts";
import { Latencies } from "./latency.ts";
import { NOERROR, NXDOMAIN, query } from "./packet.ts";
import { StampedSocket } from "./stamped-socket.ts";

export type ClientRequest =
	| {
			readonly kind: "prepare";
			readonly port: number;
			readonly rate: number;
			readonly blocked: readonly string[];
			readonly good: readonly string[];
	  }
	| { readonly kind: "begin" }
	| { readonly kind: "end" };

export interface PhaseReport {
	readonly sent: number;
	readonly lost: number;
	/** Answers with another rcode than the name must have. */
	readonly wrong: number;
	readonly latencies: [number, number][];
	/** By how many microseconds a question went out too late at most: meanwhile this process had to wait. */
	readonly longestDelay: number;
}

const IDS = 65_536;
const DRAIN_US = 1_000_000;
/** Every fifth query asks for a blocked name. */
const BLOCKED_EVERY = 5;
/** Rounds between two looks at what the benchmark wants. */
const ROUNDS = 32;
/** Above this, what was due meanwhile is not asked any more. */
const FORGIVEN_US = 2000;
/** Without anything due. */
const LONGEST_WAIT_US = 10_000;

let socket: StampedSocket | undefined;
const sentAt = new Float64Array(IDS);
const expected = new Uint8Array(IDS);
let good: Buffer[] = [];
let blocked: Buffer[] = [];
let rate = 0;
let turn = 0;

let running = false;
let draining = 0;
let began = 0;
let [sent, answered, wrong, longestDelay] = [0, 0, 0, 0];
let latencies = new Latencies();

function begin(socket: StampedSocket): void {
	began = socket.now();
	[sent, answered, wrong, longestDelay] = [0, 0, 0, 0];
	latencies = new Latencies();
	sentAt.fill(0);
	running = true;
	setImmediate(turns, socket);
}

/** When the next question is to go out. */
function dueAt(): number {
	return began + (sent * 1e6) / rate;
}

function askWhatIsDue(socket: StampedSocket): void {
	const now = socket.now();
	if (dueAt() > now) return;
	const late = now - dueAt();
	longestDelay = Math.max(longestDelay, late);
	// We sleep by ourselves, so that being late is our own fault: asking all that was missed at once would be another load.
	if (late > FORGIVEN_US) began += late;
	for (; dueAt() <= now; sent++) {
		const id = turn & (IDS - 1);
		const isBlocked = turn % BLOCKED_EVERY === 0;
		const from = isBlocked ? blocked : good;
		// A stride instead of one after the other: neighbours in the list are no neighbours in time.
		const packet = from[(turn * 7919) % from.length];
		turn++;
		expected[id] = isBlocked ? NXDOMAIN : NOERROR;
		sentAt[id] = now;
		socket.put(packet, id);
	}
	socket.send();
}

function take(id: number, rcode: number, at: number): void {
	// Zero: answered already, or of an earlier phase.
	if (sentAt[id] === 0) return;
	latencies.add(at - sentAt[id]);
	sentAt[id] = 0;
	answered++;
	if (rcode !== expected[id]) wrong++;
}

function turns(socket: StampedSocket): void {
	for (let i = 0; i < ROUNDS; i++) {
		socket.receive(take);
		if (running) askWhatIsDue(socket);
		else if (answered >= sent || socket.now() > draining) {
			process.send?.(report());
			return;
		}
		const wait = running ? dueAt() - socket.now() : LONGEST_WAIT_US;
		if (wait > 0) socket.wait(Math.min(wait, LONGEST_WAIT_US));
	}
	setImmediate(turns, socket);
}

function report(): PhaseReport {
	return { sent, lost: sent - answered, wrong, latencies: latencies.pairs(), longestDelay };
}

process.on("message", (request: ClientRequest) => {
	if (request.kind === "prepare") {
		good = request.good.map((name) => query(0, name));
		blocked = request.blocked.map((name) => query(0, name));
		rate = request.rate;
		socket = new StampedSocket(request.port);
		process.send?.({ hasPrecedence: takePrecedence() });
	} else if (socket !== undefined && request.kind === "begin") {
		begin(socket);
	} else if (socket !== undefined) {
		running = false;
		draining = socket.now() + DRAIN_US;
	}
});
process.on("disconnect", () => process.exit(0));
