/** Names that mean something other than a place in the public DNS. */

/**
 * What they are for, by name; each stands for all below it too. `test` and `example` (RFC 6761) are not among them:
 * they lead nowhere, and serve to try a pool out.
 */
export const SPECIAL_USE: ReadonlyMap<string, string> = new Map([
	["localhost", "this machine itself (RFC 6761, section 6.3)"],
	["invalid", "names that must not exist (RFC 6761, section 6.4)"],
	["local", "multicast DNS on the local network (RFC 6762)"],
	["onion", "the Tor network (RFC 7686)"],
	["alt", "names outside the DNS (RFC 9476)"],
	["internal", "private networks (ICANN, 2024)"],
	["home.arpa", "home networks (RFC 8375)"],
	["arpa", "the infrastructure of the Internet itself (RFC 3172)"],
]);
