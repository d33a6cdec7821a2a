/** The thread of one resolver worker: does what the supervisor says, and answers queries in between. */
import { parentPort, workerData } from "node:worker_threads";
import { Doors } from "./doors.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";
import { Resolver } from "./resolver.ts";

/** How often a draining worker looks whether the last question has been answered. */
const DRAIN_STEP_MS = 10;

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a thread of the supervisor");
const say = (message: FromWorker) => port.postMessage(message);

const start = workerData as WorkerStart;
const resolver = await Resolver.create(start);
const doors = new Doors(resolver, start.settings.listen, {
	memory: start.limits,
	worker: start.number,
	seed: start.seed,
});

port.on("message", (message: ToWorker) => {
	switch (message.kind) {
		case "index":
			resolver.swap(message.memory);
			say({ kind: "done", ticket: message.ticket });
			break;
		case "settings":
			resolver.use(message.settings, message.upstreamSlots, message.workers);
			doors.use(message.settings.listen);
			break;
		case "doors":
			void changeDoors(message);
			break;
		case "drain":
			void drain(message.graceMs);
			break;
	}
});

try {
	for (const sockets of start.doors) await doors.open(sockets);
	say({ kind: "serving", ports: doors.ports });
} catch (error) {
	const { message, code = "" } = error as NodeJS.ErrnoException;
	say({ kind: "cannot-listen", message, code });
	await drain(0);
}

async function changeDoors(message: Extract<ToWorker, { kind: "doors" }>): Promise<void> {
	try {
		for (const sockets of message.open) await doors.open(sockets);
		for (const key of message.close) doors.close(key);
		say({ kind: "done", ticket: message.ticket });
	} catch (error) {
		say({ kind: "done", ticket: message.ticket, problem: (error as Error).message });
	}
}

/** Takes no more questions, waits for the answers to those it has, and ends the thread. */
async function drain(graceMs: number): Promise<void> {
	const until = performance.now() + graceMs;
	doors.closeAll();
	while (resolver.inFlight > 0 && performance.now() < until) {
		await new Promise((resolve) => setTimeout(resolve, DRAIN_STEP_MS));
	}
	// One turn of the loop, so that what was just written to streams is handed to the system.
	await new Promise((resolve) => setImmediate(resolve));
	resolver.close();
	process.exit(0);
}
