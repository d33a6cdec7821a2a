/** Batches as NDJSON, and what became of them. */
import type { PoolNode } from "./pool-node.ts";

export function addLine(domain: string): string {
	return `${JSON.stringify({ domain, category: "phishing", confidence: 90, reason: "made for a benchmark" })}\n`;
}

export function withdrawLine(domain: string): string {
	return `${JSON.stringify({ op: "withdraw", domain })}\n`;
}

interface Outcome {
	readonly status: string;
	readonly reason?: string;
	readonly counts: Readonly<Record<string, number>>;
	readonly lines: readonly { readonly status: string; readonly domain?: string; readonly reason?: string }[];
}

/** Rejects unless every line did what it says. */
export async function importLines(
	node: PoolNode,
	token: string,
	lines: string,
	expected: { readonly added: number; readonly withdrawn: number },
): Promise<void> {
	const {
		status,
		reason,
		counts,
		lines: verdicts,
	} = await node.api<Outcome>("POST", "/contributions", {
		token,
		lines,
	});
	const { added = 0, withdrawn = 0 } = counts;
	if (status === "applied" && added === expected.added && withdrawn === expected.withdrawn) return;
	const odd = verdicts.find((line) => line.status !== "added" && line.status !== "withdrawn");
	throw new Error(
		`the import was ${status}, ${JSON.stringify(counts)}: ${reason ?? JSON.stringify(odd ?? "")}`,
	);
}
