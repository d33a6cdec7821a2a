/** Plain lists: one name a line, `*.d` for all below it, `.d` for the name and all below it. */
import { listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { withoutComment } from "./comment.ts";
import { isHostsAddress } from "./hosts.ts";
import type { Line, LineReader } from "./line.ts";
import { bad, blocked, NONE, refused } from "./outcome.ts";

/** `match`: what a name without `*` or dot in front means. */
export function domainsReader(match: "exact" | "subtree"): LineReader {
	return {
		read(line: string): Line {
			const name = listedName(line);
			return name === undefined ? readOther(line.trim(), match) : blocked(name, match);
		},
	};
}

function readOther(line: string, match: "exact" | "subtree"): Line {
	if (line === "" || /^[#!;]|^\/\//.test(line)) return NONE;
	// Only after a space: in `name##.advert` the # begins a cosmetic rule, and `name` is innocent.
	const text = withoutComment(line);
	if (/\s/.test(text)) {
		const first = text.split(/\s/, 1)[0] ?? "";
		if (isHostsAddress(first))
			return bad("an address before the name: this is a hosts line; set format: hosts");
		return bad("more than one word; a plain list has one name a line");
	}
	if (text.includes("://"))
		return bad(`"${excerpt(text, 80)}" is a URL; a list of names blocks whole hosts only`);
	if (text.startsWith("*.")) return withScope(text.slice(2), "below");
	// `*` alone, `.` alone: the root; `refused` says so.
	if (text === "*") return refused(".");
	if (text.startsWith(".") && text !== ".") return withScope(text.slice(1), "subtree");
	if (text.includes("*"))
		return bad(`"${excerpt(text, 80)}": a wildcard stands in front only, as in *.example.org`);
	return withScope(text, match);
}

function withScope(text: string, scope: "exact" | "subtree" | "below"): Line {
	const name = listedName(text);
	return name === undefined ? refused(text === "" ? "." : text) : blocked(name, scope);
}
