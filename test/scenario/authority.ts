/** A small real upstream over UDP and TCP: answers from a table, counts what it is asked, can be told to wait. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Test } from "tap";
import { makeReply, type TestRecord, wireName } from "../commands/lookup/messages.ts";
import { nameAt, TYPE } from "./message.ts";

const UDP_MOST = 1232;
/** QR, RD, RA, and with them TC or an rcode. */
const GOOD = 0x8180;
const TC = 0x0200;

const SOA: TestRecord = {
	name: Buffer.of(0),
	type: TYPE.SOA,
	ttl: 60,
	data: Buffer.concat([wireName("ns.example"), wireName("root.example"), Buffer.alloc(19), Buffer.of(60)]),
};

export function a(text: string, ttl = 300): TestRecord {
	return { type: TYPE.A, ttl, data: Buffer.from(text.split(".").map(Number)) };
}

export function cname(text: string): TestRecord {
	return { type: TYPE.CNAME, data: wireName(text) };
}

/** So many bytes of records, in strings of 255. */
export function bigText(bytes: number): TestRecord[] {
	const data = Buffer.concat([Buffer.of(255), Buffer.alloc(255, "x")]);
	return Array.from({ length: Math.floor(bytes / (12 + data.length)) }, (_, i) => {
		const own = Buffer.from(data);
		own.write(String(i), 1);
		return { type: TYPE.TXT, data: own };
	});
}

export class Authority {
	/** `udp://127.0.0.1:PORT` */
	readonly url: string;
	/** By `name TYPE-NUMBER`; names without records do not exist, but those under `any.example` are 192.0.2.1. */
	readonly records = new Map<string, readonly TestRecord[]>();
	/** How often each name was asked for. */
	readonly asked = new Map<string, number>();
	readonly #gates = new Map<string, Promise<void>>();
	readonly #watchers = new Set<() => void>();

	private constructor(port: number) {
		this.url = `udp://127.0.0.1:${port}`;
	}

	static async start(t: Test): Promise<Authority> {
		const tcp = createServer();
		tcp.listen(0, "127.0.0.1");
		await once(tcp, "listening");
		const bound = tcp.address();
		const port = typeof bound === "object" && bound !== null ? bound.port : 0;
		const udp = createSocket("udp4");
		udp.bind(port, "127.0.0.1");
		await once(udp, "listening");
		const authority = new Authority(port);
		udp.on("message", async (query, from) => {
			const reply = await authority.#answer(query);
			const short = reply.length <= UDP_MOST ? reply : makeReply(query, { flags: GOOD | TC });
			// The test may be over by now.
			if (authority.#isOpen) udp.send(short, from.port, from.address);
		});
		const sockets = new Set<Socket>();
		tcp.on("connection", (socket) => {
			sockets.add(socket);
			socket.on("error", () => socket.destroy());
			socket.on("close", () => sockets.delete(socket));
			authority.#serve(socket);
		});
		t.teardown(() => {
			authority.#isOpen = false;
			udp.close();
			tcp.close();
			for (const socket of sockets) socket.destroy();
		});
		return authority;
	}

	#isOpen = true;

	set(name: string, type: number, ...records: readonly TestRecord[]): void {
		this.records.set(`${name} ${type}`, records);
	}

	/** Answers for this name wait until the returned function is called. */
	hold(name: string): () => void {
		let release = () => {};
		this.#gates.set(
			name,
			new Promise((resolve) => {
				release = resolve;
			}),
		);
		return () => release();
	}

	/** Waits until the name has been asked for. */
	async hears(name: string): Promise<void> {
		while (!this.asked.has(name)) {
			await new Promise<void>((resolve) => {
				const go = () => {
					this.#watchers.delete(go);
					resolve();
				};
				this.#watchers.add(go);
			});
		}
	}

	#serve(socket: Socket): void {
		let pending = Buffer.alloc(0);
		socket.on("data", async (data) => {
			pending = Buffer.concat([pending, data]);
			while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
				const query = Buffer.from(pending.subarray(2, 2 + pending.readUInt16BE(0)));
				pending = pending.subarray(2 + query.length);
				const reply = await this.#answer(query);
				socket.write(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 255), reply]));
			}
		});
	}

	async #answer(query: Buffer): Promise<Buffer> {
		const { name, end } = nameAt(query, 12);
		const key = name.toLowerCase();
		const type = query.readUInt16BE(end);
		this.asked.set(key, (this.asked.get(key) ?? 0) + 1);
		for (const watcher of this.#watchers) watcher();
		await this.#gates.get(key);
		const own = this.records.get(`${key} ${type}`);
		const exists = own !== undefined || Array.from(this.records.keys()).some((k) => k.startsWith(`${key} `));
		if (own !== undefined) return makeReply(query, { flags: GOOD, answer: own });
		if (key.endsWith("any.example"))
			return makeReply(query, type === TYPE.A ? { answer: [a("192.0.2.1")] } : { authority: [SOA] });
		return makeReply(query, { flags: exists ? GOOD : GOOD | 3, authority: [SOA] });
	}
}
