/** Just enough of RFC 1035 to ask and to judge an answer; none of it is Cordon's own, which is what is being judged. */

export const NOERROR = 0;
export const NXDOMAIN = 3;
const TYPE_A = 1;
const HEADER = 12;

export interface Reply {
	readonly id: number;
	readonly rcode: number;
	/** Of the first A record. */
	readonly address?: string;
}

export function query(id: number, name: string): Buffer {
	const labels = name.split(".");
	const packet = Buffer.alloc(HEADER + name.length + 2 + 4);
	packet.writeUInt16BE(id, 0);
	packet.writeUInt16BE(0x0100, 2);
	packet.writeUInt16BE(1, 4);
	let at = HEADER;
	for (const label of labels) {
		packet[at++] = label.length;
		at += packet.write(label, at, "latin1");
	}
	packet.writeUInt16BE(TYPE_A, at + 1);
	packet.writeUInt16BE(1, at + 3);
	return packet;
}

/** Where the name that starts at `at` ends. */
function endOfName(packet: Buffer, at: number): number {
	for (let here = at; here < packet.length; here += packet[here] + 1) {
		if (packet[here] === 0) return here + 1;
		if (packet[here] >= 0xc0) return here + 2;
	}
	return packet.length;
}

export function readReply(packet: Buffer): Reply | undefined {
	if (packet.length < HEADER || (packet[2] & 0x80) === 0) return undefined;
	const head = { id: packet.readUInt16BE(0), rcode: packet[3] & 15 };
	let at = packet.readUInt16BE(4) === 1 ? endOfName(packet, HEADER) + 4 : HEADER;
	for (let left = packet.readUInt16BE(6); left > 0; left--) {
		at = endOfName(packet, at);
		if (at + 10 > packet.length) break;
		const [type, length] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 8)];
		at += 10;
		if (type === TYPE_A && length === 4) {
			return { ...head, address: packet.subarray(at, at + 4).join(".") };
		}
		at += length;
	}
	return head;
}

/** The answer of a zone in which every name has the address 192.0.2.1. */
export function wildcardReply(asked: Buffer): Buffer | undefined {
	if (asked.length < HEADER + 5 || (asked[2] & 0x80) !== 0) return undefined;
	const end = endOfName(asked, HEADER) + 4;
	const answer = Buffer.from([0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 192, 0, 2, 1]);
	const packet = Buffer.concat([asked.subarray(0, end), answer]);
	packet[2] = 0x84 | (asked[2] & 1);
	packet[3] = 0;
	packet.writeUInt16BE(1, 6);
	packet.writeUInt32BE(0, 8);
	return packet;
}
