/** A reply taken apart, so that two can be compared; none of it is Cordon's own code. */

export interface RecordSet {
	/** Owner in lower case, type and class. */
	readonly key: string;
	readonly type: number;
	readonly ttls: Set<number>;
	/** Data in hexadecimal, compressed names written out in lower case. */
	readonly data: Set<string>;
}

export interface Edns {
	readonly size: number;
	readonly version: number;
	readonly flags: number;
	readonly options: ReadonlyMap<number, string>;
}

export interface Message {
	readonly id: number;
	/** With the upper bits of EDNS. */
	readonly rcode: number;
	readonly flags: number;
	readonly opcode: number;
	/** Of the question section, in hexadecimal, case kept. */
	readonly question: string;
	readonly answer: ReadonlyMap<string, RecordSet>;
	readonly authority: ReadonlyMap<string, RecordSet>;
	readonly additional: ReadonlyMap<string, RecordSet>;
	readonly edns: Edns | undefined;
	readonly length: number;
}

const OPT = 41;
/** Types with a compressible name in their data: bytes before it, and how many names. */
const NAMES_IN: ReadonlyMap<number, readonly [number, number]> = new Map([
	[2, [0, 1]],
	[5, [0, 1]],
	[6, [0, 2]],
	[12, [0, 1]],
	[15, [2, 1]],
	[33, [6, 1]],
	[39, [0, 1]],
]);

interface Cursor {
	at: number;
}

/** The name in wire form, lower case, written out. */
function nameAt(bytes: Buffer, cursor: Cursor): Buffer {
	const parts: Buffer[] = [];
	let here = cursor.at;
	let end: number | undefined;
	for (let jumps = 0; jumps < 128; ) {
		const length = bytes.readUInt8(here);
		if (length >= 0xc0) {
			end ??= here + 2;
			here = bytes.readUInt16BE(here) & 0x3fff;
			jumps++;
			continue;
		}
		if (here + 1 + length > bytes.length) throw new RangeError("a label beyond the end");
		parts.push(bytes.subarray(here, here + 1 + length));
		here += 1 + length;
		if (length > 0) continue;
		cursor.at = end ?? here;
		return Buffer.from(Buffer.concat(parts).toString("latin1").toLowerCase(), "latin1");
	}
	throw new RangeError("a name without end");
}

function dataAt(bytes: Buffer, from: number, end: number, type: number): string {
	const [before, names] = NAMES_IN.get(type) ?? [0, 0];
	if (names === 0) return bytes.toString("hex", from, end);
	const cursor = { at: from + before };
	const parts = [bytes.subarray(from, cursor.at)];
	for (let i = 0; i < names; i++) parts.push(nameAt(bytes, cursor));
	parts.push(bytes.subarray(cursor.at, end));
	return Buffer.concat(parts).toString("hex");
}

function optionsIn(data: Buffer): Map<number, string> {
	const options = new Map<number, string>();
	for (let at = 0; at + 4 <= data.length; ) {
		const length = data.readUInt16BE(at + 2);
		options.set(data.readUInt16BE(at), data.toString("hex", at + 4, at + 4 + length));
		at += 4 + length;
	}
	return options;
}

/** Throws when it is malformed. */
export function read(bytes: Buffer): Message {
	const flags = bytes.readUInt16BE(2);
	const cursor = { at: 12 };
	const asked = bytes.readUInt16BE(4);
	for (let i = 0; i < asked; i++) {
		nameAt(bytes, cursor);
		cursor.at += 4;
	}
	const question = bytes.toString("hex", 12, cursor.at);
	let edns: Edns | undefined;
	let upper = 0;
	const take = (count: number): Map<string, RecordSet> => {
		const sets = new Map<string, RecordSet>();
		for (let i = 0; i < count; i++) {
			const owner = nameAt(bytes, cursor).toString("latin1");
			const type = bytes.readUInt16BE(cursor.at);
			const klass = bytes.readUInt16BE(cursor.at + 2);
			const ttl = bytes.readUInt32BE(cursor.at + 4);
			const from = cursor.at + 10;
			const end = from + bytes.readUInt16BE(cursor.at + 8);
			if (end > bytes.length) throw new RangeError("data beyond the end");
			cursor.at = end;
			if (type === OPT) {
				const options = optionsIn(bytes.subarray(from, end));
				edns = {
					size: klass,
					version: (ttl >>> 16) & 0xff,
					flags: ttl & 0xffff,
					options,
				};
				upper = ttl >>> 24;
				continue;
			}
			const key = `${JSON.stringify(owner)} ${type} ${klass}`;
			const set = sets.get(key) ?? { key, type, ttls: new Set(), data: new Set() };
			set.ttls.add(ttl);
			set.data.add(dataAt(bytes, from, end, type));
			sets.set(key, set);
		}
		return sets;
	};
	const answer = take(bytes.readUInt16BE(6));
	const authority = take(bytes.readUInt16BE(8));
	const additional = take(bytes.readUInt16BE(10));
	if (cursor.at !== bytes.length) throw new RangeError("bytes behind the end");
	return {
		id: bytes.readUInt16BE(0),
		rcode: (flags & 15) | (upper << 4),
		flags: flags & 0x87f0,
		opcode: (flags >>> 11) & 15,
		question,
		answer,
		authority,
		additional,
		edns,
		length: bytes.length,
	};
}
