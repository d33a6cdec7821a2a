/** Answers made byte by byte, so that tests depend neither on our own writer nor on dns2's. */

export interface TestRecord {
	/** As it travels; by default a pointer to the question's name. */
	readonly name?: Buffer;
	readonly type: number;
	readonly class?: number;
	readonly ttl?: number;
	readonly data: Buffer;
}

export interface TestReply {
	readonly id?: number;
	/** The second word of the header. */
	readonly flags?: number;
	/** In place of the query's question. */
	readonly question?: Buffer;
	readonly answer?: readonly TestRecord[];
	readonly authority?: readonly TestRecord[];
	readonly additional?: readonly TestRecord[];
	/** In place of the number of answers. */
	readonly ancount?: number;
}

/** QR, RD and RA. */
export const ANSWERED = 0x8180;

/** `example.org` as it travels. */
export function wireName(text: string): Buffer {
	const labels = text.split(".").filter((label) => label !== "");
	return Buffer.concat([
		...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
		Buffer.of(0),
	]);
}

export function word(...values: number[]): Buffer {
	return Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));
}

function record({ name = word(0xc00c), type, class: cls = 1, ttl = 300, data }: TestRecord): Buffer {
	const seconds = Buffer.alloc(4);
	seconds.writeUInt32BE(ttl);
	return Buffer.concat([name, word(type, cls), seconds, word(data.length), data]);
}

/** Where the question of a query ends. */
function questionEnd(query: Buffer): number {
	let at = 12;
	while (query.readUInt8(at) !== 0) at += 1 + query.readUInt8(at);
	return at + 5;
}

export function makeReply(query: Buffer, reply: TestReply): Buffer {
	const { answer = [], authority = [], additional = [] } = reply;
	return Buffer.concat([
		word(reply.id ?? query.readUInt16BE(0), reply.flags ?? ANSWERED, 1),
		word(reply.ancount ?? answer.length, authority.length, additional.length),
		reply.question ?? query.subarray(12, questionEnd(query)),
		...[...answer, ...authority, ...additional].map(record),
	]);
}

/** An OPT record; options as code and data. */
export function opt(
	udp: number,
	ttl: number,
	options: readonly (readonly [number, Buffer])[] = [],
): TestRecord {
	const data = Buffer.concat(options.flatMap(([code, bytes]) => [word(code, bytes.length), bytes]));
	return { name: Buffer.of(0), type: 41, class: udp, ttl, data };
}
