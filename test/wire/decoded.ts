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
	/** Flags other than DO. */
	readonly flags: number;
	/** Info code and text of the extended error, if there is one. */
	readonly ede?: number;
	readonly text?: string;
	/** All other options, in their order. */
	readonly options?: readonly (readonly [number, Buffer])[];
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
	const base = { size, version: (ttl >>> 16) & 0xff, dnssecOk: (ttl & 0x8000) !== 0, flags: ttl & 0x7fff };
	const options: (readonly [number, Buffer])[] = [];
	for (let at = 0; at < data.length; ) {
		const end = at + 4 + data.readUInt16BE(at + 2);
		if (end > data.length) throw new Error("an option runs past the end of its OPT record");
		options.push([data.readUInt16BE(at), data.subarray(at + 4, end)]);
		at = end;
	}
	const errors = options.filter(([code]) => code === 15);
	if (errors.length > 1) throw new Error("the OPT record holds more than one extended error");
	const [error] = errors;
	const others = options.filter(([code]) => code !== 15);
	return {
		...base,
		...(error === undefined ? {} : { ede: error[1].readUInt16BE(0), text: error[1].toString("utf8", 2) }),
		...(others.length === 0 ? {} : { options: others }),
	};
}
