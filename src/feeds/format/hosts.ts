/** `/etc/hosts` lists: an address, then one or more names. */
import { isIP } from "node:net";
import type { Rule } from "../../blocklist/rule.ts";
import { listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import type { Line, LineReader } from "./line.ts";
import { bad, NONE, refused } from "./outcome.ts";

/** What every hosts file holds besides its entries. */
const FURNITURE = new Set([
	"0.0.0.0",
	"127.0.0.1",
	"::",
	"::1",
	"local",
	"localhost",
	"localhost4",
	"localhost6",
	"localhost.localdomain",
	"localhost4.localdomain4",
	"localhost6.localdomain6",
	"broadcasthost",
]);

/**
 * Every line blocks, whatever its address: a list may take names away from customers, never send them elsewhere.
 * One name that is none makes the whole line bad.
 */
export function hostsReader(match: "exact" | "subtree"): LineReader {
	let address = "";
	return {
		read(line: string): Line {
			const hash = line.indexOf("#");
			const end = hash < 0 ? line.length : hash;
			let start = wordStart(line, 0, end);
			if (start === end) return NONE;
			let stop = wordEnd(line, start, end);
			const first = line.slice(start, stop);
			// Nearly all lines of a list have the same address.
			if (first !== address) {
				if (!isHostsAddress(first)) {
					return bad(`"${excerpt(first, 80)}" is no IP address; a hosts line is an address and its names`);
				}
				address = first;
			}
			start = wordStart(line, stop, end);
			if (start === end) return bad("no name after the address");
			const rules: Rule[] = [];
			while (start < end) {
				stop = wordEnd(line, start, end);
				const word = line.slice(start, stop);
				const name = listedName(word);
				if (name === undefined) {
					if (!isFurniture(word.toLowerCase())) return refused(word);
				} else if (name.charCodeAt(0) !== 0x6c || !isFurniture(name)) {
					rules.push({ name, scope: match, action: "block" });
				}
				start = wordStart(line, stop, end);
			}
			return rules.length === 0 ? NONE : { kind: "rules", rules };
		},
	};
}

function isFurniture(name: string): boolean {
	return FURNITURE.has(name) || /^ip6-[a-z]+$/.test(name);
}

/** inet_aton's short forms too: some lists write `0 name`. */
export function isHostsAddress(word: string): boolean {
	return isIP(word) !== 0 || /^\d+(\.\d+){0,3}$/.test(word);
}

function isSpace(code: number): boolean {
	return code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c || code === 0xa0 || code === 0xfeff;
}

function wordStart(line: string, from: number, end: number): number {
	let i = from;
	while (i < end && isSpace(line.charCodeAt(i))) i++;
	return i;
}

function wordEnd(line: string, from: number, end: number): number {
	let i = from;
	while (i < end && !isSpace(line.charCodeAt(i))) i++;
	return i;
}
