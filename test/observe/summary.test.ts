import { test } from "tap";
import { VIAS } from "../../src/observe/counters.ts";
import { summarise } from "../../src/observe/summary.ts";
import { FakeNode } from "./fake-node.ts";

test("a node that was asked nothing has zeros, not NaN", async (t) => {
	const summary = summarise(new FakeNode());
	t.match(summary, {
		queries: 0,
		blocked: 0,
		shareBlocked: 0,
		shareCacheHits: 0,
		shareFailed: 0,
		medianSeconds: 0,
	});
	t.match(summary.upstreams, [{ up: true, queries: 0, failures: 0, meanSeconds: 0 }, { up: false }]);
});

test("shares over all workers", async (t) => {
	const node = new FakeNode();
	const [one, two] = node.workers;
	for (let i = 0; i < 3; i++) {
		one.query(0, 1);
		one.response(VIAS.indexOf("cache"), 0);
		one.add("cacheHits", 1);
	}
	two.query(0, 1);
	two.response(VIAS.indexOf("blocked"), 0);
	two.add("cacheMisses", 1);
	one.duration(VIAS.indexOf("cache"), 0.00005, 3);
	two.duration(VIAS.indexOf("blocked"), 10, 1);
	two.upstreamAdd(0, "queries");
	two.upstreamAdd(0, "serverFailures");
	two.upstreamDuration(0, 0.02);
	one.upstreamDuration(0, 0.04);
	const summary = summarise(node);
	t.match(summary, { queries: 4, blocked: 1, shareBlocked: 0.25, shareCacheHits: 0.75, shareFailed: 0 });
	t.match(summary, { responses: { cache: 3, blocked: 1, upstream: 0 }, medianSeconds: 0.0001 });
	t.match(summary.upstreams[0], { queries: 1, failures: 1, meanSeconds: 0.03 });
});
