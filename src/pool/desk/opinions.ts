import type { DomainOpinion } from "../desk.ts";
import { askedDomain } from "./asked-text.ts";
import type { DeskParts } from "./parts.ts";

/** The name itself, and what is above it. */
function* upwards(name: string): Iterable<string> {
	for (let at = 0; ; ) {
		yield name.slice(at);
		const dot = name.indexOf(".", at);
		if (dot < 0) return;
		at = dot + 1;
	}
}

/**
 * What this node makes of a name, and of which domain: the nearest, the name itself or one above it, from which a
 * verdict for the name follows; else the nearest of which anything is said; else the name itself, of which nothing is.
 */
export function opinionOn(text: string, parts: Pick<DeskParts, "replica" | "judge" | "now">): DomainOpinion {
	const name = askedDomain(text);
	const judge = parts.judge();
	const now = parts.now();
	let spokenOf: DomainOpinion | undefined;
	for (const domain of upwards(name)) {
		const records = parts.replica.read(domain);
		if (records.length === 0) continue;
		const opinion = judge.opinion(domain, records, now);
		const { exact, subtree } = opinion.verdict;
		if (subtree !== undefined || (exact !== undefined && domain === name)) return opinion;
		if (opinion.statements.length > 0 || opinion.disputes.length > 0) spokenOf ??= opinion;
	}
	return spokenOf ?? judge.opinion(name, [], now);
}
