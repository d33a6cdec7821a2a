import { setTimeout as pause } from "node:timers/promises";
import type { Position } from "../../src/pool/record.ts";
import type { PoolNode } from "./pool-node.ts";

const EVERY_MS = 50;

/** Waits until all nodes stand at the same place, at or behind `seq`. */
export async function untilLevel(
	nodes: readonly PoolNode[],
	seq: number,
	timeoutMs: number,
): Promise<Position> {
	const deadline = performance.now() + timeoutMs;
	let places: readonly (Position | undefined)[] = [];
	while (performance.now() < deadline) {
		// A node that has just been started may not have its API yet.
		places = await Promise.all(
			nodes.map((node) =>
				node.status().then(
					(s) => s.position,
					() => undefined,
				),
			),
		);
		const [first] = places;
		const isSame = places.every((place) => place?.epoch === first?.epoch && place?.seq === first?.seq);
		if (first !== undefined && isSame && first.seq >= seq) return first;
		await pause(EVERY_MS);
	}
	throw new Error(
		`after ${timeoutMs / 1000} s the nodes stand at ${JSON.stringify(places)}, not all at ${seq}`,
	);
}
