/** Changes one by one, each until every node's answers show it. */
import { Eye } from "./pool-eye.ts";
import type { PoolNode } from "./pool-node.ts";

export interface ChangesReport {
	/** Of each node, in milliseconds from sending the request until its first answer that shows the change. */
	readonly byNode: ReadonlyMap<string, readonly number[]>;
	/** Of each change, until the last node showed it. */
	readonly slowest: readonly number[];
	/** Until the API answered. */
	readonly answered: readonly number[];
}

/** Adds a name, withdraws it, adds the next: each change at another node than the one before. */
export async function oneByOne(
	nodes: readonly PoolNode[],
	token: string,
	names: readonly string[],
	count: number,
): Promise<ChangesReport> {
	const eyes = nodes.map((node) => new Eye(node.port));
	const byNode = new Map<string, number[]>(nodes.map(({ name }) => [name, []]));
	const slowest: number[] = [];
	const answered: number[] = [];
	for (let turn = 0; turn < count; turn++) {
		const [domain, adds] = [names[turn >> 1], turn % 2 === 0];
		const node = nodes[turn % nodes.length];
		const began = performance.now();
		const request = adds
			? node.api("POST", "/contributions", { token, body: { domain, category: "phishing", confidence: 90 } })
			: node.api("DELETE", `/contributions/${domain}`, { token });
		const answer = request.then(() => performance.now() - began);
		const shown = await Promise.all([answer, ...eyes.map((eye) => eye.until(domain, adds))]);
		answered.push(shown[0]);
		const times = shown.slice(1).map((time) => time - began);
		for (const [i, { name }] of nodes.entries()) byNode.get(name)?.push(times[i]);
		slowest.push(Math.max(...times));
	}
	for (const eye of eyes) eye.close();
	return { byNode, slowest, answered };
}
