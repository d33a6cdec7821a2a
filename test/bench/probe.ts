import { createSocket } from "node:dgram";
import { setTimeout as pause } from "node:timers/promises";
import { NOERROR, NXDOMAIN, query, type Reply, readReply } from "./packet.ts";

export const GOOD_ADDRESS = "192.0.2.1";
const HOST = "127.0.0.1";
const PROBE_EVERY_MS = 10;

export function isBlockedReply(reply: Reply | undefined): boolean {
	return reply?.rcode === NXDOMAIN;
}

export function isGoodReply(reply: Reply | undefined): boolean {
	return reply?.rcode === NOERROR && reply.address === GOOD_ADDRESS;
}

/** Asks again and again, for one name after the other, until an answer pleases; undefined when none did in time. */
export function firstAnswer(
	port: number,
	names: readonly string[],
	pleases: (reply: Reply) => boolean,
	timeout: number,
	stop?: AbortSignal,
): Promise<Reply | undefined> {
	return new Promise((resolve) => {
		const socket = createSocket("udp4");
		let turn = 0;
		const send = (): void => {
			// Another name each time: a server that has no list yet may keep the upstream's answer.
			socket.send(query(turn & 0xffff, names[turn % names.length]), port, HOST, () => undefined);
			turn++;
		};
		const end = (reply: Reply | undefined): void => {
			clearInterval(every);
			clearTimeout(deadline);
			stop?.removeEventListener("abort", giveUp);
			socket.close();
			resolve(reply);
		};
		const giveUp = (): void => end(undefined);
		const every = setInterval(send, PROBE_EVERY_MS);
		const deadline = setTimeout(giveUp, timeout);
		stop?.addEventListener("abort", giveUp);
		socket.on("error", () => undefined);
		socket.on("message", (packet) => {
			const reply = readReply(packet);
			if (reply !== undefined && pleases(reply)) end(reply);
		});
		send();
	});
}

export async function ask(port: number, name: string): Promise<Reply | undefined> {
	return firstAnswer(port, [name], () => true, 2000);
}

/** What is wrong with a server's answers, in one sentence; undefined when they are right. */
export async function faultOf(
	port: number,
	blocked: readonly string[],
	good: readonly string[],
): Promise<string | undefined> {
	for (const name of [blocked[0], `www.${blocked[blocked.length - 1]}`]) {
		const reply = await ask(port, name);
		if (!isBlockedReply(reply)) return `${name} must be NXDOMAIN and is ${described(reply)}`;
	}
	for (const name of [good[0], good[good.length - 1]]) {
		let reply = await ask(port, name);
		if (!isGoodReply(reply)) {
			// Some are ready before they have found their upstream.
			await pause(500);
			reply = await ask(port, name);
		}
		if (!isGoodReply(reply)) return `${name} must be ${GOOD_ADDRESS} and is ${described(reply)}`;
	}
	return undefined;
}

function described(reply: Reply | undefined): string {
	return reply === undefined ? "not answered" : `rcode ${reply.rcode}, ${reply.address ?? "no address"}`;
}
