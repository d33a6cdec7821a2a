/** Adblock lists, as far as their rules speak of whole hosts (AdGuard's DNS filtering syntax). */
import type { Rule, Scope } from "../../blocklist/rule.ts";
import { isAddress, listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { withoutComment } from "./comment.ts";
import { domainsReader } from "./domains.ts";
import { hostsReader, isHostsAddress } from "./hosts.ts";
import type { Line, LineReader } from "./line.ts";
import { bad, blocked, NONE, refused, skipped } from "./outcome.ts";

/** On a block of a whole host these only name what is blocked with it; they narrow nothing. */
const HARMLESS = new Set(["all", "document", "doc", "popup"]);
/** AdGuard gives these a meaning in DNS that our index has no place for. */
const UNSUPPORTED = new Set(["dnstype", "dnsrewrite", "client", "ctag", "denyallow"]);

const COSMETIC = /#@?(?:\?|\$|%|\$\?)?#/;

/** `match`: what plain names and hosts lines mean, which adblock lists may hold as well. */
export function adblockReader(match: "exact" | "subtree"): LineReader {
	const plain = { hosts: hostsReader(match), domains: domainsReader(match) };
	return {
		read(line: string): Line {
			if (line.startsWith("||") && line.endsWith("^")) {
				const name = listedName(line.slice(2, -1));
				if (name !== undefined) return blocked(name, "subtree");
			}
			return readOther(line.trim(), plain);
		},
	};
}

interface PlainReaders {
	readonly hosts: LineReader;
	readonly domains: LineReader;
}

function readOther(line: string, plain: PlainReaders): Line {
	if (line === "" || line.startsWith("!")) return NONE;
	if (line.startsWith("[")) return /^\[[^$].*\]$/.test(line) ? NONE : skipped("a cosmetic or browser rule");
	if (line.startsWith("#"))
		return /^#@?(?:\?|\$|%|\$\?)?#[^#\s]/.test(line) ? skipped("a cosmetic rule") : NONE;
	// A comment behind a rule stands after a space; a cosmetic rule's # never does.
	const rule = withoutComment(line);
	if (COSMETIC.test(rule)) return skipped("a cosmetic rule");
	if (rule.includes("$$") || rule.includes("$@$")) return skipped("an HTML filtering rule");
	const allow = rule.startsWith("@@");
	const body = allow ? rule.slice(2) : rule;
	if (/^\/.*\/(?:\$.*)?$/.test(body)) return skipped("a regular expression");
	const dollar = body.indexOf("$");
	const pattern = dollar < 0 ? body : body.slice(0, dollar);
	const modifiers = dollar < 0 ? undefined : readModifiers(body.slice(dollar + 1), allow);
	if (modifiers !== undefined && "kind" in modifiers) return modifiers;
	if (pattern.startsWith("||")) return readHost(pattern.slice(2), allow, modifiers ?? {});
	if (pattern.startsWith("|")) return skipped("a rule for the beginning of an address, not for a host");
	if (allow || dollar >= 0) return skipped("matches part of an address; write ||example.org^ for a host");
	return readPlain(pattern, plain);
}

type Modifiers = Pick<Rule, "important" | "cancels">;

function readModifiers(text: string, allow: boolean): Modifiers | Line {
	let modifiers: Modifiers = {};
	for (const modifier of text.split(",")) {
		const name = (modifier.split("=", 1)[0] ?? "").trim().toLowerCase();
		if (name === "") return bad("an empty modifier after $");
		if (name === "important") modifiers = { ...modifiers, important: true };
		else if (name === "badfilter") modifiers = { ...modifiers, cancels: true };
		// On an allow they mean "filter nothing on this page", which is not about the host's own name.
		else if (allow || !HARMLESS.has(name)) {
			const why = UNSUPPORTED.has(name.replace("~", ""))
				? "is not supported"
				: "has no meaning for a whole host";
			return skipped(`the modifier $${excerpt(name, 40)} ${why}`);
		}
	}
	return modifiers;
}

function readHost(text: string, allow: boolean, modifiers: Modifiers): Line {
	const caret = text.indexOf("^");
	const rest = caret < 0 ? "" : text.slice(caret + 1);
	let host = caret < 0 ? text : text.slice(0, caret);
	if (/[/?]/.test(host) || (rest !== "" && rest !== "|"))
		return skipped("a rule for part of a site: it has a path");
	if (isAddress(host.replace(/^\[(.*)\]$/, "$1"))) return skipped("an IP address, not a name");
	if (/:\d*$/.test(host)) return skipped("a rule for one port of a host");
	if (host === "*" || host === "") return refused(".");
	// Without ^ the pattern ends anywhere: `||ads.` means every name that begins so.
	if (caret < 0 && host.endsWith(".")) return skipped("matches names by how they begin");
	let scope: Scope = "subtree";
	if (host.startsWith("*.")) {
		host = host.slice(2);
		scope = "below";
	}
	if (host.includes("*")) return skipped("a wildcard within a name");
	const name = listedName(host);
	if (name === undefined) return refused(host);
	return { kind: "rules", rules: [{ name, scope, action: allow ? "allow" : "block", ...modifiers }] };
}

function readPlain(text: string, plain: PlainReaders): Line {
	const space = text.search(/\s/);
	if (space >= 0 && isHostsAddress(text.slice(0, space))) return plain.hosts.read(text);
	if (space < 0 && !isName(text))
		return skipped("matches part of an address; write ||example.org^ for a host");
	return plain.domains.read(text);
}

/** A pattern such as `-banner-` or `/ads/` finds parts of addresses, which DNS never sees. */
function isName(text: string): boolean {
	const host = text.replace(/^\*?\./, "");
	return /^[\p{L}\p{M}\p{N}._:-]+$/u.test(host) && !/^[-_.]|[-_.]$/.test(host);
}
