/**
 * A process of its own that asks at a steady rate and takes the time of every answer. It spins instead of sleeping,
 * because timers are a millisecond coarse, and asks on however slow the answers are.
 */
import { createSocket } from "node:dgram";
import { Latencies } from "./latency.ts";
import { NOERROR, NXDOMAIN, query } from "./packet.ts";

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
	/** Microseconds in which this process itself did nothing: an answer cannot be timed better than that. */
	readonly longestPause: number;
}

const IDS = 65_536;
const DRAIN_MS = 1000;
/** Every fifth query asks for a blocked name. */
const BLOCKED_EVERY = 5;

const socket = createSocket("udp4");
const sentAt = new Float64Array(IDS);
const expected = new Uint8Array(IDS);
let good: Buffer[] = [];
let blocked: Buffer[] = [];
let rate = 0;
let turn = 0;

let running = false;
let draining = 0;
let [began, lastLoop] = [0, 0];
let [sent, answered, wrong, longestPause] = [0, 0, 0, 0];
let latencies = new Latencies();

function begin(): void {
	began = lastLoop = performance.now();
	[sent, answered, wrong, longestPause] = [0, 0, 0, 0];
	latencies = new Latencies();
	sentAt.fill(0);
	running = true;
	setImmediate(spin);
}

function sendOne(): void {
	const id = turn & (IDS - 1);
	const isBlocked = turn % BLOCKED_EVERY === 0;
	const from = isBlocked ? blocked : good;
	// A stride instead of one after the other: neighbours in the list are no neighbours in time.
	const packet = from[(turn * 7919) % from.length];
	turn++;
	packet.writeUInt16BE(id, 0);
	expected[id] = isBlocked ? NXDOMAIN : NOERROR;
	sentAt[id] = performance.now();
	socket.send(packet);
	sent++;
}

function spin(): void {
	const now = performance.now();
	longestPause = Math.max(longestPause, now - lastLoop);
	lastLoop = now;
	if (running) {
		const due = ((now - began) * rate) / 1000;
		while (sent < due) sendOne();
	} else if (answered >= sent || now > draining) {
		report();
		return;
	}
	setImmediate(spin);
}

function report(): void {
	const phase: PhaseReport = {
		sent,
		lost: sent - answered,
		wrong,
		latencies: latencies.pairs(),
		longestPause: longestPause * 1000,
	};
	process.send?.(phase);
}

socket.on("message", (packet) => {
	const now = performance.now();
	if (packet.length < 12) return;
	const id = packet.readUInt16BE(0);
	// Zero: answered already, or of an earlier phase.
	if (sentAt[id] === 0) return;
	latencies.add((now - sentAt[id]) * 1000);
	sentAt[id] = 0;
	answered++;
	if ((packet[3] & 15) !== expected[id]) wrong++;
});
socket.on("error", () => undefined);

process.on("message", (request: ClientRequest) => {
	if (request.kind === "prepare") {
		good = request.good.map((name) => query(0, name));
		blocked = request.blocked.map((name) => query(0, name));
		rate = request.rate;
		socket.connect(request.port, "127.0.0.1", () => process.send?.("prepared"));
	} else if (request.kind === "begin") {
		begin();
	} else {
		running = false;
		draining = performance.now() + DRAIN_MS;
	}
});
process.on("disconnect", () => process.exit(0));
