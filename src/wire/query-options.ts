/** The options in the OPT record of a query (RFC 6891, section 6.1.2), found where they stand. */
import { OPTION } from "./codes.ts";
import { wordAt } from "./word.ts";

/** Options that a query may bring and that mean something to us, as bits of `sent`. */
export const SENT = { NSID: 1, SUBNET: 2, COOKIE: 4, KEEPALIVE: 8, PADDING: 16 } as const;

/** Where the options of a query stand. Of one that comes twice only the first counts (RFC 7873, section 5.2). */
export interface SentOptions {
	/** Bits of SENT; 0 for a query without any option that means something to us. */
	sent: number;
	/** Where the data of a cookie begins in the message, and its bytes; only when `sent` has SENT.COOKIE. */
	cookieAt: number;
	cookieLength: number;
	/** The same for a client's subnet (RFC 7871), with SENT.SUBNET. */
	subnetAt: number;
	subnetLength: number;
}

/**
 * Notes the options between `at` and `end`; what means nothing to us is passed over (RFC 6891, section 6.1.2).
 *
 * @param isStream whether the query came over a connection, where alone a keepalive means something.
 * @returns false when an option runs past the end, or has a form that its RFC forbids.
 */
export function readOptions(
	into: SentOptions,
	message: Uint8Array,
	at: number,
	end: number,
	isStream: boolean,
): boolean {
	while (at + 4 <= end) {
		const code = wordAt(message, at);
		const length = wordAt(message, at + 2);
		at += 4;
		if (at + length > end) return false;
		switch (code) {
			case OPTION.NSID:
				into.sent |= SENT.NSID;
				break;
			case OPTION.COOKIE:
				if ((into.sent & SENT.COOKIE) !== 0) break;
				into.sent |= SENT.COOKIE;
				into.cookieAt = at;
				into.cookieLength = length;
				break;
			case OPTION.SUBNET:
				if ((into.sent & SENT.SUBNET) !== 0) break;
				into.sent |= SENT.SUBNET;
				into.subnetAt = at;
				into.subnetLength = length;
				break;
			case OPTION.KEEPALIVE:
				// RFC 7828, section 3.2.1: over UDP it is ignored, whatever it says.
				if (!isStream) break;
				// Section 3.1: a client leaves the timeout out.
				if (length !== 0) return false;
				into.sent |= SENT.KEEPALIVE;
				break;
			case OPTION.PADDING:
				into.sent |= SENT.PADDING;
				break;
		}
		at += length;
	}
	return at === end;
}
