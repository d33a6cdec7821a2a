/** What a scenario is played in: configuration, lists and upstreams, which all stand before its first step. */
import { type Block, bodyOf, ScriptError } from "./script.ts";

export interface Setting {
	readonly config: readonly Block[];
	readonly lists: readonly Block[];
	readonly upstreams: readonly Block[];
}

export interface Scene {
	readonly setting: Setting;
	readonly steps: readonly Block[];
}

/** A bare `upstream` is one; with words behind it, it is a step. */
function isDeclaration({ words: [verb, ...words] }: Block): boolean {
	return verb === "config" || verb === "list" || (verb === "upstream" && words.length === 0);
}

/** Throws a ScriptError for a configuration or an upstream that comes after the first step. */
export function sceneOf(blocks: readonly Block[]): Scene {
	const first = blocks.findIndex((block) => !isDeclaration(block));
	const end = first < 0 ? blocks.length : first;
	const declared = blocks.slice(0, end);
	const steps = blocks.slice(end);
	// A list may be written anew later: that is the step before a reload.
	const late = steps.find((block) => isDeclaration(block) && block.words[0] !== "list");
	if (late !== undefined) throw new ScriptError(late, "it must stand before the first step");
	const of = (verb: string) => declared.filter(({ words }) => words[0] === verb);
	return { setting: { config: of("config"), lists: of("list"), upstreams: of("upstream") }, steps };
}

/** The same for two settings in which Cordon is started in the same way: what upstreams answer may differ. */
export function startKey({ config, lists, upstreams }: Setting): string {
	return JSON.stringify([
		config.map(bodyOf),
		lists.map((list) => [list.words, bodyOf(list)]),
		upstreams.length,
	]);
}

/** An honest answer says nothing of an upstream that Cordon would remember. */
function isHonest(rule: Block): boolean {
	return (
		rule.below.length === 1 &&
		rule.below.every(
			({ words: [verb, rcode], below }) =>
				verb === "reply" &&
				(rcode === "NOERROR" || rcode === "NXDOMAIN") &&
				below.every(({ words }) => words[0] !== "wrong"),
		)
	);
}

/**
 * Whether nothing but cached answers is left in Cordon when the scene is over, so that another one can be played before
 * the same Cordon: time goes its ordinary way, the configuration stays, nobody counts, no client has a limit to use up,
 * and the upstreams behave.
 */
export function leavesOnlyCached({ setting, steps }: Scene): boolean {
	return (
		steps.every(
			({ words: [verb, ...words] }) => verb === "query" || (verb === "upstream" && words.includes("saw")),
		) &&
		setting.config.every((block) => !/\baccess:/.test(bodyOf(block))) &&
		setting.upstreams.every(({ below }) => below.every(isHonest))
	);
}
