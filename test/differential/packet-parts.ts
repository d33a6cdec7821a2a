/** Pieces of messages, byte by byte. */

const OPT = 41;

export function wireName(labels: readonly string[]): Buffer {
	const parts = labels.flatMap((label) => [Buffer.of(label.length), Buffer.from(label, "latin1")]);
	return Buffer.concat([...parts, Buffer.of(0)]);
}

export function words(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
	return bytes;
}

export function optRecord(size: number, version: number, flags: number, options: Buffer): Buffer {
	return Buffer.concat([
		Buffer.of(0),
		words(OPT, size),
		Buffer.of(0, version),
		words(flags, options.length),
		options,
	]);
}

export function option(code: number, data: Buffer): Buffer {
	return Buffer.concat([words(code, data.length), data]);
}
