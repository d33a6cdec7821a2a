/** Records in brief, so that millions can be compared without keeping them. */
import { hash } from "node:crypto";
import type { PoolRecord } from "../record.ts";

const UINT32 = 2 ** 32;

/** Independent of the order in which records come: 64 bits of each one's SHA-256, summed up. */
export class Checksum {
	#high = 0;
	#low = 0;

	add({ key, value }: PoolRecord): void {
		const digest = hash("sha256", `${key}\n${value}`, "buffer");
		const low = this.#low + digest.readUInt32BE(4);
		this.#low = low % UINT32;
		this.#high = (this.#high + digest.readUInt32BE(0) + (low >= UINT32 ? 1 : 0)) % UINT32;
	}

	/** 16 hexadecimal digits. */
	toString(): string {
		return [this.#high, this.#low].map((half) => half.toString(16).padStart(8, "0")).join("");
	}
}

/** Which keys there are, in 8 bytes each: 53 bits of their SHA-256, so that one in a million millions is mistaken. */
export class KeySet {
	#hashes = new Float64Array(1024);
	#count = 0;
	#sealed = false;

	add(key: string): void {
		if (this.#count === this.#hashes.length) {
			const larger = new Float64Array(2 * this.#count);
			larger.set(this.#hashes);
			this.#hashes = larger;
		}
		this.#hashes[this.#count++] = keyHash(key);
		this.#sealed = false;
	}

	/** How many different keys. */
	get size(): number {
		this.#seal();
		return this.#count;
	}

	has(key: string): boolean {
		this.#seal();
		const wanted = keyHash(key);
		let [from, to] = [0, this.#count];
		while (from < to) {
			const middle = (from + to) >>> 1;
			if (this.#hashes[middle] < wanted) from = middle + 1;
			else to = middle;
		}
		return from < this.#count && this.#hashes[from] === wanted;
	}

	/** A store may show a key twice while it is scanned. */
	#seal(): void {
		if (this.#sealed) return;
		const sorted = this.#hashes.subarray(0, this.#count).sort();
		let kept = 0;
		for (let i = 0; i < sorted.length; i++) {
			if (kept === 0 || sorted[i] !== sorted[kept - 1]) sorted[kept++] = sorted[i];
		}
		this.#count = kept;
		this.#sealed = true;
	}
}

function keyHash(key: string): number {
	const digest = hash("sha256", key, "buffer");
	return (digest.readUInt32BE(0) >>> 11) * UINT32 + digest.readUInt32BE(4);
}
