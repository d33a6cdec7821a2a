/** Networks as lists write them. */
import { type Prefix, parsePrefix, unmapped } from "../../config/address.ts";
import { excerpt } from "../../wire/excerpt.ts";

/** A list may not take more than this share of the Internet away: `0.0.0.0/0` in a list that was tampered with is all of it. */
const SHORTEST = { 4: 8, 6: 16 } as const;

/** An address or a prefix; IPv4 mapped into IPv6 is IPv4. Undefined: `networkFault` says why. */
export function listedNetwork(text: string): Prefix | undefined {
	const prefix = parsePrefix(text);
	return prefix === undefined || prefix.length < SHORTEST[prefix.family] ? undefined : unmapped(prefix);
}

/** Whether the text is meant as an address or a prefix, though it may be a faulty one: no name looks like that. */
export function looksLikeNetwork(text: string): boolean {
	return /^(?:[\d.]+|[\da-f.]*:[\da-f:.]*)(?:\/\d{1,3})?$/i.test(text);
}

/** Why `listedNetwork` refuses the text. */
export function networkFault(text: string): string {
	const shown = `"${excerpt(text, 80)}"`;
	const prefix = parsePrefix(text);
	if (prefix !== undefined)
		return `${shown} is too wide for a list: at least /${SHORTEST[prefix.family]}; blocking.denyNetworks may say more`;
	if (parsePrefix(text.split("/", 1)[0] ?? "") !== undefined)
		return `${shown} has bits set beyond its length, or a length that no address has: write 192.0.2.0/24`;
	return `${shown} is no IP address and no prefix such as 192.0.2.0/24`;
}

/**
 * The network of an RPZ trigger without its `rpz-ip`: `24.0.2.0.192`, `128.7.zz.db8.2001` (RPZ draft, section 4.1.1).
 *
 * @returns what is wrong with it, when it is none.
 */
export function triggerNetwork(trigger: string): Prefix | string {
	const shown = `"${excerpt(trigger, 80)}"`;
	const [length = "", ...reversed] = trigger.toLowerCase().split(".");
	const words = reversed.reverse();
	const isV6 = words.length !== 4 || words.includes("zz");
	const address = isV6 ? joined(words) : words.join(".");
	const network = address === undefined ? undefined : parsePrefix(`${address}/${length}`);
	if (network === undefined) {
		if (address !== undefined && parsePrefix(address) !== undefined)
			return `${shown} has bits set beyond its prefix length, or no such length`;
		return `${shown} is no address of rpz-ip: write 24.0.2.0.192.rpz-ip for 192.0.2.0/24, 128.7.zz.db8.2001.rpz-ip for 2001:db8::7`;
	}
	if (network.length < SHORTEST[network.family]) return networkFault(`${address}/${length}`);
	return unmapped(network);
}

function joined(words: readonly string[]): string | undefined {
	const gap = words.indexOf("zz");
	if (words.some((word, i) => (i === gap ? false : !/^[0-9a-f]{1,4}$/.test(word)))) return undefined;
	if (gap < 0) return words.join(":");
	return `${words.slice(0, gap).join(":")}::${words.slice(gap + 1).join(":")}`;
}
