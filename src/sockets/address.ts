/** Socket addresses as the kernel lays them out (struct sockaddr_in, sockaddr_in6), and their bytes alone. */

/** Room for the larger of the two, sockaddr_in6, rounded up to whole 64-bit words. */
export const SOCKADDR_BYTES = 32;
const AF_INET = 2;
const AF_INET6 = 10;

export interface Endpoint {
	readonly address: string;
	readonly port: number;
	readonly family: 4 | 6;
}

/** The 4 or 16 bytes of an address in text; a zone (`%eth0`) is left out. */
export function addressBytes(text: string): Uint8Array {
	if (!text.includes(":")) return Uint8Array.from(text.split("."), Number);
	const bytes = new Uint8Array(16);
	const [head = "", tail] = (text.split("%")[0] ?? "").split("::");
	const front = groups(head);
	const back = tail === undefined ? [] : groups(tail);
	bytes.set(front, 0);
	bytes.set(back, 16 - back.length);
	return bytes;
}

function groups(text: string): number[] {
	const out: number[] = [];
	for (const group of text === "" ? [] : text.split(":")) {
		if (group.includes(".")) out.push(...group.split(".").map(Number));
		else out.push(Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff);
	}
	return out;
}

/** A sockaddr for bind and connect. */
export function sockaddr(endpoint: Endpoint): Buffer {
	const v4 = endpoint.family === 4;
	const out = Buffer.alloc(v4 ? 16 : 28);
	out.writeUInt16LE(v4 ? AF_INET : AF_INET6, 0);
	out.writeUInt16BE(endpoint.port, 2);
	out.set(addressBytes(endpoint.address), v4 ? 4 : 8);
	return out;
}

/** The port in a sockaddr. */
export function portOf(address: Buffer): number {
	return address.readUInt16BE(2);
}

/** What getsockname told; undefined for another family. */
export function endpointOf(address: Buffer): Endpoint | undefined {
	const family = address.readUInt16LE(0);
	const port = portOf(address);
	if (family === AF_INET) return { address: Array.from(address.subarray(4, 8)).join("."), port, family: 4 };
	if (family !== AF_INET6) return undefined;
	const words = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(8 + 2 * i).toString(16));
	return { address: new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1), port, family: 6 };
}
