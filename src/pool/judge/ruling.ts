/** From statements that count to what happens to queries. */
import { BASES, type Basis, POOL_CATEGORIES, type PoolCategory } from "../../config/vocabulary.ts";
import type { Contribution } from "../contribution.ts";
import type { Ruling, Verdict } from "../verdict.ts";

/** One that counts. */
export interface Counted {
	readonly contribution: Pick<Contribution, "scope" | "category" | "basis">;
	readonly mode: "block" | "log-only";
	/** weight × confidence. */
	readonly score: number;
}

/** Among equals: what the law demands is told rather than what somebody asked for, and that rather than a policy. */
const BASIS_ORDER: readonly Basis[] = ["law", "request", "policy"];

/** One of each kind: a million verdicts share them. */
const RULINGS: readonly Ruling[] = (["block", "log-only"] as const).flatMap((action) =>
	POOL_CATEGORIES.flatMap((category) => BASES.map((basis) => ({ action, category, basis }))),
);
const SUBTREE_VERDICTS: ReadonlyMap<Ruling, Verdict> = new Map(
	RULINGS.map((subtree) => [subtree, { subtree }]),
);

export const NO_VERDICT: Verdict = {};

function rulingOf(action: Ruling["action"], category: PoolCategory, basis: Basis): Ruling {
	const first = action === "block" ? 0 : POOL_CATEGORIES.length * BASES.length;
	return RULINGS[first + POOL_CATEGORIES.indexOf(category) * BASES.length + BASES.indexOf(basis)];
}

/** Of decimal fractions, which a double holds only nearly: 0.1 + 0.2 has to reach 0.3. */
export function rounded(sum: number): number {
	return Math.round(sum * 1e6) / 1e6;
}

export function sumOf(statements: readonly Pick<Counted, "score">[]): number {
	let sum = 0;
	for (const { score } of statements) sum += score;
	return rounded(sum);
}

function outweighs(a: Counted, b: Counted): boolean {
	if (a.score !== b.score) return a.score > b.score;
	const [ours, theirs] = [a.contribution, b.contribution];
	const basis = BASIS_ORDER.indexOf(ours.basis) - BASIS_ORDER.indexOf(theirs.basis);
	if (basis !== 0) return basis < 0;
	return POOL_CATEGORIES.indexOf(ours.category) < POOL_CATEGORIES.indexOf(theirs.category);
}

/** Some statements, at least one; category and basis are those of the heaviest. */
function byHeaviest(action: Ruling["action"], statements: readonly Counted[]): Ruling {
	const { category, basis } = statements.reduce((best, next) =>
		outweighs(next, best) ? next : best,
	).contribution;
	return rulingOf(action, category, basis);
}

function rule(statements: readonly Counted[], threshold: number): Ruling | undefined {
	const blocking = statements.filter(({ mode }) => mode === "block");
	if (blocking.length > 0 && sumOf(blocking) >= threshold) return byHeaviest("block", blocking);
	if (statements.length > 0 && sumOf(statements) >= threshold) return byHeaviest("log-only", statements);
	return undefined;
}

/** All statements speak of the domain itself; of what is below it only those about the subtree. */
export function verdictOf(statements: readonly Counted[], threshold: number): Verdict {
	const exact = rule(statements, threshold);
	if (exact === undefined) return NO_VERDICT;
	const wide = statements.filter(({ contribution }) => contribution.scope === "subtree");
	const subtree = wide.length === statements.length ? exact : rule(wide, threshold);
	if (subtree === undefined) return { exact };
	return exact === subtree ? (SUBTREE_VERDICTS.get(subtree) ?? { subtree }) : { exact, subtree };
}
