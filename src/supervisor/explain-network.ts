/** What the lists say of an address, or of a whole network, in answers. */
import type { BlocklistIndex } from "../blocklist/index.ts";
import { ENTRY_ACTIONS, type EntryAction } from "../blocklist/layout.ts";
import type { NetworkIndex } from "../blocklist/networks.ts";
import { formatPrefix, parsePrefix, unmapped } from "../config/address.ts";
import type { BlockedAnswer, BlockingSettings } from "../config/blocking-settings.ts";
import type { ExplainedRule, Explanation } from "../observe/status.ts";

/** Undefined when `text` is neither an address nor a prefix. */
export function explainNetwork(
	text: string,
	index: BlocklistIndex | undefined,
	blocking: BlockingSettings,
): Explanation | undefined {
	const given = parsePrefix(text);
	if (given === undefined) return undefined;
	const network = unmapped(given);
	const networks = index?.networks;
	const entries = networks?.findAll(network) ?? [];
	const rules =
		networks === undefined ? [] : entries.map((entry, i) => ruleOf(networks, entry, i === 0, blocking));
	const decisive = rules.at(0);
	const blocked = decisive?.kind === "block";
	const name = formatPrefix(network);
	return {
		name,
		blocked,
		...(blocked && networks !== undefined
			? { answer: answerOf(actionOf(networks, entries[0]), networks.list(entries[0]), blocking) }
			: {}),
		rules,
		advice: advice(name, decisive, blocking.listNames[0] ?? ""),
	};
}

function ruleOf(
	networks: NetworkIndex,
	entry: number,
	decides: boolean,
	blocking: BlockingSettings,
): ExplainedRule {
	const action = actionOf(networks, entry);
	const list = networks.list(entry);
	return {
		list: blocking.listNames[list] ?? `list ${list}`,
		line: networks.line(entry),
		kind: action === "allow" ? "allow" : "block",
		entry: formatPrefix(networks.prefix(entry)),
		scope: "network",
		action,
		important: false,
		decides,
	};
}

function actionOf(networks: NetworkIndex, entry: number): EntryAction {
	return ENTRY_ACTIONS[networks.action(entry)] ?? "block";
}

/** What the client gets, by what the rule asks for and what the configuration makes of it. */
export function answerOf(action: EntryAction, list: number, blocking: BlockingSettings): string {
	if (action !== "block" && !blocking.listAnswerOverrides[list]) return action;
	const answer: BlockedAnswer = blocking.listAnswers[list] ?? blocking.answer;
	return answer.kind;
}

function advice(name: string, decisive: ExplainedRule | undefined, own: string): string {
	if (decisive === undefined)
		return `no list speaks of it; to block answers that hold it, add "${name}" to blocking.denyNetworks and reload`;
	const { entry, list, kind } = decisive;
	if (kind === "allow")
		return `answers that hold it are allowed by list ${list}; to block them, take "${entry}" out of there`;
	if (list === own)
		return `to un-block answers that hold it, take "${entry}" out of blocking.denyNetworks and reload`;
	return `to un-block one name that leads to it, add that name to blocking.allow and reload; to have it corrected for everybody, tell whoever keeps list ${list}`;
}
