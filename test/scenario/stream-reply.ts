/** One question over a TCP connection of its own, whatever its bytes say. */
import { connect } from "node:net";
import { framed } from "./client.ts";

export interface StreamServer {
	readonly host: string;
	readonly port: number;
	/** The address that it is asked from; any by default. */
	readonly localAddress?: string;
}

/** The reply without its length, or undefined when none comes within so many milliseconds, or the connection ends first. */
export function streamReply(
	server: StreamServer,
	packet: Buffer,
	patienceMs: number,
): Promise<Buffer | undefined> {
	return new Promise((resolve) => {
		const socket = connect({ ...server, noDelay: true });
		let bytes = Buffer.alloc(0);
		const end = (reply: Buffer | undefined): void => {
			clearTimeout(timer);
			socket.destroy();
			resolve(reply);
		};
		const timer = setTimeout(() => end(undefined), patienceMs);
		socket.on("data", (piece) => {
			bytes = Buffer.concat([bytes, piece]);
			if (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0))
				end(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
		});
		socket.on("close", () => end(undefined));
		// "close" follows.
		socket.on("error", () => socket.destroy());
		socket.write(framed(packet));
	});
}
