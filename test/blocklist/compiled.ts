/** Blocklists made in one line, for tests. */
import { BlocklistBuilder } from "../../src/blocklist/builder.ts";
import { BlocklistIndex, type Entry } from "../../src/blocklist/index.ts";
import type { Rule } from "../../src/blocklist/rule.ts";
import { DomainName, hashSuffixes, nameFromText } from "../../src/wire/name.ts";

export const SEED = 0x5eed;

export interface TestList {
	readonly kind?: "block" | "allow";
	readonly isOwn?: boolean;
	readonly adblock?: boolean;
	/** A text such as `||a.test^`, `@@||a.test^$important`, `*.a.test`, `=a.test`, or a rule. */
	readonly rules: readonly (string | Rule)[];
	/** Its number, when it is not its place in the array. */
	readonly list?: number;
}

/** `||d^` and `@@||d^` with modifiers, `*.d` for what is below, `=d` for the name alone. */
export function rule(text: string): Rule {
	const [pattern = "", modifiers = ""] = text.split("$");
	const allow = pattern.startsWith("@@");
	const body = pattern.replace(/^@@/, "");
	const scope = body.startsWith("||") ? "subtree" : body.startsWith("*.") ? "below" : "exact";
	const words = modifiers.split(",");
	return {
		name: body.replace(/^(\|\||\*\.|=)/, "").replace(/\^$/, ""),
		scope,
		action: allow ? "allow" : "block",
		...(words.includes("important") ? { important: true as const } : {}),
		...(words.includes("badfilter") ? { cancels: true as const } : {}),
	};
}

export function filled(lists: readonly TestList[], seed = SEED, generation = 1): BlocklistBuilder {
	const builder = new BlocklistBuilder(seed, generation);
	for (const [i, { kind = "block", isOwn = false, adblock = false, rules, list = i }] of lists.entries()) {
		if (adblock) builder.markAdblock(list);
		for (const [line, each] of rules.entries())
			builder.add(typeof each === "string" ? rule(each) : each, { list, kind, isOwn }, line + 1);
	}
	return builder;
}

/** One behind the other, as the snapshot puts them on disk. */
export function joined(parts: readonly Uint8Array[]): SharedArrayBuffer {
	const memory = new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0));
	const bytes = new Uint8Array(memory);
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return memory;
}

export function indexOf(builder: BlocklistBuilder): BlocklistIndex {
	return new BlocklistIndex(joined(builder.finish()));
}

export function compiled(lists: readonly TestList[], seed = SEED): BlocklistIndex {
	return indexOf(filled(lists, seed));
}

/** A name as a query brings it, hashed. */
export function asked(name: string | Uint8Array, seed = SEED): DomainName {
	const wire = typeof name === "string" ? nameFromText(name) : name;
	if (wire === undefined) throw new Error(`${String(name)} is no name`);
	const domain = new DomainName();
	domain.assign(wire);
	hashSuffixes(domain, seed);
	return domain;
}

export function decisive(index: BlocklistIndex, name: string | Uint8Array): Entry | undefined {
	const entry = index.find(asked(name, index.seed));
	return entry === 0 ? undefined : index.entry(entry);
}

/** `block 1 a.test`: what decides, from which list, by which name; `-` when nothing does. */
export function verdict(index: BlocklistIndex, name: string | Uint8Array): string {
	const entry = decisive(index, name);
	return entry === undefined ? "-" : `${entry.action} ${entry.list} ${entry.name}`;
}
