/** Names, records and messages as fast-check makes them up. */
import fc from "fast-check";

const labelByte = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom(...Buffer.from("abcXYZ019-_")) },
	{ weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
);

/** 1 to 63 bytes, mostly short. */
export const label = fc.oneof(
	{ weight: 9, arbitrary: fc.array(labelByte, { minLength: 1, maxLength: 8 }) },
	{ weight: 1, arbitrary: fc.array(labelByte, { minLength: 60, maxLength: 63 }) },
);

/** Labels of a name that fits into 255 bytes. */
export const labels = fc
	.array(label, { maxLength: 12 })
	.filter((all) => all.reduce((sum, one) => sum + one.length + 1, 1) <= 255);

export function wire(all: readonly (readonly number[])[]): Buffer {
	return Buffer.concat([...all.map((one) => Buffer.of(one.length, ...one)), Buffer.of(0)]);
}

export function lowered(bytes: Uint8Array): Buffer {
	return Buffer.from(bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));
}

export const word = fc.integer({ min: 0, max: 0xffff });

export function words(...values: readonly number[]): Buffer {
	const bytes = Buffer.alloc(values.length * 2);
	for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, i * 2);
	return bytes;
}

/** Anything at all, mostly of the length of a message. */
export const anyBytes = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));

/**
 * The bytes in the midst of others: what reads beyond its part comes to another result under another filling.
 */
export function embedded(
	bytes: Uint8Array,
	fill: number,
): { readonly memory: Buffer; readonly start: number } {
	return { memory: Buffer.concat([Buffer.alloc(17, fill), bytes, Buffer.alloc(300, fill)]), start: 17 };
}
