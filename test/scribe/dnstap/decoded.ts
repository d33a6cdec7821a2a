/** A message of dnstap taken apart, without a line of the program's; throws when it is not well-formed. */

interface Field {
	readonly number: number;
	/** A number, or the bytes of whatever else it is. */
	readonly value: number | Buffer;
}

/** The fields of a message of Protocol Buffers, in the order in which they stand there. */
export function fieldsOf(bytes: Buffer): readonly Field[] {
	const fields: Field[] = [];
	let at = 0;
	const varint = (): number => {
		let value = 0;
		for (let shift = 0; ; shift += 7) {
			const byte = bytes.readUInt8(at++);
			value += (byte & 127) * 2 ** shift;
			if (byte < 128) return value;
			if (shift > 63) throw new Error("a number without an end");
		}
	};
	while (at < bytes.length) {
		const tag = varint();
		const number = tag >>> 3;
		switch (tag & 7) {
			case 0:
				fields.push({ number, value: varint() });
				break;
			case 5:
				fields.push({ number, value: bytes.readUInt32LE(at) });
				at += 4;
				break;
			case 2: {
				const length = varint();
				if (at + length > bytes.length) throw new Error(`field ${number} is longer than what it stands in`);
				fields.push({ number, value: bytes.subarray(at, at + length) });
				at += length;
				break;
			}
			default:
				throw new Error(`a field of kind ${tag & 7}`);
		}
	}
	return fields;
}

class Message {
	readonly #fields: ReadonlyMap<number, number | Buffer>;

	constructor(bytes: Buffer) {
		const fields = fieldsOf(bytes);
		const numbers = fields.map(({ number }) => number);
		if (numbers.some((number, i) => i > 0 && number <= numbers[i - 1]))
			throw new Error(`fields twice or out of order: ${numbers.join()}`);
		this.#fields = new Map(fields.map(({ number, value }) => [number, value]));
	}

	number(field: number): number | undefined {
		const value = this.#fields.get(field);
		if (typeof value === "object") throw new Error(`field ${field} is no number`);
		return value;
	}

	bytes(field: number): Buffer | undefined {
		const value = this.#fields.get(field);
		if (typeof value === "number") throw new Error(`field ${field} is a number`);
		return value;
	}

	text(field: number): string | undefined {
		return this.bytes(field)?.toString();
	}
}

function time(seconds: number | undefined, nanoseconds: number | undefined): number | undefined {
	if (seconds === undefined || nanoseconds === undefined) return undefined;
	if (nanoseconds > 999_999_999) throw new Error(`${nanoseconds} nanoseconds`);
	return seconds + nanoseconds / 1e9;
}

const TYPES: Readonly<Record<number, string>> = { 5: "CQ", 6: "CR", 7: "FQ", 8: "FR" };

/** Everything that Cordon writes into a message. */
export function decodeDnstap(bytes: Buffer) {
	const outer = new Message(bytes);
	if (outer.number(15) !== 1) throw new Error("of an unknown kind");
	const message = new Message(outer.bytes(14) ?? Buffer.alloc(0));
	const policy = message.bytes(15);
	const decided = policy === undefined ? undefined : new Message(policy);
	return {
		identity: outer.text(1),
		version: outer.text(2),
		type: TYPES[message.number(1) ?? 0],
		family: message.number(2) === 1 ? 4 : 6,
		protocol: message.number(3) === 1 ? "udp" : "tcp",
		queryAddress: message.bytes(4),
		responseAddress: message.bytes(5),
		queryPort: message.number(6),
		responsePort: message.number(7),
		/** In seconds since the epoch. */
		queryTime: time(message.number(8), message.number(9)),
		query: message.bytes(10),
		responseTime: time(message.number(12), message.number(13)),
		response: message.bytes(14),
		policy:
			decided === undefined
				? undefined
				: {
						type: decided.text(1),
						rule: decided.text(2),
						action: decided.number(3),
						match: decided.number(4),
						value: decided.bytes(5),
					},
	};
}

export type Decoded = ReturnType<typeof decodeDnstap>;
