/** Why a name, or an answer with an address, is blocked or not. */
import type { BlocklistIndex, Entry } from "../blocklist/index.ts";
import { RANK } from "../blocklist/layout.ts";
import type { BlockingSettings } from "../config/blocking-settings.ts";
import type { Settings } from "../config/settings.ts";
import { FIRST_CONFIGURED_LIST } from "../config/vocabulary.ts";
import type { ExplainedRule, Explanation, PoolExplanation, SpecialExplanation } from "../observe/status.ts";
import { domainFault, domainName } from "../wire/domain.ts";
import { excerpt } from "../wire/excerpt.ts";
import { DomainName, hashSuffixes, nameFromText } from "../wire/name.ts";
import { answerOf, explainNetwork } from "./explain-network.ts";
import { placeOf } from "./name-place.ts";

/** Throws an Error with a message for people when `text` is neither a name nor an address. */
export function explain(
	text: string,
	index: BlocklistIndex | undefined,
	blocking: BlockingSettings,
	pool?: (name: string) => PoolExplanation | undefined,
	settings?: Pick<Settings, "local" | "upstreams">,
): Explanation {
	const network = explainNetwork(text.trim(), index, blocking);
	if (network !== undefined) return network;
	const name = domainName(text.trim());
	const wire = name === undefined ? undefined : nameFromText(name);
	if (name === undefined || wire === undefined)
		throw new Error(`"${excerpt(text)}" is no domain name: ${domainFault(text.trim())}`);
	const domain = new DomainName();
	domain.assign(wire);
	if (index !== undefined) hashSuffixes(domain, index.seed);
	const entries = index?.findAll(domain) ?? [];
	const { special, zone } = settings === undefined ? {} : placeOf(name, settings);
	const decisive = special === undefined ? entries.at(0) : undefined;
	const blocked = decisive !== undefined && decisive.action !== "allow" && decisive.action !== "log-only";
	const opinion = pool?.(name);
	return {
		name,
		blocked,
		...(blocked ? { answer: answerOf(decisive.action, decisive.list, blocking) } : {}),
		rules: entries.map((entry, i) => ruleOf(entry, i === 0 && special === undefined, blocking)),
		advice: special === undefined ? advice(name, decisive, blocking) : specialAdvice(special),
		...(special === undefined ? {} : { special }),
		...(zone === undefined ? {} : { zone }),
		...(opinion === undefined ? {} : { pool: opinion }),
	};
}

function ruleOf(entry: Entry, decides: boolean, blocking: BlockingSettings): ExplainedRule {
	const important = entry.rank === RANK.IMPORTANT || entry.rank === RANK.IMPORTANT_EXCEPTION;
	return {
		list: isPool(entry) ? "pool" : (blocking.listNames[entry.list] ?? `list ${entry.list}`),
		line: entry.line,
		kind: entry.action === "allow" ? "allow" : "block",
		entry: entry.name,
		scope: entry.scope,
		action: entry.action,
		important,
		decides,
	};
}

function isPool(entry: Entry): boolean {
	return entry.list > 0 && entry.list < FIRST_CONFIGURED_LIST;
}

function specialAdvice({ name, switch: key, reference }: SpecialExplanation): string {
	const zone = key === "singleLabel" ? "" : `, or name servers for ${name} in upstreams.zones,`;
	return `it is never sent upstream (${reference}), and rules do not touch it; to change that, set local.${key} to false${zone} and reload`;
}

function advice(name: string, decisive: Entry | undefined, blocking: BlockingSettings): string {
	if (decisive === undefined)
		return `no rule speaks of it; to block it, add "${name}" to blocking.deny and reload`;
	const list = blocking.listNames[decisive.list] ?? "";
	if (decisive.action === "allow") {
		const where = decisive.list === 0 ? "blocking.allow" : `list ${list}`;
		return `it is allowed by ${where}; to block it, take "${decisive.name}" out of there`;
	}
	if (decisive.action === "log-only")
		return `the pool speaks of "${decisive.name}", but it is log-only here: pool.trust says so; it is counted, not blocked`;
	if (isPool(decisive))
		return `to un-block it here, add "${name}" to blocking.allow and reload; to have it corrected for everybody, dispute it: cordon pool dispute ${decisive.name} --reason "…"`;
	if (decisive.list === 0)
		return `to un-block it, take "${decisive.name}" out of blocking.deny, or add "${name}" to blocking.allow, and reload`;
	return `to un-block it here, add "${name}" to blocking.allow and reload; to have it corrected for everybody, tell whoever keeps list ${list}`;
}
