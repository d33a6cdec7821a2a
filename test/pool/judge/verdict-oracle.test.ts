/** Verdicts of random records, compared with the rules of docs/pool.md written down once more, as plainly as can be. */
import fc from "fast-check";
import { test } from "tap";
import type { CategoryModes, TrustSettings } from "../../../src/config/pool-settings.ts";
import { BASES, POOL_CATEGORIES } from "../../../src/config/vocabulary.ts";
import type { Contribution } from "../../../src/pool/contribution.ts";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { Ruling, Verdict } from "../../../src/pool/verdict.ts";
import { approved, DOMAIN, decided, disputed, guardOf, judgeOf, NOW, said } from "./judging.ts";

const NAMES = ["cert", "isp", "forum", "operator"] as const;
const CATEGORIES = ["malware", "c2", "legal"] as const;

interface Scene {
	readonly trust: TrustSettings;
	readonly contributions: readonly Contribution[];
	readonly disputes: readonly { readonly member: string; readonly at: number }[];
	readonly approvals: readonly { readonly member: string; readonly by: string; readonly known: boolean }[];
	readonly decision: { readonly verdict: "block" | "release"; readonly at: number } | null;
	readonly revoked: readonly string[];
	readonly guard: "fine" | "protected" | "refused";
}

/** Few values, so that equal and neighbouring ones come up often. */
const moment = fc.integer({ min: -2, max: 2 }).map((step) => NOW + step);
const weight = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.5, 1, 1, 2);
const mode = fc.constantFrom("block" as const, "log-only" as const);
const modes: fc.Arbitrary<CategoryModes> = fc.dictionary(
	fc.constantFrom(...CATEGORIES),
	fc.constantFrom("block" as const, "log-only" as const, "ignore" as const),
	{ maxKeys: 1 },
);

function contributionOf(member: string): fc.Arbitrary<Contribution> {
	return fc.record({
		domain: fc.constant(DOMAIN),
		scope: fc.constantFrom("subtree" as const, "exact" as const),
		member: fc.constant(member),
		category: fc.constantFrom(...CATEGORIES),
		confidence: fc.constantFrom(0, 40, 50, 80, 80, 100),
		tlp: fc.constant("green" as const),
		basis: fc.constantFrom(...BASES),
		reason: fc.constant(""),
		reference: fc.constant(""),
		validFrom: fc.constantFrom(NOW - 5, NOW - 5, NOW - 5, NOW - 1, NOW, NOW + 1),
		validUntil: fc.constantFrom(NOW + 5, NOW + 5, NOW + 5, NOW + 1, NOW),
		created: moment,
		modified: fc.constant(NOW - 1),
		id: fc.constantFrom(`id-of-${member}`, `id-of-${member}`, "another"),
		approvalsNeeded: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
	});
}

const scene: fc.Arbitrary<Scene> = fc.record({
	trust: fc.record({
		threshold: fc.constantFrom(20, 50, 50, 100),
		weight,
		categories: modes,
		disputeWeight: fc.constantFrom(0.25, 0.5, 3),
		members: fc
			.tuple(
				...NAMES.slice(0, 3).map((name) =>
					fc.record({ name: fc.constant(name), weight, mode, categories: modes }),
				),
			)
			.chain((all) => fc.subarray(all)),
	}),
	contributions: fc
		.subarray([...NAMES], { minLength: 1 })
		.chain((names) => fc.tuple(...names.map(contributionOf))),
	disputes: fc.oneof(
		{ arbitrary: fc.constant([]), weight: 4 },
		fc.uniqueArray(fc.record({ member: fc.constantFrom(...NAMES), at: moment }), {
			selector: ({ member }) => member,
			maxLength: 2,
		}),
	),
	approvals: fc.uniqueArray(
		fc.record({
			member: fc.constantFrom(...NAMES),
			by: fc.constantFrom("cert", "isp", "alice", "bob"),
			known: fc.boolean(),
		}),
		{ selector: ({ member, by }) => `${member} ${by}` },
	),
	decision: fc.oneof(
		{ arbitrary: fc.constant(null), weight: 3 },
		fc.record({ verdict: fc.constantFrom("block" as const, "release" as const), at: moment }),
	),
	revoked: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.constantFrom(["isp"], ["alice", "cert"])),
	guard: fc.constantFrom("fine", "fine", "fine", "fine", "fine", "fine", "protected", "protected", "refused"),
});

function recordsOf({ contributions, disputes, approvals, decision }: Scene): readonly PoolRecord[] {
	return [
		...contributions.map((contribution) => said(contribution.member, contribution)),
		...disputes.map(({ member, at }) => disputed(member, at)),
		...approvals.map(({ member, by, known }) => approved(member, by, known ? {} : { contribution: "old" })),
		...(decision === null ? [] : [decided(decision.verdict, decision.at)]),
	];
}

/** In hundredths of hundredths, where all is whole. */
function expected(scene: Scene): Verdict {
	const { trust, contributions, disputes, approvals, decision, revoked, guard } = scene;
	const weightOf = (name: string) =>
		trust.members.find((member) => member.name === name)?.weight ?? (name === "operator" ? 1 : trust.weight);
	if (guard === "refused") return {};
	for (const { member, at } of disputes) {
		const settled = decision !== null && decision.at >= at;
		if (!settled && !revoked.includes(member) && weightOf(member) >= trust.disputeWeight) return {};
	}
	const counts: { blocks: boolean; score: number; said: Contribution }[] = [];
	for (const said of contributions) {
		const member = trust.members.find(({ name }) => name === said.member);
		let mode = member?.categories[said.category] ?? trust.categories[said.category] ?? "block";
		if (mode === "block" && member?.mode === "log-only") mode = "log-only";
		if (mode === "ignore" || revoked.includes(said.member)) continue;
		if (said.validFrom > NOW || said.validUntil <= NOW) continue;
		if (decision?.verdict === "release" && decision.at >= said.created) continue;
		const people = approvals.filter(
			({ member, by, known }) =>
				member === said.member &&
				by !== said.member &&
				!revoked.includes(by) &&
				said.id === (known ? `id-of-${member}` : "old"),
		);
		if (people.length < said.approvalsNeeded || (guard === "protected" && people.length < 2)) continue;
		const score = Math.round(weightOf(said.member) * 100) * said.confidence;
		if (score > 0) counts.push({ blocks: mode === "block", score, said });
	}
	const rule = (all: typeof counts): Ruling | undefined => {
		for (const action of ["block", "log-only"] as const) {
			const some = action === "block" ? all.filter(({ blocks }) => blocks) : all;
			if (some.reduce((sum, { score }) => sum + score, 0) < trust.threshold * 100) continue;
			const [first] = some.toSorted(
				(a, b) =>
					b.score - a.score ||
					["law", "request", "policy"].indexOf(a.said.basis) -
						["law", "request", "policy"].indexOf(b.said.basis) ||
					POOL_CATEGORIES.indexOf(a.said.category) - POOL_CATEGORIES.indexOf(b.said.category),
			);
			return { action, category: first.said.category, basis: first.said.basis };
		}
		return undefined;
	};
	const exact = rule(counts);
	const subtree = rule(counts.filter(({ said }) => said.scope === "subtree"));
	return {
		...(exact === undefined || JSON.stringify(exact) === JSON.stringify(subtree) ? {} : { exact }),
		...(subtree === undefined ? {} : { subtree }),
	};
}

const GUARDS = {
	fine: guardOf(),
	protected: guardOf({ protect: [DOMAIN] }),
	refused: guardOf({ ownNames: [DOMAIN] }),
};

test("verdicts are as the rules say, and opinions come to the same", async (t) => {
	const seen = new Map<string, number>();
	fc.assert(
		fc.property(scene, (scene) => {
			const judge = judgeOf({ trust: scene.trust, guard: GUARDS[scene.guard], revoked: scene.revoked });
			const records = recordsOf(scene);
			const verdict = judge.verdict(DOMAIN, records, NOW);
			const wanted = expected(scene);
			const kind = `${wanted.exact?.action ?? "-"} ${wanted.subtree?.action ?? "-"}`;
			seen.set(kind, (seen.get(kind) ?? 0) + 1);
			const opinion = judge.opinion(DOMAIN, records, NOW);
			const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
			const blocks = [verdict.exact, verdict.subtree].some((ruling) => ruling?.action === "block");
			const open = opinion.heldBecause === undefined;
			return (
				same(verdict, wanted) &&
				same(opinion.verdict, verdict) &&
				(!blocks || opinion.sum >= opinion.threshold) &&
				(same(verdict, {}) || open)
			);
		}),
		{ numRuns: 5000 },
	);
	for (const kind of [
		"- -",
		"block -",
		"log-only -",
		"- block",
		"- log-only",
		"block block",
		"block log-only",
	]) {
		t.ok((seen.get(kind) ?? 0) > 0, `${kind}: ${seen.get(kind)} times`);
	}
});
