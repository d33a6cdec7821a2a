import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { NXDOMAIN, query, readReply } from "./packet.ts";

/** Questions under way at once. */
const WINDOW = 64;
const RETRY_MS = 500;
const TRIES = 10;

/** What a node answers, name by name. */
export interface Answers {
	/** SHA-256 of all names with their answers, in order. */
	readonly checksum: string;
	/** In the order of the names. */
	readonly blocked: readonly boolean[];
}

/** Asks a node for each of the names, once; again only when no answer comes. */
export async function answersOf(port: number, names: readonly string[]): Promise<Answers> {
	const replies = await repliesTo(port, names);
	const hash = createHash("sha256");
	for (const [i, name] of names.entries()) hash.update(`${name} ${replies[i].rcode} ${replies[i].address}\n`);
	return { checksum: hash.digest("hex"), blocked: replies.map((reply) => reply.rcode === NXDOMAIN) };
}

interface Said {
	readonly rcode: number;
	readonly address: string;
}

function repliesTo(port: number, names: readonly string[]): Promise<Said[]> {
	const replies: Said[] = new Array(names.length);
	const socket = createSocket("udp4");
	/** By id: which name was asked, how often, and when last. */
	const open = new Map<number, { readonly at: number; tries: number; sent: number }>();
	let next = 0;
	let left = names.length;
	return new Promise((resolve, reject) => {
		const end = (): void => {
			clearInterval(every);
			socket.close();
		};
		const ask = (id: number, at: number): void => {
			socket.send(query(id, names[at]), port, "127.0.0.1", () => undefined);
		};
		const fill = (): void => {
			while (open.size < WINDOW && next < names.length) {
				const id = next & 0xffff;
				open.set(id, { at: next, tries: 1, sent: performance.now() });
				ask(id, next++);
			}
		};
		const every = setInterval(() => {
			const now = performance.now();
			for (const [id, question] of open) {
				if (now - question.sent < RETRY_MS) continue;
				if (question.tries++ >= TRIES) {
					end();
					reject(new Error(`port ${port} does not answer for ${names[question.at]}`));
					return;
				}
				question.sent = now;
				ask(id, question.at);
			}
		}, RETRY_MS / 5);
		socket.on("error", () => undefined);
		socket.on("message", (packet) => {
			const reply = readReply(packet);
			const question = reply === undefined ? undefined : open.get(reply.id);
			if (reply === undefined || question === undefined) return;
			open.delete(reply.id);
			replies[question.at] = { rcode: reply.rcode, address: reply.address ?? "-" };
			left--;
			if (left > 0) fill();
			else {
				end();
				resolve(replies);
			}
		});
		if (names.length > 0) fill();
		else {
			end();
			resolve(replies);
		}
	});
}
