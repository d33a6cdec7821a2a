/** Headers of tar (POSIX.1-1988, ustar): plain files alone, since a backup has nothing else. */

export const BLOCK = 512;
/** Of the name in a header. */
export const MOST_NAME = 100;
/** Eleven octal digits. */
const MOST_BYTES = 8 ** 11 - 1;

export interface TarEntry {
	readonly path: string;
	readonly bytes: number;
}

function octal(value: number, digits: number): string {
	return `${value.toString(8).padStart(digits, "0")}\0`;
}

function checksum(header: Buffer): number {
	let sum = 0;
	for (let i = 0; i < BLOCK; i++) sum += i >= 148 && i < 156 ? 0x20 : header[i];
	return sum;
}

/** @param seconds since the epoch. Throws RangeError for what does not fit. */
export function formatHeader({ path, bytes }: TarEntry, seconds: number): Buffer {
	if (Buffer.byteLength(path) > MOST_NAME)
		throw new RangeError(`the name ${path} is too long for an archive`);
	if (bytes > MOST_BYTES) throw new RangeError(`${path} has more than 8 GiB, too many for an archive`);
	const header = Buffer.alloc(BLOCK);
	header.write(path, 0);
	header.write(octal(0o600, 7), 100);
	header.write(octal(0, 7), 108);
	header.write(octal(0, 7), 116);
	header.write(octal(bytes, 11), 124);
	header.write(octal(Math.floor(seconds), 11), 136);
	header.write("0", 156);
	header.write("ustar\x0000", 257, "latin1");
	header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148);
	return header;
}

/** Zeros that fill the last block of a file. */
export function padding(bytes: number): Buffer {
	return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

/** Two blocks of zeros end an archive. */
export const END = Buffer.alloc(2 * BLOCK);

function text(header: Buffer, at: number, length: number): string {
	const field = header.subarray(at, at + length);
	const end = field.indexOf(0);
	return field.toString("utf8", 0, end === -1 ? length : end);
}

function number(header: Buffer, at: number, length: number): number | undefined {
	const digits = text(header, at, length).trim();
	return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Undefined: the end. Throws an Error that says what is wrong, for what is no file of ours. */
export function parseHeader(header: Buffer): TarEntry | undefined {
	if (header.every((byte) => byte === 0)) return undefined;
	if (text(header, 257, 5) !== "ustar") throw new Error("it is no tar archive");
	if (number(header, 148, 8) !== checksum(header)) throw new Error("a header in it is damaged");
	const path = text(header, 345, 155) === "" ? text(header, 0, MOST_NAME) : `${text(header, 345, 155)}/…`;
	const type = String.fromCharCode(header[156]);
	if (type !== "0") {
		const kinds: Readonly<Record<string, string>> = {
			"1": "a link",
			"2": "a symbolic link",
			"5": "a folder",
		};
		throw new Error(`${path} in it is ${kinds[type] ?? "no plain file"}, which no backup has`);
	}
	const bytes = number(header, 124, 12);
	if (bytes === undefined) throw new Error(`the size of ${path} cannot be read`);
	return { path, bytes };
}
