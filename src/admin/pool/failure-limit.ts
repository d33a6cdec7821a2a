/** Counts wrong tokens by address, for a while each. */
import { isIPv6 } from "node:net";

interface Window {
	readonly endsAt: number;
	failures: number;
}

/** An IPv6 client has a whole /64 to itself (RFC 4291, section 2.5.4). */
function neighbourhood(address: string): string {
	if (!isIPv6(address)) return address;
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
	if (mapped !== null) return mapped[1];
	const [head, tail] = address.split("::");
	const groups = head === "" ? [] : head.split(":");
	const rest = tail === undefined || tail === "" ? [] : tail.split(":");
	while (tail !== undefined && groups.length + rest.length < 8) groups.push("0");
	return [...groups, ...rest].slice(0, 4).join(":");
}

export class FailureLimit {
	/** Addresses remembered at once; the one whose window is oldest makes room. */
	static readonly maxAddresses = 10_000;
	readonly #limit: number;
	readonly #windowMs: number;
	readonly #windows = new Map<string, Window>();

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs;
	}

	/** Counts one. @returns milliseconds until it may be tried again; 0 while there were few. */
	fail(address: string, now: number): number {
		const key = neighbourhood(address);
		const known = this.#windows.get(key);
		if (known !== undefined && known.endsAt > now) {
			known.failures++;
			return known.failures > this.#limit ? known.endsAt - now : 0;
		}
		this.#windows.delete(key);
		if (this.#windows.size >= FailureLimit.maxAddresses) {
			for (const oldest of this.#windows.keys()) {
				this.#windows.delete(oldest);
				break;
			}
		}
		this.#windows.set(key, { endsAt: now + this.#windowMs, failures: 1 });
		return 0;
	}
}
