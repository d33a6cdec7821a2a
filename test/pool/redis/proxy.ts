/** A proxy before a server, which can be cut, stalled, and made to alter what goes through. */
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from "node:net";
import type { Ends } from "./server.ts";

export class TcpProxy {
	readonly #target: number;
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();
	#state: "open" | "cut" | "stalled" = "open";
	/** What the server says, as it goes to the client. */
	alter: (said: Buffer) => Buffer = (said) => said;
	/** Called with what clients say, before it goes on; it may cut the proxy, or keep what was said back until it resolves. */
	overhear: (asked: Buffer) => Promise<unknown> | undefined = () => undefined;

	private constructor(target: number) {
		this.#target = target;
		this.#server = createServer((client) => this.#join(client));
	}

	static async start(t: Ends, target: number): Promise<TcpProxy> {
		const proxy = new TcpProxy(target);
		proxy.#server.listen(0, "127.0.0.1");
		await once(proxy.#server, "listening");
		t.teardown(() => proxy.#close());
		return proxy;
	}

	get port(): number {
		return (this.#server.address() as AddressInfo).port;
	}

	/** Connections there are are broken off, new ones at once. */
	cut(): void {
		this.#state = "cut";
		for (const socket of this.#sockets) socket.destroy();
	}

	/** Connections stay, and nothing comes through any more: neither data nor an end. */
	stall(): void {
		this.#state = "stalled";
		for (const socket of this.#sockets) socket.pause();
	}

	/** New connections go through; those that were stalled are broken off. */
	mend(): void {
		this.cut();
		this.#state = "open";
	}

	#join(client: Socket): void {
		client.on("error", () => {});
		if (this.#state === "cut") {
			client.destroy();
			return;
		}
		this.#keep(client);
		if (this.#state === "stalled") {
			client.pause();
			return;
		}
		const server = createConnection(this.#target, "127.0.0.1");
		server.on("error", () => client.destroy());
		this.#keep(server);
		client.on("data", (data: Buffer) => {
			const kept = this.overhear(data);
			const pass = () => {
				if (this.#state === "open") server.write(data);
			};
			if (kept === undefined) pass();
			else {
				client.pause();
				void kept.then(pass).finally(() => client.resume());
			}
		});
		server.on("data", (data: Buffer) => {
			if (this.#state === "open") client.write(this.alter(data));
		});
		client.on("close", () => server.destroy());
		server.on("close", () => client.destroy());
	}

	#keep(socket: Socket): void {
		this.#sockets.add(socket);
		socket.on("close", () => this.#sockets.delete(socket));
	}

	async #close(): Promise<void> {
		this.cut();
		const closed = once(this.#server, "close");
		this.#server.close();
		await closed;
	}
}
