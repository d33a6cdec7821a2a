/** Names from outside, brought into the one form the index knows, or refused with a reason. */
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { excerpt } from "./excerpt.ts";

/** RFC 1035, section 2.3.4: 255 bytes on the wire are 253 characters of text. */
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

const DOT = 0x2e;
const REFUSED = 0;
const PLAIN = 1;
const DIGIT = 2;
const UPPER = 3;
const SEPARATOR = 4;

const KINDS = new Uint8Array(128);
for (const char of "abcdefghijklmnopqrstuvwxyz-_") KINDS[char.charCodeAt(0)] = PLAIN;
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") KINDS[char.charCodeAt(0)] = UPPER;
for (const char of "0123456789") KINDS[char.charCodeAt(0)] = DIGIT;
KINDS[DOT] = SEPARATOR;

/**
 * The name in lower case, as A-labels, without its trailing dot; undefined when it is none: `domainFault` says
 * why. Underscores are names' good right (RFC 2181, section 11). Never the root, never an IP address.
 */
export function domainName(text: string): string | undefined {
	let end = text.length;
	if (end > 0 && text.charCodeAt(end - 1) === DOT) end--;
	if (end === 0 || end > LONGEST_NAME) return undefined;
	let upper = false;
	let numeric = true;
	let start = 0;
	for (let i = 0; i < end; i++) {
		const code = text.charCodeAt(i);
		if (code > 127) return fromUnicode(text.slice(0, end));
		const kind = KINDS[code];
		if (kind === PLAIN) numeric = false;
		else if (kind === SEPARATOR) {
			const length = i - start;
			if (length === 0 || length > LONGEST_LABEL) return undefined;
			start = i + 1;
			numeric = true;
		} else if (kind === UPPER) {
			upper = true;
			numeric = false;
		} else if (kind === REFUSED) return undefined;
	}
	const last = end - start;
	if (last === 0 || last > LONGEST_LABEL || numeric) return undefined;
	if (text.charCodeAt(start) === 0x30 && isHexNumber(text.slice(start, end))) return undefined;
	const name = end === text.length ? text : text.slice(0, end);
	return upper ? name.toLowerCase() : name;
}

/** What a list may speak of: a name of two labels or more. `listedFault` says why a text is none. */
export function listedName(text: string): string | undefined {
	const name = domainName(text);
	return name?.includes(".") === true ? name : undefined;
}

/** Why `domainName` refuses the text, in one sentence; undefined when it does not. */
export function domainFault(text: string): string | undefined {
	if (domainName(text) !== undefined) return undefined;
	const shown = `"${excerpt(text, 80)}"`;
	if (text === "") return "the name is empty";
	if (text === ".") return "the root would stand for every name there is";
	if (isAddress(text)) return `${shown} is an IP address, not a name`;
	let ascii = text.endsWith(".") ? text.slice(0, -1) : text;
	for (const char of ascii) {
		const code = char.codePointAt(0) ?? 0;
		if (code <= 127 && KINDS[code] === REFUSED)
			return `${shown} is no name: "${excerpt(char)}" cannot stand in one`;
	}
	if (hasUnicode(ascii) && ascii.length <= LONGEST_NAME) {
		ascii = domainToASCII(ascii);
		if (ascii === "") return `${shown} is no valid internationalised name (UTS 46)`;
	}
	if (isAddress(ascii)) return `${shown} is an IP address, not a name`;
	if (ascii.length > LONGEST_NAME) return `${shown} is longer than ${LONGEST_NAME} characters`;
	for (const label of ascii.split(".")) {
		if (label.length > LONGEST_LABEL) return `${shown} has a label longer than ${LONGEST_LABEL} characters`;
	}
	return `${shown} has an empty label: two dots in a row, or one in front`;
}

/** Why `listedName` refuses the text; undefined when it does not. */
export function listedFault(text: string): string | undefined {
	const fault = domainFault(text);
	if (fault !== undefined || listedName(text) !== undefined) return fault;
	return `"${excerpt(text, 80)}" is a single label: it would stand for a whole top-level domain`;
}

/**
 * Whether a reader of addresses would take the text for one: IPv6, or IPv4 in any form that inet_aton takes
 * (127.1, 0x7f.1), which is known by its numeric last label. No top-level domain is numeric.
 */
export function isAddress(text: string): boolean {
	if (isIP(text) !== 0) return true;
	const host = text.endsWith(".") ? text.slice(0, -1) : text;
	if (!/^[0-9a-z._-]+$/i.test(host)) return false;
	const last = host.slice(host.lastIndexOf(".") + 1);
	return /^\d+$/.test(last) || isHexNumber(last);
}

function isHexNumber(label: string): boolean {
	return /^0x[0-9a-f]*$/i.test(label);
}

function hasUnicode(text: string): boolean {
	for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return true;
	return false;
}

function fromUnicode(text: string): string | undefined {
	// domainToASCII reads the text as the host of a URL: it would quietly drop a path, a port or a user name.
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code <= 127 && KINDS[code] === REFUSED) return undefined;
	}
	const ascii = domainToASCII(text);
	return ascii === "" || hasUnicode(ascii) ? undefined : domainName(ascii);
}
