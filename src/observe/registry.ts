import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { ANSWER_METRICS } from "./answer-metrics.ts";
import { DNSSEC_METRICS } from "./dnssec-metrics.ts";
import { DNSTAP_METRICS } from "./dnstap-metrics.ts";
import type { Family, Reading } from "./family.ts";
import { LOG_METRICS } from "./log-metrics.ts";
import { NODE_METRICS } from "./node-metrics.ts";
import { POOL_METRICS } from "./pool-metrics.ts";
import { SharedHistogram } from "./shared-histogram.ts";
import { UPSTREAM_METRICS } from "./upstream-metrics.ts";

/** Every metric of ours, in the order in which they are exported. */
export const FAMILIES: readonly Family[] = [
	...NODE_METRICS,
	...POOL_METRICS,
	...ANSWER_METRICS,
	...UPSTREAM_METRICS,
	...DNSSEC_METRICS,
	...LOG_METRICS,
	...DNSTAP_METRICS,
];

type Fill = (reading: Reading) => void;

function register(family: Family, registry: Registry): Fill {
	const { name, help } = family;
	const options = { name, help, labelNames: [...family.labels], registers: [registry] };
	if (family.type === "histogram") {
		const histogram = new SharedHistogram(options);
		return (reading) => histogram.fill(family.read(reading));
	}
	if (family.type === "counter") {
		const counter = new Counter(options);
		return (reading) => {
			counter.reset();
			for (const [labels, value] of family.read(reading)) counter.inc(labels, value);
		};
	}
	const gauge = new Gauge(options);
	return (reading) => {
		gauge.reset();
		for (const [labels, value] of family.read(reading)) gauge.set(labels, value);
	};
}

/** A registry of its own, and how to write one reading into it. */
export function createRegistry(options: { readonly process: boolean }): { registry: Registry; fill: Fill } {
	const registry = new Registry();
	const fills = FAMILIES.map((family) => register(family, registry));
	if (options.process) collectDefaultMetrics({ register: registry });
	return {
		registry,
		fill: (reading) => {
			for (const fill of fills) fill(reading);
		},
	};
}
