/** Unbound configuration: `local-zone: "d" TYPE` (unbound.conf(5)). */
import { domainName, listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { withoutComment } from "./comment.ts";
import type { Line, LineReader } from "./line.ts";
import { bad, blocked, NONE, refused, skipped } from "./outcome.ts";

/** Types under which a name of the zone gets no true answer, unless local-data gives one. */
const BLOCKING = new Set([
	"static",
	"deny",
	"refuse",
	"redirect",
	"inform_deny",
	"inform_redirect",
	"always_deny",
	"always_refuse",
	"always_nxdomain",
	"always_nodata",
	"always_null",
]);
/** Types under which the query goes on to be resolved. */
const PASSING = new Set([
	"transparent",
	"typetransparent",
	"always_transparent",
	"inform",
	"nodefault",
	"noview",
	"block_a",
	"block_aaaa",
	"ipset",
	"truncate",
]);

/** Redirect zones remembered to know their local-data by; they only decide what is counted as skipped. */
const MOST_REDIRECTS = 65_536;

export function unboundReader(): LineReader {
	const redirects = new Set<string>();
	return {
		read(line: string): Line {
			const text = withoutComment(line).trim();
			if (text === "") return NONE;
			const match = /^([a-z0-9-]+):\s*(.*)$/.exec(text);
			if (match === null)
				return bad('not a line of unbound.conf, such as local-zone: "example.org" always_nxdomain');
			const [, option = "", value = ""] = match;
			if (option === "server" && value === "") return NONE;
			if (option === "local-data") return readData(value, redirects);
			if (option === "local-zone") return readZone(value, redirects);
			return skipped(`the option ${excerpt(option, 40)} blocks nothing`);
		},
	};
}

function readZone(value: string, redirects: Set<string>): Line {
	const match = /^(?:"([^"]*)"|'([^']*)'|([^\s"']+))\s+["']?([a-z_]+)["']?$/i.exec(value);
	if (match === null)
		return bad('local-zone needs a name and a type: local-zone: "example.org" always_nxdomain');
	const text = match[1] ?? match[2] ?? match[3] ?? "";
	const type = (match[4] ?? "").toLowerCase();
	if (PASSING.has(type)) return skipped(`a local-zone of type ${type} blocks nothing`);
	if (!BLOCKING.has(type)) return bad(`"${excerpt(type, 40)}" is no type of a local-zone`);
	const name = listedName(text);
	if (name === undefined) return refused(text);
	if (type === "redirect" || type === "inform_redirect") {
		if (redirects.size >= MOST_REDIRECTS) redirects.clear();
		redirects.add(name);
	}
	return blocked(name, "subtree");
}

function readData(value: string, redirects: Set<string>): Line {
	const owner = domainName(/^["']?\s*([^\s"']+)/.exec(value)?.[1] ?? "");
	// A redirect zone's data stands at its top: it is the form of the answer, which is ours to choose.
	if (owner !== undefined && redirects.has(owner)) return NONE;
	return skipped("local-data outside of a redirect zone blocks nothing; a block is a local-zone");
}
