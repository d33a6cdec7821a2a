/** Domain names as the configuration writes them. */
import { domainToASCII } from "node:url";

const LABEL = /^[A-Za-z0-9_-]{1,63}$/;
/** IPv4 in any form that inet_aton reads (1.2.3.4, 127.1, 0x7f.1) ends in one; no top-level domain does. */
const NUMBER = /^(\d+|0x[0-9a-f]*)$/i;

/** The name in lower case and A-labels, without its trailing dot; undefined when it is none, or an IP address. */
export function canonicalName(text: string): string | undefined {
	const name = text.replace(/\.$/, "");
	// domainToASCII reads its argument as the host of a URL, and would drop a port or a path without a word.
	if (!/^[\w.\-\u0080-\uffff]+$/.test(name)) return undefined;
	const ascii = (/^[\w.-]+$/.test(name) ? name : domainToASCII(name)).toLowerCase();
	const labels = ascii.split(".");
	const isName =
		ascii.length <= 253 &&
		labels.every((label) => LABEL.test(label)) &&
		!NUMBER.test(labels[labels.length - 1]);
	return isName ? ascii : undefined;
}

/** Whether a list could hold it: `d` or `*.d`. Its final form, lower case and in A-labels, is made with the list. */
export function isNamePattern(text: string): boolean {
	return canonicalName(text.replace(/^\*\./, "")) !== undefined;
}
