/** Name lookup that hands out public addresses only. */
import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

/** All addresses of a name are ones that a list may not lead to. */
export class ForbiddenAddressError extends Error {
	override readonly name = "ForbiddenAddressError";
	readonly address: string;

	constructor(address: string) {
		super(`${address} is not a public address`);
		this.address = address;
	}
}

/**
 * Wraps the lookup that the connection itself uses: the addresses checked are the ones connected to, so a name
 * that answers differently the second time (DNS rebinding) gains nothing.
 */
export function publicLookup(
	lookup: LookupFunction,
	isPrivate: (address: string) => boolean,
): LookupFunction {
	return (hostname, options, callback) => {
		lookup(hostname, { ...options, all: true }, (error, found, family) => {
			if (error !== null) return callback(error, []);
			const all: readonly LookupAddress[] =
				typeof found === "string" ? [{ address: found, family: family ?? 4 }] : found;
			const open = all.filter((each) => !isPrivate(each.address));
			const [first] = open;
			if (first === undefined) return callback(new ForbiddenAddressError(all[0]?.address ?? "none"), []);
			if (options.all) callback(null, open);
			else callback(null, first.address, first.family);
		});
	};
}
