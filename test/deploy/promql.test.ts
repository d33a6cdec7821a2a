import { test } from "tap";
import { readExpression } from "./promql.ts";

test("metrics, matchers and labels are found in an expression", async (t) => {
	t.same(
		readExpression(
			'sum by (job, via) (rate(a_total{x="1}", y!~"b|c"}[5m])) / on (job) group_left () b > 1e3',
		),
		{
			selectors: [
				{
					metric: "a_total",
					matchers: [
						{ label: "x", operator: "=", value: "1}" },
						{ label: "y", operator: "!~", value: "b|c" },
					],
				},
				{ metric: "b", matchers: [] },
			],
			grouping: ["job", "via", "job"],
		},
	);
	t.same(
		readExpression(
			"a:b:rate5m unless on (x) time() - c offset 10m < 3600 or max without (z) (d)",
		).selectors.map(({ metric }) => metric),
		["a:b:rate5m", "c", "d"],
	);
	t.same(readExpression('rate(e{job=~"$job"}[$__rate_interval])').selectors, [
		{ metric: "e", matchers: [{ label: "job", operator: "=~", value: "1m" }] },
	]);
	t.throws(() => readExpression('{job="x"}'), /without a metric/);
});
