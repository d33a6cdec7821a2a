/** Sockets that wait for somebody, as `/proc/net` has them. */
import { kernelText } from "./kernel-text.ts";

export interface BoundSocket {
	readonly protocol: "UDP" | "TCP";
	readonly family: 4 | 6;
	/** As text, IPv6 in full. */
	readonly address: string;
	readonly wildcard: boolean;
	readonly port: number;
	readonly uid: number;
	readonly inode: string;
	/** Datagrams that found no room; 0 for TCP. */
	readonly drops: number;
}

const FILES = [
	{ name: "udp", protocol: "UDP", family: 4 },
	{ name: "udp6", protocol: "UDP", family: 6 },
	{ name: "tcp", protocol: "TCP", family: 4 },
	{ name: "tcp6", protocol: "TCP", family: 6 },
] as const;

/** The kernel's numbers: a UDP socket without a peer, a TCP socket that listens. */
const WAITING = { UDP: "07", TCP: "0A" } as const;

/** Four bytes at a time, each in the order of this machine. */
function addressBytes(hex: string, littleEndian: boolean): number[] {
	const bytes = Array.from(Buffer.from(hex, "hex"));
	if (!littleEndian) return bytes;
	return bytes.map((_, i) => bytes[(i & ~3) + 3 - (i & 3)]);
}

function addressText(bytes: readonly number[]): string {
	if (bytes.length === 4) return bytes.join(".");
	const words: string[] = [];
	for (let i = 0; i < bytes.length; i += 2) words.push(((bytes[i] << 8) | bytes[i + 1]).toString(16));
	return words.join(":");
}

const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Lines that cannot be read are left out. */
export function parseSocketTable(
	text: string,
	protocol: BoundSocket["protocol"],
	family: BoundSocket["family"],
): BoundSocket[] {
	return text.split("\n").flatMap((line): BoundSocket[] => {
		const fields = line.trim().split(/\s+/);
		const [, local = "", , state = "", , , , uid = "", , inode = ""] = fields;
		const [hex = "", port = ""] = local.split(":");
		if (state !== WAITING[protocol] || hex.length !== (family === 4 ? 8 : 32)) return [];
		const bytes = addressBytes(hex, LITTLE_ENDIAN);
		return [
			{
				protocol,
				family,
				address: addressText(bytes),
				wildcard: bytes.every((byte) => byte === 0),
				port: Number.parseInt(port, 16),
				uid: Number(uid),
				inode,
				drops: protocol === "UDP" ? Number(fields[12] ?? 0) || 0 : 0,
			},
		];
	});
}

/** All of this network namespace. Undefined when the kernel does not tell. */
export async function boundSockets(proc: string): Promise<readonly BoundSocket[] | undefined> {
	const tables = await Promise.all(
		FILES.map(async ({ name, protocol, family }) => {
			const text = await kernelText(`${proc}/net/${name}`);
			return text === undefined ? undefined : parseSocketTable(text, protocol, family);
		}),
	);
	const known = tables.filter((table) => table !== undefined);
	return known.length === 0 ? undefined : known.flat();
}
