/** The pool's verdicts as rules of the compiled blocklist. */
import type { BlocklistBuilder } from "../blocklist/builder.ts";
import type { Scope } from "../blocklist/rule.ts";
import { poolList } from "../config/vocabulary.ts";
import type { Ruling, Verdict } from "../pool/verdict.ts";

/** What the librarian reads of the pool: everything, in the order of domains. */
export interface PoolSource {
	/** Of the last change that is certainly in it. */
	readonly seq: number;
	/** Milliseconds since the epoch: what had begun and not ended to count by then. */
	readonly judgedAt: number;
	verdicts(): Iterable<{ readonly domain: string; readonly verdict: Verdict }>;
}

/** Domains by what follows. */
export interface PoolCounts {
	readonly block: number;
	readonly logOnly: number;
}

export function addPool(builder: BlocklistBuilder, source: PoolSource): PoolCounts {
	let block = 0;
	let logOnly = 0;
	for (const { domain, verdict } of source.verdicts()) {
		const { exact, subtree } = verdict;
		if (exact !== undefined) add(builder, domain, exact, "exact");
		if (subtree !== undefined) add(builder, domain, subtree, exact === undefined ? "subtree" : "below");
		if (exact?.action === "block" || subtree?.action === "block") block++;
		else if (exact !== undefined || subtree !== undefined) logOnly++;
	}
	return { block, logOnly };
}

function add(builder: BlocklistBuilder, name: string, ruling: Ruling, scope: Scope): void {
	const list = poolList(ruling.category, ruling.basis);
	builder.add({ name, scope, action: ruling.action }, { list, kind: "block" }, 0);
}
