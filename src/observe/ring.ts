/**
 * A ring of records in shared memory: one thread writes, one reads, and neither waits for the other or makes a system
 * call. What does not fit any more is left out, for the writer to count.
 *
 *     header   RING_HEADER_BYTES; Int32 fields below
 *     data     records one behind the other, each on a whole multiple of 8 bytes:
 *                  length Int32, of what follows the prefix; FILLER: nothing more until the end of the ring
 *                  kind   Int32, one of KIND in record.ts
 *                  the record
 *
 * No record goes over the end of the ring: it begins at the front again instead. Positions count bytes for ever and wrap
 * at 32 bits; a place in the ring is their lower part. A record is there for the reader once the head has gone beyond it,
 * so that of a writer that dies within one nothing is seen, and its successor goes on at the head.
 */

const RING_HEADER_BYTES = 128;
/** Apart by more than a cache line: one is written by the writer, the other by the reader. */
const HEAD = 0;
const TAIL = 16;
/** Of a record: its length and its kind. */
const PREFIX_BYTES = 8;
const FILLER = -1;
const MOST_BYTES = 2 ** 30;

/** `bytes` of data: a power of two. */
export function createRing(bytes: number): SharedArrayBuffer {
	if (bytes < 64 || bytes > MOST_BYTES || (bytes & (bytes - 1)) !== 0)
		throw new RangeError(`a ring of ${bytes} bytes: must be a power of two from 64 to ${MOST_BYTES}`);
	return new SharedArrayBuffer(RING_HEADER_BYTES + bytes);
}

/** Bytes that a record of `length` takes in the ring. */
function stride(length: number): number {
	return (PREFIX_BYTES + length + 7) & ~7;
}

export class RingWriter {
	/** The data, in several views; a record is written at what `begin` returns. */
	readonly bytes: Uint8Array;
	readonly shorts: Uint16Array;
	readonly longs: Uint32Array;
	readonly doubles: Float64Array;
	readonly #header: Int32Array;
	readonly #prefixes: Int32Array;
	readonly #size: number;
	#head: number;
	/** The reader was this far when it was last looked at. */
	#tail: number;
	/** Where the record that was begun stands. */
	#at = 0;

	constructor(memory: SharedArrayBuffer) {
		this.#size = memory.byteLength - RING_HEADER_BYTES;
		this.bytes = new Uint8Array(memory, RING_HEADER_BYTES);
		this.shorts = new Uint16Array(memory, RING_HEADER_BYTES);
		this.longs = new Uint32Array(memory, RING_HEADER_BYTES);
		this.doubles = new Float64Array(memory, RING_HEADER_BYTES);
		this.#prefixes = new Int32Array(memory, RING_HEADER_BYTES);
		this.#header = new Int32Array(memory, 0, RING_HEADER_BYTES / 4);
		this.#head = Atomics.load(this.#header, HEAD);
		this.#tail = Atomics.load(this.#header, TAIL);
	}

	/**
	 * Room for a record of at most `most` bytes, in one piece.
	 *
	 * @returns where in `bytes` it is to be written, a multiple of 8; -1 when there is no room.
	 */
	begin(most: number): number {
		const size = this.#size;
		const need = stride(most);
		let at = this.#head & (size - 1);
		const atEnd = size - at;
		// The rest of the ring is left empty when the record does not fit into it.
		const wanted = need <= atEnd ? need : atEnd + need;
		if (size - ((this.#head - this.#tail) | 0) < wanted) {
			this.#tail = Atomics.load(this.#header, TAIL);
			if (size - ((this.#head - this.#tail) | 0) < wanted) return -1;
		}
		if (need > atEnd) {
			this.#prefixes[at >>> 2] = FILLER;
			this.#head = (this.#head + atEnd) | 0;
			at = 0;
		}
		this.#at = at;
		return at + PREFIX_BYTES;
	}

	/** The record that was begun is written, and `length` bytes long. */
	commit(kind: number, length: number): void {
		const word = this.#at >>> 2;
		this.#prefixes[word] = length;
		this.#prefixes[word + 1] = kind;
		this.#head = (this.#head + stride(length)) | 0;
		Atomics.store(this.#header, HEAD, this.#head);
	}
}

/** Reads one record: it lies from `at` to `end` in the reader's `bytes`, and is good during the call only. */
type ReadRecord = (kind: number, at: number, end: number) => void;

export class RingReader {
	readonly bytes: Uint8Array;
	readonly shorts: Uint16Array;
	readonly longs: Uint32Array;
	readonly doubles: Float64Array;
	readonly #header: Int32Array;
	readonly #prefixes: Int32Array;
	readonly #size: number;

	constructor(memory: SharedArrayBuffer) {
		this.#size = memory.byteLength - RING_HEADER_BYTES;
		this.bytes = new Uint8Array(memory, RING_HEADER_BYTES);
		this.shorts = new Uint16Array(memory, RING_HEADER_BYTES);
		this.longs = new Uint32Array(memory, RING_HEADER_BYTES);
		this.doubles = new Float64Array(memory, RING_HEADER_BYTES);
		this.#prefixes = new Int32Array(memory, RING_HEADER_BYTES);
		this.#header = new Int32Array(memory, 0, RING_HEADER_BYTES / 4);
	}

	/** Bytes that wait to be read. */
	get waiting(): number {
		return (Atomics.load(this.#header, HEAD) - Atomics.load(this.#header, TAIL)) | 0;
	}

	/**
	 * Hands out what has been written by now, no more than about `most` bytes of it; then their place is free, even that of
	 * a record that made `each` throw.
	 *
	 * @returns how many records.
	 */
	read(each: ReadRecord, most: number): number {
		const head = Atomics.load(this.#header, HEAD);
		const from = Atomics.load(this.#header, TAIL);
		let tail = from;
		let count = 0;
		try {
			while (tail !== head && ((tail - from) | 0) < most) {
				const at = tail & (this.#size - 1);
				const length = this.#prefixes[at >>> 2];
				const isFiller = length === FILLER;
				const taken = isFiller ? this.#size - at : stride(length);
				const isSound = isFiller || (length >= 0 && length <= this.#size);
				if (!isSound || taken > this.#size - at || taken > ((head - tail) | 0)) {
					// Nobody writes this. Should it be there all the same, nothing behind it can be told from anything else.
					tail = head;
					break;
				}
				tail = (tail + taken) | 0;
				if (isFiller) continue;
				count++;
				each(this.#prefixes[(at >>> 2) + 1], at + PREFIX_BYTES, at + PREFIX_BYTES + length);
			}
		} finally {
			Atomics.store(this.#header, TAIL, tail);
		}
		return count;
	}
}
