/** Frames that wait to be sent, in blocks that are used again: never more bytes of them than agreed. */

/** Larger than the largest frame, which holds one message of 64 KiB. */
const BLOCK_BYTES = 128 * 1024;

export interface Block {
	readonly bytes: Buffer;
	/** Of `bytes`. */
	used: number;
	frames: number;
}

export class Backlog {
	readonly #mostBlocks: number;
	readonly #spare: Block[] = [];
	readonly #waiting: Block[] = [];
	#blocks = 0;

	constructor(mostBytes: number) {
		this.#mostBlocks = Math.max(2, Math.floor(mostBytes / BLOCK_BYTES));
	}

	/** Takes the bytes between `start` and `end` as one frame, its length in front; false when there is no room for it. */
	push(bytes: Uint8Array, start: number, end: number): boolean {
		const block = this.#blockFor(4 + end - start);
		if (block === undefined) return false;
		block.bytes.writeUInt32BE(end - start, block.used);
		block.bytes.set(bytes.subarray(start, end), block.used + 4);
		block.used += 4 + end - start;
		block.frames++;
		return true;
	}

	/** The block that has waited longest; to be given back by `recycle`. */
	take(): Block | undefined {
		return this.#waiting.shift();
	}

	recycle(block: Block): void {
		block.used = 0;
		block.frames = 0;
		this.#spare.push(block);
	}

	get isEmpty(): boolean {
		return this.#waiting.length === 0;
	}

	/** @returns how many frames are forgotten. */
	clear(): number {
		let frames = 0;
		for (let block = this.take(); block !== undefined; block = this.take()) {
			frames += block.frames;
			this.recycle(block);
		}
		return frames;
	}

	#blockFor(size: number): Block | undefined {
		const last = this.#waiting[this.#waiting.length - 1];
		if (last !== undefined && last.used + size <= BLOCK_BYTES) return last;
		if (size > BLOCK_BYTES) return undefined;
		const block = this.#spare.pop() ?? this.#create();
		if (block !== undefined) this.#waiting.push(block);
		return block;
	}

	#create(): Block | undefined {
		if (this.#blocks === this.#mostBlocks) return undefined;
		this.#blocks++;
		return { bytes: Buffer.allocUnsafeSlow(BLOCK_BYTES), used: 0, frames: 0 };
	}
}
