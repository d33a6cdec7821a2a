/** A message taken apart for a test to look at; throws when it is not well-formed to the last byte. */

export interface DecodedRecord {
	readonly name: string;
	readonly type: number;
	readonly class: number;
	readonly ttl: number;
	readonly data: Buffer;
	/** Where the data begins in the message: names in it may point backwards. */
	readonly dataAt: number;
}

export interface DecodedEdns {
	readonly size: number;
	readonly version: number;
	readonly dnssecOk: boolean;
	/** Info code and text of the extended error, if there is one. */
	readonly ede?: number;
	readonly text?: string;
}

export interface Decoded {
	readonly id: number;
	readonly flags: number;
	/** With the upper bits of EDNS. */
	readonly rcode: number;
	readonly truncated: boolean;
	/** The name of the question with its case; undefined when there is none. */
	readonly question: string | undefined;
	readonly answer: readonly DecodedRecord[];
	readonly authority: readonly DecodedRecord[];
	readonly edns: DecodedEdns | undefined;
	readonly bytes: Buffer;
}

/** The name at `at`, and where it ends. */
export function decodeName(bytes: Buffer, at: number): readonly [string, number] {
	const labels: string[] = [];
	let end = -1;
	for (let size = bytes.readUInt8(at); size !== 0; size = bytes.readUInt8(at)) {
		if (size >= 0xc0) {
			const to = bytes.readUInt16BE(at) & 0x3fff;
			if (to >= at) throw new Error(`a pointer at ${at} leads forward to ${to}`);
			if (end < 0) end = at + 2;
			at = to;
		} else {
			labels.push(bytes.toString("latin1", at + 1, at + 1 + size));
			at += 1 + size;
		}
	}
	return [labels.join("."), end < 0 ? at + 1 : end];
}

export function decode(bytes: Buffer): Decoded {
	const flags = bytes.readUInt16BE(2);
	let at = 12;
	let question: string | undefined;
	if (bytes.readUInt16BE(4) === 1) {
		[question, at] = decodeName(bytes, at);
		at += 4;
	}
	const take = (count: number): DecodedRecord[] =>
		Array.from({ length: count }, () => {
			const [name, fixed] = decodeName(bytes, at);
			const dataAt = fixed + 10;
			at = dataAt + bytes.readUInt16BE(fixed + 8);
			if (at > bytes.length) throw new Error("a record runs past the end");
			return {
				name,
				type: bytes.readUInt16BE(fixed),
				class: bytes.readUInt16BE(fixed + 2),
				ttl: bytes.readUInt32BE(fixed + 4),
				data: bytes.subarray(dataAt, at),
				dataAt,
			};
		});
	const answer = take(bytes.readUInt16BE(6));
	const authority = take(bytes.readUInt16BE(8));
	const additional = take(bytes.readUInt16BE(10));
	if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes behind the last record`);
	const opt = additional.find((found) => found.type === 41);
	return {
		id: bytes.readUInt16BE(0),
		flags,
		rcode: (flags & 15) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4),
		truncated: (flags & 0x0200) !== 0,
		question,
		answer,
		authority,
		edns: opt === undefined ? undefined : edns(opt),
		bytes,
	};
}

function edns({ class: size, ttl, data }: DecodedRecord): DecodedEdns {
	const base = { size, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & 0x8000) !== 0 };
	if (data.length === 0) return base;
	if (data.readUInt16BE(0) !== 15 || data.readUInt16BE(2) !== data.length - 4) {
		throw new Error("the OPT record holds something else than one extended error");
	}
	return { ...base, ede: data.readUInt16BE(4), text: data.toString("utf8", 6) };
}
