/** Finds out what format a list has by looking at its beginning. */
import type { ListFormat } from "../../config/vocabulary.ts";
import { listedName } from "../../wire/domain.ts";
import { isHostsAddress } from "./hosts.ts";
import { looksLikeNetwork } from "./network.ts";
import { networkText } from "./networks.ts";

/** Lines with something in them that are enough to tell. */
export const ENOUGH_LINES = 200;

const WEB_PAGE = /^<(?:!doctype|!--|\?xml|html|head|body|title|meta|script|center|h1|div|p>)/i;
const ADBLOCK = /^@@|^\|\||#@?[?$%]?#[^#\s]|^\[Adblock/i;
const DNSMASQ = /^(?:address|server|local)=\//;
const UNBOUND = /^(?:local-(?:zone|data):\s*\S|server:$)/;
const RPZ =
	/^\$(?:TTL|ORIGIN)\s|^\S*\s+(?:\d\w*\s+)?(?:IN\s+)?(?:\d\w*\s+)?(?:CNAME|SOA|NS|A|AAAA|TXT|MX|PTR|SRV)\s+\S/i;

/** Whether the first line with something in it is a web page's: what a portal or a dead server sends for a list. */
export function looksLikeHtml(line: string): boolean {
	return WEB_PAGE.test(line.trimStart());
}

/** Whether a line says something about the format: blank lines and what all formats call a comment do not. */
export function isTelling(line: string): boolean {
	const text = line.trim();
	if (text === "" || text.startsWith("!") || text.startsWith(";") || text.startsWith("//")) return false;
	return !text.startsWith("#");
}

/**
 * The format that most of the lines are in; `domains` when none says anything. `networks` only when all of them are: other
 * lists hold addresses by mistake.
 */
export function detectFormat(lines: Iterable<string>): ListFormat | "html" {
	const scores: Record<ListFormat, number> = {
		rpz: 0,
		dnsmasq: 0,
		unbound: 0,
		adblock: 0,
		hosts: 0,
		domains: 0,
		networks: 0,
	};
	let telling = 0;
	let first = true;
	for (const line of lines) {
		if (first && line.trim() !== "") {
			if (looksLikeHtml(line)) return "html";
			first = false;
		}
		if (!isTelling(line)) continue;
		telling++;
		const format = formatOf(line);
		if (format !== undefined) scores[format]++;
	}
	if (telling > 0 && scores.networks === telling) return "networks";
	// Adblock lists may hold hosts lines and plain names too, and only its reader understands all three.
	if (scores.adblock > 0) {
		scores.adblock += scores.hosts + scores.domains;
	}
	let best: ListFormat = "domains";
	for (const format of ["rpz", "dnsmasq", "unbound", "adblock", "hosts"] as const) {
		if (scores[format] > scores[best]) best = format;
	}
	return best;
}

function formatOf(line: string): ListFormat | undefined {
	const text = line.trim();
	if (ADBLOCK.test(text)) return "adblock";
	if (DNSMASQ.test(text)) return "dnsmasq";
	if (UNBOUND.test(text)) return "unbound";
	if (looksLikeNetwork(networkText(text))) return "networks";
	const [word = "", next] = text.split(/\s+/, 2);
	if (isHostsAddress(word) && next !== undefined) return "hosts";
	// Not trimmed: a record's owner may be blank.
	if (RPZ.test(line)) return "rpz";
	return listedName(word.replace(/^\*?\./, "")) === undefined ? undefined : "domains";
}
