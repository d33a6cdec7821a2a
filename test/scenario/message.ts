/** Questions and replies byte by byte, so that the tests depend on no codec of the program's. */
import { wireName, word } from "../commands/lookup/messages.ts";

export const TYPE = { A: 1, CNAME: 5, SOA: 6, MX: 15, TXT: 16, AAAA: 28, OPT: 41, HTTPS: 65 } as const;
export interface Found {
	readonly name: string;
	readonly type: number;
	readonly ttl: number;
	readonly data: Buffer;
}

export interface Reply {
	readonly id: number;
	readonly rcode: number;
	readonly isTruncated: boolean;
	readonly question: string;
	readonly answers: readonly Found[];
	readonly authorities: readonly Found[];
	/** Info code and text of the extended error. */
	readonly ede?: { readonly code: number; readonly text: string };
	readonly bytes: Buffer;
}

let lastId = 0;

/** A query with RD set, and with EDNS when `edns` gives a size. */
export function question(name: string, type: number = TYPE.A, edns?: number): Buffer {
	lastId = (lastId + 1) & 0xffff;
	const opt =
		edns === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.of(0), word(TYPE.OPT, edns, 0, 0, 0)]);
	const header = word(lastId, 0x0100, 1, 0, 0, edns === undefined ? 0 : 1);
	return Buffer.concat([header, wireName(name), word(type, 1), opt]);
}

/** The name at `at`, and where it ends there. */
export function nameAt(bytes: Buffer, at: number): { readonly name: string; readonly end: number } {
	const labels: string[] = [];
	let end: number | undefined;
	for (;;) {
		const length = bytes.readUInt8(at);
		if (length >= 0xc0) {
			end ??= at + 2;
			at = bytes.readUInt16BE(at) & 0x3fff;
		} else if (length === 0) {
			return { name: labels.join("."), end: end ?? at + 1 };
		} else {
			labels.push(bytes.toString("latin1", at + 1, at + 1 + length));
			at += 1 + length;
		}
	}
}

export function readReply(bytes: Buffer): Reply {
	const hasQuestion = bytes.readUInt16BE(4) > 0;
	const asked = hasQuestion ? nameAt(bytes, 12) : { name: "", end: 8 };
	let at = asked.end + 4;
	const take = (count: number): Found[] =>
		Array.from({ length: count }, () => {
			const { name, end } = nameAt(bytes, at);
			const from = end + 10;
			at = from + bytes.readUInt16BE(end + 8);
			return {
				name,
				type: bytes.readUInt16BE(end),
				ttl: bytes.readUInt32BE(end + 4),
				data: bytes.subarray(from, at),
			};
		});
	const answers = take(bytes.readUInt16BE(6));
	const authorities = take(bytes.readUInt16BE(8));
	const opt = take(bytes.readUInt16BE(10)).find((record) => record.type === TYPE.OPT);
	const isExtended = opt !== undefined && opt.data.length >= 6 && opt.data.readUInt16BE(0) === 15;
	const ede = isExtended
		? { code: opt.data.readUInt16BE(4), text: opt.data.toString("utf8", 6, 4 + opt.data.readUInt16BE(2)) }
		: undefined;
	return {
		id: bytes.readUInt16BE(0),
		rcode: bytes.readUInt8(3) & 15,
		isTruncated: (bytes.readUInt8(2) & 2) !== 0,
		question: asked.name,
		answers,
		authorities,
		...(ede === undefined ? {} : { ede }),
		bytes,
	};
}

/** The first answer's IPv4 address; what stands in its place when there is none. */
export function address(reply: Reply): string {
	const record = reply.answers.find(({ type }) => type === TYPE.A);
	if (record !== undefined) return record.data.join(".");
	return reply.rcode === 0 ? "no address" : `rcode ${reply.rcode}`;
}
