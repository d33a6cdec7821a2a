/** A few queries, again and again, over UDP and TCP, without looking at the answers: something for metrics to count. */
import type { Socket } from "node:dgram";
import type { Test } from "tap";
import { connectedUdp, Stream } from "../scenario/client.ts";
import { question } from "../scenario/message.ts";

const EVERY_MS = 20;

export class Trickle {
	readonly #names: readonly string[];
	readonly #udp: Socket;
	readonly #tcp: Stream;
	#sent = 0;

	private constructor(names: readonly string[], udp: Socket, tcp: Stream) {
		this.#names = names;
		this.#udp = udp;
		this.#tcp = tcp;
	}

	/** Asks `server` for the names in turn until the test ends; `*` in a name is another number each time. */
	static async start(t: Test, server: string, names: readonly string[]): Promise<void> {
		const udp = await connectedUdp(server);
		const tcp = await Stream.open(server);
		const trickle = new Trickle(names, udp, tcp);
		udp.on("error", () => {});
		const timer = setInterval(() => trickle.#ask(), EVERY_MS);
		t.teardown(() => {
			clearInterval(timer);
			udp.close();
			tcp.socket.destroy();
		});
	}

	#ask(): void {
		const name = this.#names[this.#sent % this.#names.length] ?? "";
		const packet = question(name.replace("*", String(this.#sent)));
		this.#sent++;
		this.#udp.send(packet);
		if (!this.#tcp.socket.destroyed) this.#tcp.send(packet);
	}
}
