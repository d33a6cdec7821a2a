/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of 64 bits that cannot be guessed without the key. The
 * words of 64 bits are kept as halves of 32, the lower one first, so that nothing is allocated.
 */

export const SIPHASH_KEY_BYTES = 16;
export const SIPHASH_BYTES = 8;

const COMPRESSIONS = 2;
const FINALIZATIONS = 4;
/** "somepseudorandomlygeneratedbytes", as halves. */
const START = Int32Array.of(
	0x70736575,
	0x736f6d65,
	0x6e646f6d,
	0x646f7261,
	0x6e657261,
	0x6c796765,
	0x79746573,
	0x74656462,
);

export class SipHash {
	/** The state before the first word. */
	readonly #keyed = new Int32Array(8);
	readonly #state = new Int32Array(8);

	/** `key`: SIPHASH_KEY_BYTES of them; it is not kept. */
	constructor(key: Uint8Array) {
		for (let half = 0; half < 8; half++) this.#keyed[half] = START[half] ^ halfAt(key, (half & 3) * 4);
	}

	/** Writes the hash of the first `length` bytes of `message` to `out`, SIPHASH_BYTES from `at` on. */
	digest(message: Uint8Array, length: number, out: Uint8Array, at: number): void {
		const state = this.#state;
		state.set(this.#keyed);
		const whole = length & ~7;
		for (let i = 0; i < whole; i += 8) this.#take(halfAt(message, i), halfAt(message, i + 4));
		// The last word: what is left over, and the length as its highest byte.
		let low = 0;
		let high = length << 24;
		for (let i = whole; i < length; i++) {
			if (i - whole < 4) low |= message[i] << ((i - whole) * 8);
			else high |= message[i] << ((i - whole - 4) * 8);
		}
		this.#take(low, high);
		state[4] ^= 0xff;
		for (let i = 0; i < FINALIZATIONS; i++) mix(state);
		putHalf(out, at, state[0] ^ state[2] ^ state[4] ^ state[6]);
		putHalf(out, at + 4, state[1] ^ state[3] ^ state[5] ^ state[7]);
	}

	#take(low: number, high: number): void {
		const state = this.#state;
		state[6] ^= low;
		state[7] ^= high;
		for (let i = 0; i < COMPRESSIONS; i++) mix(state);
		state[0] ^= low;
		state[1] ^= high;
	}
}

function halfAt(bytes: Uint8Array, at: number): number {
	return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function putHalf(bytes: Uint8Array, at: number, value: number): void {
	for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (i * 8);
}

/** 1 when the sum `low`, of halves of which `part` is one, went beyond 32 bits. */
function carry(low: number, part: number): number {
	return low >>> 0 < part >>> 0 ? 1 : 0;
}

/** One SipRound. A rotation to the left by more than 32 bits swaps the halves. */
function mix(state: Int32Array): void {
	let a = state[0];
	let a1 = state[1];
	let b = state[2];
	let b1 = state[3];
	let c = state[4];
	let c1 = state[5];
	let d = state[6];
	let d1 = state[7];
	let low = 0;

	a = (a + b) | 0;
	a1 = (a1 + b1 + carry(a, b)) | 0;
	low = ((b << 13) | (b1 >>> 19)) ^ a;
	b1 = ((b1 << 13) | (b >>> 19)) ^ a1;
	b = low;
	low = a1;
	a1 = a;
	a = low;

	c = (c + d) | 0;
	c1 = (c1 + d1 + carry(c, d)) | 0;
	low = ((d << 16) | (d1 >>> 16)) ^ c;
	d1 = ((d1 << 16) | (d >>> 16)) ^ c1;
	d = low;

	a = (a + d) | 0;
	a1 = (a1 + d1 + carry(a, d)) | 0;
	low = ((d << 21) | (d1 >>> 11)) ^ a;
	d1 = ((d1 << 21) | (d >>> 11)) ^ a1;
	d = low;

	c = (c + b) | 0;
	c1 = (c1 + b1 + carry(c, b)) | 0;
	low = ((b << 17) | (b1 >>> 15)) ^ c;
	b1 = ((b1 << 17) | (b >>> 15)) ^ c1;
	b = low;

	state[0] = a;
	state[1] = a1;
	state[2] = b;
	state[3] = b1;
	state[4] = c1;
	state[5] = c;
	state[6] = d;
	state[7] = d1;
}
