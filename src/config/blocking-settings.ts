/** What is blocked and how, as the program uses it. */
import ipaddr from "ipaddr.js";
import { type Prefix, parsePrefix } from "./address.ts";
import type { BlockAnswer } from "./blocking-schema.ts";
import { parsed, ttlSeconds } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { BASES, type Basis, CATEGORIES, CONFIG_LIST, POOL_CATEGORIES } from "./vocabulary.ts";

/** What the client of a blocked name gets. `custom` holds one address or both, as 4 and 16 bytes. */
export type BlockedAnswer =
	| { readonly kind: "zero-ip" | "nxdomain" | "nodata" | "refused" | "drop" }
	| { readonly kind: "custom"; readonly ipv4?: Uint8Array; readonly ipv6?: Uint8Array };

/** What of an answer is checked. */
export interface AnswerChecks {
	readonly cname: boolean;
	readonly serviceTargets: boolean;
	readonly addressHints: boolean;
	readonly addresses: boolean;
}

export interface RebindingSettings {
	readonly networks: readonly Prefix[];
	/** `d` or `*.d`: names that may lead there. */
	readonly exempt: readonly string[];
}

/** The arrays are indexed by list number. */
export interface BlockingSettings {
	readonly answer: BlockedAnswer;
	readonly ttlSeconds: number;
	readonly listNames: readonly string[];
	/** Of their names in the lexicon that the query log reads; absent while there is none. */
	readonly listNumbers?: readonly number[];
	/** Index into CATEGORIES. */
	readonly listCategories: readonly number[];
	/** Why names of the list are blocked: the pool's lists differ in it. */
	readonly listBases: readonly Basis[];
	/** The list's own answer, else `answer`. */
	readonly listAnswers: readonly BlockedAnswer[];
	/** Whether the list has an answer of its own, which then stands above the actions of its RPZ zone. */
	readonly listAnswerOverrides: readonly boolean[];
	readonly answers: AnswerChecks;
	/** Undefined: private addresses are answered like others. */
	readonly rebinding: RebindingSettings | undefined;
}

function bytesOf(address: string): Uint8Array {
	return Uint8Array.from(ipaddr.parse(address).toByteArray());
}

function toBlockedAnswer(answer: BlockAnswer): BlockedAnswer {
	if (typeof answer === "string") return { kind: answer };
	return {
		kind: "custom",
		...(answer.ipv4 === undefined ? {} : { ipv4: bytesOf(answer.ipv4) }),
		...(answer.ipv6 === undefined ? {} : { ipv6: bytesOf(answer.ipv6) }),
	};
}

/** The pool's lists, in the order that `poolList` counts them. */
const POOL = POOL_CATEGORIES.flatMap((category) => BASES.map((basis) => ({ category, basis })));

export function toBlocking(config: Config): BlockingSettings {
	const { blocking, lists } = config;
	const answer = toBlockedAnswer(blocking.answer);
	const categories = [
		"other" as const,
		...POOL.map(({ category }) => category),
		...lists.map((list) => list.category),
	];
	return {
		answer,
		ttlSeconds: ttlSeconds(blocking.ttl),
		listNames: [
			CONFIG_LIST,
			...POOL.map(({ category }) => `blocked by the shared pool as ${category}`),
			...lists.map((list) => list.name),
		],
		listCategories: categories.map((category) => CATEGORIES.indexOf(category)),
		listBases: ["policy", ...POOL.map(({ basis }) => basis), ...lists.map(() => "policy" as const)],
		listAnswers: [
			answer,
			...POOL.map(() => answer),
			...lists.map((list) => (list.answer === undefined ? answer : toBlockedAnswer(list.answer))),
		],
		listAnswerOverrides: [false, ...POOL.map(() => false), ...lists.map((list) => list.answer !== undefined)],
		answers: blocking.answers,
		rebinding: toRebinding(config),
	};
}

/**
 * Names that nobody can have in the public DNS, so that no stranger's answer comes under them: RFC 6761, 6762, 8375, and
 * what ICANN keeps for private use.
 */
const NOBODYS = ["localhost", "local", "test", "internal", "home.arpa"];

/** The answers that an index asks for, whose list numbers are its own, and all else as it is configured now. */
export function fittedTo(index: BlockingSettings, now: BlockingSettings): BlockingSettings {
	return { ...index, answers: now.answers, rebinding: now.rebinding };
}

function toRebinding({ blocking: { rebinding }, upstreams }: Config): RebindingSettings | undefined {
	if (!rebinding.enabled) return undefined;
	const zones = upstreams.zones.flatMap((zone) => zone.names);
	return {
		networks: rebinding.networks.map((text) => parsed(parsePrefix(text), text)),
		exempt: [...NOBODYS, ...zones, ...rebinding.allow],
	};
}
