import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** A port of 127.0.0.1 that nobody uses over TCP or UDP right now. */
export async function freePort(): Promise<number> {
	for (;;) {
		const tcp = createServer().listen(0, "127.0.0.1");
		await once(tcp, "listening");
		const address = tcp.address();
		const port = typeof address === "object" && address !== null ? address.port : 0;
		const udp = createSocket("udp4");
		const free = await new Promise<boolean>((resolve) => {
			udp.once("error", () => resolve(false));
			udp.bind(port, "127.0.0.1", () => resolve(true));
		});
		udp.close();
		tcp.close();
		await once(tcp, "close");
		if (free) return port;
	}
}
