/** DNS messages written and read byte by byte, so that tests depend neither on our own codec nor on dns2's. */

export const TYPE = {
	A: 1,
	NS: 2,
	CNAME: 5,
	SOA: 6,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	DNAME: 39,
	SVCB: 64,
	HTTPS: 65,
	ANY: 255,
};
export const QR = 0x8000;
export const TC = 0x0200;
export const RD = 0x0100;
export const RA = 0x0080;
export const AD = 0x0020;
export const CD = 0x0010;
/** A compression pointer to the question's name. */
export const QNAME = Buffer.of(0xc0, 12);

export function word(...values: number[]): Buffer {
	return Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));
}

export function long(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return bytes;
}

/** A name as it travels, its case kept. */
export function wire(name: string): Buffer {
	const labels = name.split(".").filter((label) => label !== "");
	return Buffer.concat([
		...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
		Buffer.of(0),
	]);
}

export interface Record {
	readonly name?: Buffer;
	readonly type: number;
	readonly class?: number;
	readonly ttl?: number;
	readonly data: Buffer;
	/** In place of the data's own length. */
	readonly length?: number;
}

export function record({ name = QNAME, type, class: cls = 1, ttl = 300, data, length }: Record): Buffer {
	return Buffer.concat([name, word(type, cls), long(ttl), word(length ?? data.length), data]);
}

export const a = (address: string, ttl = 300, name: Buffer = QNAME): Record => ({
	name,
	type: TYPE.A,
	ttl,
	data: Buffer.from(address.split(".").map(Number)),
});

export const cname = (target: string, ttl = 300, name: Buffer = QNAME): Record => ({
	name,
	type: TYPE.CNAME,
	ttl,
	data: wire(target),
});

export const aaaa = (groups: readonly number[], ttl = 300, name: Buffer = QNAME): Record => ({
	name,
	type: TYPE.AAAA,
	ttl,
	data: word(...groups),
});

/** HTTPS and SVCB (RFC 9460): keys and values of parameters, keys in ascending order. */
export const service = (
	priority: number,
	target: string,
	params: readonly (readonly [number, Buffer])[] = [],
	name: Buffer = QNAME,
	type: number = TYPE.HTTPS,
): Record => ({
	name,
	type,
	data: Buffer.concat([
		word(priority),
		wire(target),
		...params.flatMap(([key, value]) => [word(key, value.length), value]),
	]),
});

export const soa = (ttl: number, minimum: number, name: Buffer = QNAME): Record => ({
	name,
	type: TYPE.SOA,
	ttl,
	data: Buffer.concat([wire("ns.test"), wire("mail.test"), ...[1, 3600, 600, 86_400, minimum].map(long)]),
});

export interface Edns {
	readonly size?: number;
	readonly dnssecOk?: boolean;
	readonly version?: number;
	readonly rcode?: number;
	readonly options?: Buffer;
}

export function opt({ size = 1232, dnssecOk = false, version = 0, rcode = 0, options }: Edns = {}): Record {
	const ttl = ((rcode << 24) | (version << 16) | (dnssecOk ? 0x8000 : 0)) >>> 0;
	return { name: Buffer.of(0), type: 41, class: size, ttl, data: options ?? Buffer.alloc(0) };
}

/** One option of an OPT record. */
export function option(code: number, data: Uint8Array = Buffer.alloc(0), length = data.length): Buffer {
	return Buffer.concat([word(code, length), data]);
}

export interface Message {
	readonly id?: number;
	readonly flags?: number;
	/** In place of the name's wire form, type and class. */
	readonly question?: Buffer;
	readonly answer?: readonly Record[];
	readonly authority?: readonly Record[];
	readonly additional?: readonly Record[];
	/** In place of the real counts. */
	readonly counts?: readonly [number, number, number, number];
}

export function message(parts: Message): Buffer {
	const { question = Buffer.alloc(0), answer = [], authority = [], additional = [] } = parts;
	const counts = parts.counts ?? [
		question.length > 0 ? 1 : 0,
		answer.length,
		authority.length,
		additional.length,
	];
	return Buffer.concat([
		word(parts.id ?? 0, parts.flags ?? 0, ...counts),
		question,
		...[...answer, ...authority, ...additional].map(record),
	]);
}

export function question(name: string, type: number = TYPE.A, cls = 1): Buffer {
	return Buffer.concat([wire(name), word(type, cls)]);
}

export interface QueryParts extends Omit<Message, "question"> {
	readonly type?: number;
	readonly class?: number;
	readonly edns?: Edns;
}

export function query(name: string, parts: QueryParts = {}): Buffer {
	return message({
		id: 0x1234,
		flags: RD,
		...parts,
		question: question(name, parts.type, parts.class),
		additional: [...(parts.additional ?? []), ...(parts.edns === undefined ? [] : [opt(parts.edns)])],
	});
}

/** Where the question of a message without pointers in it ends. */
export function questionEnd(bytes: Buffer): number {
	let at = 12;
	while (bytes.readUInt8(at) !== 0) at += 1 + bytes.readUInt8(at);
	return at + 5;
}

/** What answers `asked`: its id and question, QR and RA set. */
export function reply(asked: Buffer, parts: Message = {}): Buffer {
	return message({
		id: asked.readUInt16BE(0),
		flags: QR | RA | RD,
		question: asked.subarray(12, questionEnd(asked)),
		...parts,
	});
}
