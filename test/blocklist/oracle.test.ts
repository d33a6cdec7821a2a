import { test } from "tap";
import { RANK } from "../../src/blocklist/layout.ts";
import type { Rule, RuleAction, Scope } from "../../src/blocklist/rule.ts";
import { pick, type Random, seededRandom } from "../bench/domains.ts";
import { asked, filled, indexOf, type TestList } from "./compiled.ts";

const RULES = 100_000;
const LISTS = 8;
const SYLLABLES = "a b c d e f g h xn--p1ai _dmarc long-label-of-some-bytes 0 1 \\000 \\255 w\\.w".split(" ");
const TOPS = ["test", "example", "invalid"];

interface Spoken {
	readonly list: number;
	readonly rank: number;
	readonly scope: Scope;
	readonly action: string;
	readonly order: number;
}

function randomName(random: Random): string {
	const labels = [pick(TOPS, random)];
	// Few different labels near the top, many below: names that are above one another, and names that are not.
	const depth = Math.floor(random() * 6);
	for (let i = 0; i < depth; i++)
		labels.unshift(random() < 0.6 ? pick(SYLLABLES, random) : `n${Math.floor(random() * 300)}`);
	return labels.join(".");
}

function randomRule(random: Random): Rule {
	const important = random() < 0.15;
	const ranked = !important && random() < 0.1;
	const action = pick<RuleAction>(["block", "block", "block", "allow", "nxdomain"], random);
	return {
		name: randomName(random),
		scope: pick<Scope>(["exact", "subtree", "below"], random),
		action: action === "nxdomain" && important ? "block" : action,
		...(important ? { important: true as const } : {}),
		...(ranked ? { ranked: true as const } : {}),
		...(!ranked && random() < 0.03 ? { cancels: true as const } : {}),
	};
}

/** Nothing clever: a map of texts and a walk over every suffix. */
class Oracle {
	readonly #names = new Map<string, Spoken[]>();

	constructor(lists: readonly TestList[]) {
		const cancelled = new Set<string>();
		for (const rank of [true, false]) {
			for (const { list = 0, kind = "block", adblock = false, rules } of lists) {
				for (const [order, rule] of rules.entries()) {
					if (typeof rule === "string" || (rule.cancels === true) !== rank) continue;
					const spoken = { list, ...Oracle.#meaning(rule, kind), order };
					const key = `${rule.name} ${spoken.scope} ${spoken.action} ${spoken.rank}`;
					if (rank) cancelled.add(key);
					else if (!adblock || !cancelled.has(key)) this.#add(rule.name, spoken);
				}
			}
		}
		for (const all of this.#names.values())
			all.sort((a, b) => b.rank - a.rank || a.list - b.list || a.order - b.order);
	}

	static #meaning(rule: Rule, kind: string): Pick<Spoken, "rank" | "scope" | "action"> {
		const { scope, action, important = false, ranked = false } = rule;
		if (kind === "allow") return { scope, action: "allow", rank: RANK.ALLOW_LIST };
		if (ranked) return { scope, action, rank: RANK.ORDINARY };
		const exception = important ? RANK.IMPORTANT_EXCEPTION : RANK.EXCEPTION;
		const block = important ? RANK.IMPORTANT : RANK.ORDINARY;
		return { scope, action, rank: action === "allow" ? exception : block };
	}

	#add(name: string, spoken: Spoken): void {
		const all = this.#names.get(name) ?? [];
		this.#names.set(name, all);
		const same = (a: Spoken) =>
			a.list === spoken.list &&
			a.rank === spoken.rank &&
			a.scope === spoken.scope &&
			a.action === spoken.action;
		if (!all.some(same)) all.push(spoken);
	}

	get names(): readonly string[] {
		return [...this.#names.keys()];
	}

	counts(): number[] {
		const counts: number[] = Array(LISTS).fill(0);
		for (const all of this.#names.values()) for (const { list } of all) counts[list]++;
		return counts;
	}

	/** Everything that speaks of a name, the strongest first. */
	all(name: string): string[] {
		const labels = name.split(/(?<!\\)\./);
		const found: { readonly text: string; readonly rank: number; readonly depth: number }[] = [];
		for (let i = labels.length - 1; i >= 0; i--) {
			const suffix = labels.slice(i).join(".");
			for (const { list, rank, scope, action } of this.#names.get(suffix) ?? []) {
				if (i === 0 ? scope === "below" : scope === "exact") continue;
				const text = `${suffix} ${scope} ${action} ${rank} ${list}`;
				found.push({ text, rank, depth: labels.length - i });
			}
		}
		return found.sort((a, b) => b.rank - a.rank || b.depth - a.depth).map(({ text }) => text);
	}
}

for (const seed of [1, 2]) {
	test(`a hundred thousand random rules against a naive oracle, seed ${seed}`, async (t) => {
		const random = seededRandom(seed);
		const lists: TestList[] = Array.from({ length: LISTS }, (_, list) => ({
			list,
			kind: list === 7 || (list === 0 && seed === 2) ? "allow" : "block",
			adblock: list > 0 && list % 2 === 0,
			rules: Array.from({ length: RULES / LISTS }, () => randomRule(random)),
		}));
		const oracle = new Oracle(lists);
		const builder = filled(lists, seed * 0x1234_5678);
		const index = indexOf(builder);
		t.same(
			Array.from({ length: LISTS }, (_, i) => builder.counts[i] ?? 0),
			oracle.counts(),
			"rules per list",
		);

		const queries = new Set<string>();
		for (const name of oracle.names) {
			if (queries.size > 60_000) break;
			const labels = name.split(/(?<!\\)\./);
			queries.add(name);
			queries.add(`child.${name}`);
			queries.add(labels.slice(1).join(".") || "test");
			queries.add(["sibling", ...labels.slice(1)].join("."));
			queries.add([pick(SYLLABLES, random), ...labels.slice(1)].join("."));
			queries.add([...labels.slice(0, -1), pick(TOPS, random)].join("."));
		}
		let wrong = 0;
		for (const query of queries) {
			const name = asked(query, index.seed);
			const expected = oracle.all(query);
			const all = index.findAll(name).map((e) => `${e.name} ${e.scope} ${e.action} ${e.rank} ${e.list}`);
			const found = index.find(name);
			const first = found === 0 ? undefined : index.entry(found);
			const told = first && `${first.name} ${first.scope} ${first.action} ${first.rank} ${first.list}`;
			if (told === expected.at(0) && all.join() === expected.join()) continue;
			if (wrong++ < 3) t.same({ query, told, all }, { query, told: expected.at(0), all: expected });
		}
		t.equal(wrong, 0, `${queries.size} names asked for`);
	});
}
