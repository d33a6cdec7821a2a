/** What a running Cordon does when a successor comes: it gives everything away, or takes everything back. */
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../../observe/log.ts";
import type { EngineName } from "../../worker/messages.ts";
import type { HandedSocket, Kept } from "../handed.ts";
import { type Channel, closeAll } from "./channel.ts";
import { type FromPredecessor, type FromSuccessor, PROTOCOL } from "./message.ts";

const HELLO_MS = 5000;
/** For what the successor does before it asks for dataDir: it opens addresses that are new. */
const FIRST_MS = 30_000;
/** It says that it is alive much more often, however long it takes to begin. */
const SILENT_MS = 30_000;
/** For one that has said why it cannot begin. */
const FAREWELL_MS = 5000;
/** One message brings no more than the kernel allows. */
const SOCKETS_AT_ONCE = 100;

/** The running Cordon, as far as a takeover is concerned. */
export interface Incumbent {
	readonly version: string;
	readonly engine: EngineName;
	readonly cookieSecret: Uint8Array;
	readonly sockets: readonly HandedSocket[];
	/** Why it cannot be taken over at the moment; undefined when it can. */
	readonly objection: string | undefined;
	/** Runs a takeover while nothing else changes, such as a reload. */
	alone(takeover: () => Promise<void>): Promise<void>;
	/** Lets go of dataDir and of all that is in it, and goes on answering; with `inherits` false, stops answering as well. */
	letGo(how: { readonly inherits: boolean; readonly keepsAdmin: boolean }): Promise<void>;
	/** Undoes `letGo`, and `retire`. Never rejects. */
	takeBack(): Promise<void>;
	/** The successor answers: reads no more, and finishes what is in flight. */
	retire(kept: Kept): Promise<void>;
	/** For the service manager. */
	told(what: "begins" | "goes-on" | { readonly successor: number }): void;
	/** All is done; the process can end. */
	retired(): void;
}

type Successor = Channel<FromSuccessor, FromPredecessor>;

export async function handOver(channel: Successor, incumbent: Incumbent, log: Log): Promise<void> {
	let hello: FromSuccessor;
	try {
		hello = await next(channel, HELLO_MS);
	} catch {
		// Whoever it was, it wanted nothing.
		return;
	}
	const refusal = hello.kind === "hello" ? refusalOf(hello, incumbent) : "it did not say hello";
	if (refusal !== undefined || hello.kind !== "hello") {
		channel.send({ kind: "refused", why: refusal ?? "" });
		log.warn("a successor was sent away", { pid: channel.peer.pid, why: refusal });
		return;
	}
	const { version } = hello;
	await incumbent.alone(async () => {
		log.info("a successor takes over", { pid: channel.peer.pid, version });
		incumbent.told("begins");
		try {
			await give(channel, incumbent, log);
		} catch (error) {
			await ended(channel, error instanceof GaveUp ? FAREWELL_MS : 0);
			await incumbent.takeBack();
			incumbent.told("goes-on");
			log.error("the successor failed; this Cordon goes on as before", { why: (error as Error).message });
		}
	});
}

function refusalOf(
	{ protocol, version }: Extract<FromSuccessor, { kind: "hello" }>,
	incumbent: Incumbent,
): string | undefined {
	if (protocol === PROTOCOL) return incumbent.objection;
	return `version ${incumbent.version} runs and hands over by protocol ${PROTOCOL}, version ${version} takes over by protocol ${protocol}; restart instead`;
}

async function give(channel: Successor, incumbent: Incumbent, log: Log): Promise<void> {
	const { version, engine, cookieSecret, sockets } = incumbent;
	channel.send({
		kind: "welcome",
		protocol: PROTOCOL,
		version,
		engine,
		cookieSecret: Buffer.from(cookieSecret).toString("hex"),
	});
	for (let i = 0; i < sockets.length; i += SOCKETS_AT_ONCE) {
		const part = sockets.slice(i, i + SOCKETS_AT_ONCE);
		await channel.deliver(
			{ kind: "sockets", sockets: part.map(({ fd: _, ...about }) => about) },
			part.map(({ fd }) => fd),
		);
	}
	channel.send({ kind: "granted" });
	const letGo = await next(channel, FIRST_MS);
	if (letGo.kind !== "let-go") throw strange(letGo);
	await incumbent.letGo(letGo);
	channel.send({ kind: "yours" });

	let answer = await next(channel, SILENT_MS);
	while (answer.kind === "alive") answer = await next(channel, SILENT_MS);
	if (answer.kind !== "serving") throw strange(answer);
	incumbent.told({ successor: channel.peer.pid });
	channel.send({ kind: "farewell" });
	log.info("the successor answers; finishing what is in flight", { pid: channel.peer.pid });
	await incumbent.retire(answer);
	if (!channel.isOpen) throw new Error("it ended as soon as it had taken over");
	incumbent.retired();
}

/** Rejects with PeerGone or PeerFault. */
async function next(channel: Successor, patienceMs: number): Promise<FromSuccessor> {
	const { message, descriptors } = await channel.next(patienceMs);
	// Nothing that we would want.
	closeAll(descriptors);
	return message;
}

function strange(message: FromSuccessor): Error {
	if (message.kind === "failed") return new GaveUp(message.why);
	return new Error(`it said ${message.kind} out of turn`);
}

/** The successor says itself that it cannot begin, and ends. */
class GaveUp extends Error {}

/** One that hangs would keep dataDir, and might come to life again beside us: it is ended. */
async function ended(channel: Successor, graceMs: number): Promise<void> {
	const { pid } = channel.peer;
	if (graceMs > 0) await Promise.race([channel.ended, pause(graceMs, undefined, { ref: false })]);
	if (channel.isOpen && pid > 0 && pid !== process.pid) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It has ended by itself.
		}
	}
	channel.close();
}
