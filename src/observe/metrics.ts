import type { createRegistry } from "./registry.ts";
import type { NodeView } from "./status.ts";
import { Tally } from "./tally.ts";

export interface Exposition {
	readonly contentType: string;
	readonly body: string;
}

/** What `/metrics` serves. */
export interface Metrics {
	scrape(): Promise<Exposition>;
}

export interface MetricsOptions {
	readonly view: NodeView;
	/** `metrics.process` of the configuration: metrics of the process and of Node too. */
	readonly process: boolean;
}

/**
 * Metrics of one node, in a registry of their own. A scrape reads shared memory and the supervisor's own status; it
 * sends no message to a worker, so that neither a slow scrape nor many of them can delay an answer.
 */
export function createMetrics({ view, process }: MetricsOptions): Metrics {
	let loading: Promise<ReturnType<typeof createRegistry>> | undefined;
	return {
		async scrape() {
			// Loaded by the first scrape: a network without Prometheus does not pay for it.
			loading ??= import("./registry.ts").then((module) => module.createRegistry({ process }));
			const { registry, fill } = await loading;
			fill({ status: view.status(), tally: new Tally(view.counters()) });
			return { contentType: registry.contentType, body: await registry.metrics() };
		},
	};
}
