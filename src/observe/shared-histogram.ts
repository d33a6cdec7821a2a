import { Histogram, type HistogramConfiguration } from "prom-client";
import { DURATION_BOUNDS, type DurationCounts } from "./counters.ts";
import type { Labels } from "./family.ts";

interface Sample {
	readonly metricName: string;
	readonly labels: Record<string, string | number>;
	readonly sharedLabels: Labels;
	readonly value: number;
}

/**
 * A histogram that was counted elsewhere. prom-client's own only learns by `observe`, one call for each answer;
 * this one is handed finished counts before a scrape.
 */
export class SharedHistogram extends Histogram {
	readonly #name: string;
	readonly #help: string;
	#series: readonly (readonly [Labels, DurationCounts])[] = [];

	constructor(options: HistogramConfiguration<string>) {
		super(options);
		this.#name = options.name;
		this.#help = options.help;
	}

	fill(series: readonly (readonly [Labels, DurationCounts])[]): void {
		this.#series = series;
	}

	/** In place of prom-client's method, from which both the registry and `get` take what they export. */
	async getForPromString() {
		return {
			name: this.#name,
			help: this.#help,
			type: "histogram",
			aggregator: "sum",
			values: this.#series.flatMap(([labels, counts]) => this.#samples(labels, counts)),
		};
	}

	#samples(sharedLabels: Labels, { buckets, sum }: DurationCounts): Sample[] {
		const name = this.#name;
		let count = 0;
		const samples: Sample[] = buckets.map((inBucket, i) => {
			count += inBucket;
			const labels = { le: DURATION_BOUNDS[i] ?? "+Inf" };
			return { metricName: `${name}_bucket`, labels, sharedLabels, value: count };
		});
		samples.push({ metricName: `${name}_sum`, labels: {}, sharedLabels, value: sum });
		samples.push({ metricName: `${name}_count`, labels: {}, sharedLabels, value: count });
		return samples;
	}
}
