/** What of a client's address is told. */
import type { QueryLogSettings } from "../config/log-settings.ts";
import { SIPHASH_BYTES, SipHash } from "../wire/siphash.ts";
import { putAddress } from "./address-text.ts";
import type { Line } from "./line.ts";

/** Bits of a prefix: a few hundred households, as a rule. */
const PREFIX_BITS = { 4: 24, 16: 56 } as const;

export class ClientText {
	readonly #privacy: QueryLogSettings["privacy"];
	readonly #hash: SipHash;
	readonly #scratch = new Uint8Array(16 + SIPHASH_BYTES);

	/** `secret`: of the keyed hash. */
	constructor(privacy: QueryLogSettings["privacy"], secret: Uint8Array) {
		this.#privacy = privacy;
		this.#hash = new SipHash(secret);
	}

	/** Whether anything of a client is told. */
	get isTold(): boolean {
		return this.#privacy !== "none";
	}

	/** Whether its port is told: beside anything less than the address it would only help to find out more. */
	get isPortTold(): boolean {
		return this.#privacy === "full";
	}

	/** `length`: 4 or 16. */
	put(line: Line, bytes: Uint8Array, at: number, length: number): void {
		if (this.#privacy === "full") {
			putAddress(line, bytes, at, length);
			return;
		}
		const scratch = this.#scratch;
		for (let i = 0; i < length; i++) scratch[i] = bytes[at + i];
		if (this.#privacy === "prefix") {
			const bits = PREFIX_BITS[length === 4 ? 4 : 16];
			scratch.fill(0, bits / 8, length);
			putAddress(line, scratch, 0, length);
			line.ascii("/");
			line.whole(bits);
		} else {
			this.#hash.digest(scratch, length, scratch, 16);
			for (let i = 16; i < 16 + SIPHASH_BYTES; i++) line.hex(scratch[i]);
		}
	}
}
