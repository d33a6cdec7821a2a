import { isIP } from "node:net";

/**
 * Whether a request may name us so in its Host header. A page of a stranger can let its own name point to this
 * machine (DNS rebinding) and then read our answers as its own; it cannot make a browser send an IP address or
 * localhost. A request without the header comes from no browser.
 */
export function isOurHost(header: string | undefined, allowed: ReadonlySet<string>): boolean {
	if (header === undefined) return true;
	const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(header);
	if (match === null) return false;
	if (match[1] !== undefined) return isIP(match[1]) === 6;
	const name = normalHost(match[2]);
	return name === "localhost" || isIP(name) === 4 || allowed.has(name);
}

/** Lower case and without the dot of the root. */
export function normalHost(name: string): string {
	return name.toLowerCase().replace(/\.$/, "");
}
