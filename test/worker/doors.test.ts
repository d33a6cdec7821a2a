/** A listen address that is closed: nobody who is connected to it is cut off. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Test, test } from "tap";
import type { Counters } from "../../src/observe/counters.ts";
import { createSharedLimits } from "../../src/resolve/shared-limits.ts";
import { ListeningSockets } from "../../src/supervisor/listening.ts";
import { Doors } from "../../src/worker/doors.ts";
import { settingsOf, startResolver } from "../resolve/resolving.ts";
import { framed } from "../scenario/client.ts";
import { decode } from "../wire/decoded.ts";
import { query } from "../wire/message.ts";

const ANY = { address: "127.0.0.1", port: 0, family: 4 } as const;
const linuxOnly = process.platform === "linux" ? {} : { skip: "descriptors are shared on Linux only" };

interface Client {
	readonly socket: Socket;
	readonly reply: Promise<string>;
}

function ask(socket: Socket): void {
	socket.write(framed(query("blocked.example")));
}

/** Connected for the system, while the one who listens has not looked yet; its question follows, unless it is `silent`. */
function client(port: number, silent = false): Client {
	const socket = connect({ host: "127.0.0.1", port, noDelay: true });
	if (!silent) ask(socket);
	const reply = new Promise<string>((resolve) => {
		socket.on("data", (piece) => resolve(`rcode ${decode(piece.subarray(2)).rcode}`));
		socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
		socket.on("close", () => resolve("closed"));
	});
	return { socket, reply };
}

interface Opened {
	readonly doors: Doors;
	readonly sockets: ListeningSockets;
	readonly counters: Counters;
	readonly port: number;
	readonly key: string;
}

async function open(t: Test): Promise<Opened> {
	const options = { engine: "batch", config: { blocking: { answer: "nxdomain" } } } as const;
	const resolver = await startResolver(t, {
		...options,
		lists: [{ rules: [{ name: "blocked.example", scope: "subtree", action: "block" }] }],
	});
	const sockets = new ListeningSockets();
	const key = sockets.open(ANY);
	const limits = { memory: createSharedLimits(1).connections, worker: 0, workers: 1, seed: 1 };
	const doors = new Doors(resolver.resolver, settingsOf(options).listen, limits);
	const [own] = sockets.forWorker(0);
	if (own === undefined) throw new Error("no sockets for a worker");
	await doors.open(own);
	return { doors, sockets, counters: resolver.counters, port: own.endpoint.port, key };
}

test("who waits to be accepted is answered before the address closes", linuxOnly, async (t) => {
	const { doors, sockets, port, key } = await open(t);
	sockets.closeStreams(() => true);
	const clients = Array.from({ length: 5 }, () => client(port));
	// They connect behind this turn of the loop, and nothing is polled before the next.
	await new Promise<void>((resolve) => process.nextTick(resolve));
	doors.close(key);
	for (const { reply } of clients) t.equal(await reply, "rcode 3");
	for (const { socket } of clients) socket.destroy();
	await doors.settle(5000);
	t.equal(await client(port).reply, "ECONNREFUSED");
});

test("those that are left to others are theirs", linuxOnly, async (t) => {
	const { doors, sockets, counters, port, key } = await open(t);
	const [others] = sockets.forWorker(0);
	const { socket, reply } = client(port);
	await new Promise<void>((resolve) => process.nextTick(resolve));
	doors.close(key, true);
	t.equal(counters.readNumber("tcpAccepted"), 0);
	if (others !== undefined) await doors.open(others);
	t.equal(await reply, "rcode 3");
	t.equal(counters.readNumber("tcpAccepted"), 1);
	socket.destroy();
	doors.close(key);
	await doors.settle(5000);
});

test(
	"who has just connected has its first question answered, who has asked before is let go of",
	linuxOnly,
	async (t) => {
		const { doors, sockets, port, key } = await open(t);
		sockets.closeStreams(() => true);
		const fresh = client(port, true);
		const idle = client(port);
		// Its answer means that both were accepted.
		t.equal(await idle.reply, "rcode 3");
		const ended = once(idle.socket, "end");
		doors.close(key);
		await ended;
		ask(fresh.socket);
		t.equal(await fresh.reply, "rcode 3");
		await once(fresh.socket, "end");
		await doors.settle(5000);
	},
);
