/** Memory that grows without being copied, for what is collected before its size is known. */

const CHUNK_BYTES = 1 << 20;

/** Byte strings of at most 256 bytes, one behind the other; none lies across two chunks. */
export class NameChunks {
	readonly #chunks: Uint8Array[] = [];
	#used = CHUNK_BYTES;

	/** Takes the first `length` bytes of `name` and tells where they begin. */
	add(name: Uint8Array, length: number): number {
		if (this.#used + length > CHUNK_BYTES) {
			this.#chunks.push(new Uint8Array(CHUNK_BYTES));
			this.#used = 0;
		}
		const chunk = this.#chunks.length - 1;
		const bytes = this.#chunks[chunk];
		for (let i = 0; i < length; i++) bytes[this.#used + i] = name[i];
		const at = chunk * CHUNK_BYTES + this.#used;
		this.#used += length;
		return at;
	}

	/** Whether the first `length` bytes of `name` are those at `at`. */
	isAt(at: number, name: Uint8Array, length: number): boolean {
		const bytes = this.#chunks[Math.floor(at / CHUNK_BYTES)];
		const from = at % CHUNK_BYTES;
		for (let i = 0; i < length; i++) if (bytes[from + i] !== name[i]) return false;
		return true;
	}

	get bytes(): number {
		return this.#chunks.length === 0 ? 0 : (this.#chunks.length - 1) * CHUNK_BYTES + this.#used;
	}

	*parts(): Generator<Uint8Array> {
		for (let i = 0; i < this.#chunks.length; i++) {
			const last = i === this.#chunks.length - 1;
			yield this.#chunks[i].subarray(0, last ? this.#used : CHUNK_BYTES);
		}
	}
}

/** Rows of Uint32, addressed by number. */
export class RowChunks {
	readonly #words: number;
	readonly #rowsPerChunk: number;
	readonly #chunks: Uint32Array[] = [];
	#count = 0;

	constructor(words: number) {
		this.#words = words;
		this.#rowsPerChunk = CHUNK_BYTES / 4 / words;
	}

	get count(): number {
		return this.#count;
	}

	/** Adds a row of zeros and tells its number. */
	add(): number {
		if (this.#count % this.#rowsPerChunk === 0) {
			this.#chunks.push(new Uint32Array(this.#rowsPerChunk * this.#words));
		}
		return this.#count++;
	}

	get(row: number, word: number): number {
		return this.#chunks[Math.floor(row / this.#rowsPerChunk)][
			(row % this.#rowsPerChunk) * this.#words + word
		];
	}

	set(row: number, word: number, value: number): void {
		this.#chunks[Math.floor(row / this.#rowsPerChunk)][(row % this.#rowsPerChunk) * this.#words + word] =
			value;
	}

	*parts(): Generator<Uint32Array> {
		let left = this.#count;
		for (const chunk of this.#chunks) {
			const rows = Math.min(left, this.#rowsPerChunk);
			yield chunk.subarray(0, rows * this.#words);
			left -= rows;
		}
	}
}
