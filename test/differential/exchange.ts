/** Questions to one resolver, some at a time, over UDP and TCP; what comes back, or that nothing does. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { streamReply } from "../scenario/stream-reply.ts";
import type { Question } from "./questions.ts";

/** Nothing within this time counts as silence. */
const SILENCE_MS = 2500;
const AT_ONCE = 32;
const HOST = "127.0.0.1";

/** Of each question, in order: the reply, or undefined for silence. */
export async function ask(port: number, questions: readonly Question[]): Promise<(Buffer | undefined)[]> {
	const replies = new Array<Buffer | undefined>(questions.length).fill(undefined);
	const socket = createSocket("udp4").bind(0, HOST);
	await once(socket, "listening");
	const waiting = new Map<number, (reply: Buffer) => void>();
	socket.on("message", (message) => {
		if (message.length >= 2) waiting.get(message.readUInt16BE(0))?.(message);
	});
	let next = 0;
	const work = async (): Promise<void> => {
		for (let i = next++; i < questions.length; i = next++) {
			const question = questions[i];
			replies[i] = question.overTcp
				? await streamReply({ host: HOST, port }, question.packet, SILENCE_MS)
				: await overUdp(socket, port, question.packet, waiting);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, work));
	socket.close();
	return replies;
}

function overUdp(
	socket: Socket,
	port: number,
	packet: Buffer,
	waiting: Map<number, (reply: Buffer) => void>,
): Promise<Buffer | undefined> {
	const id = packet.readUInt16BE(0);
	return new Promise((resolve) => {
		const end = (reply: Buffer | undefined): void => {
			clearTimeout(timer);
			waiting.delete(id);
			resolve(reply);
		};
		const timer = setTimeout(() => end(undefined), SILENCE_MS);
		waiting.set(id, end);
		socket.send(packet, port, HOST);
	});
}
