/** The thread of one resolver worker: does what the supervisor says, and answers queries in between. */
import { parentPort, workerData } from "node:worker_threads";
import type { Settings } from "../config/settings.ts";
import { Doors } from "./doors.ts";
import type { DoorSockets, FromWorker, ToWorker, WorkerStart } from "./messages.ts";
import { Resolver } from "./resolver.ts";

/** Whom rate limits have met is told once in a while, not packet by packet. */
const LIMITED_MS = 60_000;
/** What is in flight at an address that is closed may take so long. */
const CLOSING_MS = 5000;

const port = parentPort;
if (port === null) throw new Error("worker.ts runs as a thread of the supervisor");
const say = (message: FromWorker) => port.postMessage(message);

const start = workerData as WorkerStart;
const resolver = await Resolver.create(start, (message, fields) =>
	say({ kind: "log", level: "warn", message, fields }),
);
prioritise(start.settings);
const doors = new Doors(resolver, start.settings.listen, {
	memory: start.limits.connections,
	worker: start.number,
	workers: start.workers,
	seed: start.seed,
});

// A thread that dies calls no more JavaScript; koffi, called back all the same, would take the whole process along.
process.on("uncaughtExceptionMonitor", () => resolver.engine.close());

setInterval(() => {
	for (const [limit, networks] of resolver.takeLimited())
		for (const { network, times } of networks)
			say({
				kind: "log",
				level: "warn",
				message: "a network asks more than it may; if that is meant, add it to exempt of that limit",
				fields: { limit, network, times },
			});
}, LIMITED_MS).unref();

port.on("message", (message: ToWorker) => {
	switch (message.kind) {
		case "serve":
			void serve(message.doors);
			break;
		case "index":
			resolver.swap(message.blocklist, message.blocking);
			say({ kind: "done", ticket: message.ticket });
			break;
		case "overlay":
			resolver.lay(message.memory);
			break;
		case "settings":
			resolver.use(message.settings, message.upstreamSlots, message.workers).catch((error: Error) =>
				say({
					kind: "log",
					level: "error",
					message:
						"a part of the new configuration cannot be loaded, and its settings stay as they were; restart Cordon",
					fields: { why: error.message },
				}),
			);
			resolver.record(message.recording);
			doors.use(message.settings.listen, message.workers);
			prioritise(message.settings);
			break;
		case "doors":
			void changeDoors(message);
			break;
		case "flush":
			say({ kind: "done", ticket: message.ticket, forgotten: resolver.flush(message.flush) });
			break;
		case "ping":
			say({ kind: "done", ticket: message.ticket });
			break;
		case "drain":
			void drain(message.graceMs, message.left);
			break;
	}
});

say({ kind: "loaded" });

async function serve(sockets: readonly DoorSockets[]): Promise<void> {
	try {
		for (const one of sockets) await doors.open(one);
		say({ kind: "serving", ports: doors.ports });
	} catch (error) {
		say({ kind: "cannot-listen", message: cannotListen(error as NodeJS.ErrnoException) });
		await drain(0, []);
	}
}

function prioritise({ workerPriority }: Settings): void {
	if (resolver.engine.take(workerPriority)) return;
	say({
		kind: "log",
		level: "warn",
		message: `workerPriority: ${workerPriority} is not possible, the worker has the ordinary priority; start as root, with CAP_SYS_NICE or with LimitRTPRIO=1, on Linux with listen.udpEngine: batch, or remove the setting`,
	});
}

/** For the operator. */
function cannotListen({ message, code }: NodeJS.ErrnoException): string {
	const advice =
		code === "EADDRINUSE"
			? "another program has this port; stop it, or choose another one in listen.dns"
			: "correct listen.dns";
	return `cannot listen: ${message}; ${advice}`;
}

async function changeDoors(message: Extract<ToWorker, { kind: "doors" }>): Promise<void> {
	try {
		for (const sockets of message.open) await doors.open(sockets);
		for (const key of message.close) doors.close(key);
		await doors.settle(CLOSING_MS);
		say({ kind: "done", ticket: message.ticket, ports: doors.ports });
	} catch (error) {
		say({ kind: "done", ticket: message.ticket, problem: cannotListen(error as NodeJS.ErrnoException) });
	}
}

/** Takes no more questions, waits for the answers to those it has, and ends the thread. */
async function drain(graceMs: number, left: readonly string[]): Promise<void> {
	doors.closeAll(left);
	await doors.settle(graceMs);
	// One turn of the loop, so that what was just written to streams is handed to the system.
	await new Promise((resolve) => setImmediate(resolve));
	resolver.close();
	process.exit(0);
}
