/**
 * Looks at LMDB's file before LMDB does. What LMDB cannot open ends the whole process instead of failing, as does a page
 * that is missing from the end of the file when it is read.
 */
import {
	accessSync,
	closeSync,
	constants,
	existsSync,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	openSync,
	readSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";

const MAGIC = 0xbeefc0de;
const VERSION = 2;
const META_FLAG = 8;
/** Where these stand in each of the two pages that begin the file, on 64-bit machines (LMDB: MDB_page, MDB_meta). */
const AT = { flags: 18, magic: 24, version: 28, pageSize: 48, lastPage: 144, transaction: 152, end: 160 };

/** As much as LMDB writes when it makes its files. */
const PROBE = Buffer.alloc(64 * 1024);

interface Meta {
	readonly pageSize: number;
	readonly lastPage: number;
	readonly transaction: bigint;
}

/**
 * Whether the folder can be written to, and its files opened.
 *
 * @returns the length that data.mdb had when pages were missing at its end, which were added as empty ones: they may be
 * unused, which LMDB does not always write, or lost. Throws an Error that says what is wrong with the files.
 */
export function prepareForWriting(folder: string): number | undefined {
	const probe = join(folder, "write-test");
	try {
		writeFileSync(probe, PROBE, { mode: 0o600 });
	} finally {
		rmSync(probe, { force: true });
	}
	for (const name of ["data.mdb", "lock.mdb"]) {
		const file = join(folder, name);
		if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
	}
	const data = join(folder, "data.mdb");
	if (!existsSync(data)) return undefined;
	const fd = openSync(data, "r+");
	try {
		const missing = missingBytes(fd);
		if (missing === 0) return undefined;
		const { size } = fstatSync(fd);
		ftruncateSync(fd, size + missing);
		fsyncSync(fd);
		return size;
	} finally {
		closeSync(fd);
	}
}

/** Throws an Error that says what is wrong. */
export function prepareForReading(folder: string): void {
	const data = join(folder, "data.mdb");
	if (!existsSync(data)) throw new Error("there is none yet");
	accessSync(join(folder, "lock.mdb"), constants.R_OK | constants.W_OK);
	const fd = openSync(data, "r");
	try {
		missingBytes(fd);
	} finally {
		closeSync(fd);
	}
}

/** Of the pages that the newer of the two beginnings counts. */
function missingBytes(fd: number): number {
	const { size } = fstatSync(fd);
	// LMDB begins anew; and of the layout on other machines we know nothing.
	if (size === 0 || !/64|s390x/.test(process.arch)) return 0;
	const first = readMeta(fd, 0);
	const second = readMeta(fd, first.pageSize);
	const newer = first.transaction > second.transaction ? first : second;
	return Math.max(0, (newer.lastPage + 1) * newer.pageSize - size);
}

function readMeta(fd: number, offset: number): Meta {
	const bytes = Buffer.alloc(AT.end);
	const length = readSync(fd, bytes, 0, AT.end, offset);
	const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
	const uint16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
	const uint32 = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
	const uint64 = (at: number) => (little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
	const pageSize = uint32(AT.pageSize);
	const sound =
		(uint16(AT.flags) & META_FLAG) !== 0 &&
		uint32(AT.magic) === MAGIC &&
		pageSize >= 256 &&
		pageSize <= 65_536;
	if (length < AT.end || !sound) throw new Error("data.mdb is damaged, or no database of LMDB");
	const version = uint32(AT.version) & 0xffff;
	if (version !== VERSION)
		throw new Error(`data.mdb has version ${version} of LMDB's format, not ${VERSION}`);
	return { pageSize, lastPage: Number(uint64(AT.lastPage)), transaction: uint64(AT.transaction) };
}
