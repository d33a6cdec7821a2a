/** Dashboards that Grafana takes, that people can read, and that ask for nothing that nobody exports. */
import { readFileSync } from "node:fs";
import { test } from "tap";
import { parse } from "yaml";
import { folder, run } from "../scenario/cordon.ts";
import { dashboardFiles, dashboards, GRAFANA_FOLDER, type Panel, shown } from "./dashboards.ts";
import { KnownMetrics } from "./known-metrics.ts";

/** What Grafana draws today; graph, singlestat, table-old and the like it only migrates. */
const TYPES = new Set(["row", "stat", "timeseries", "state-timeline", "heatmap", "table"]);
const UNITS = new Set("none short percentunit s bytes reqps ops cps".split(" "));
const WIDTH = 24;
const VARIABLE = "$" + "{datasource}";

function overlap(a: Panel, b: Panel): boolean {
	const [p, q] = [a.gridPos, b.gridPos];
	return p.x < q.x + q.w && q.x < p.x + p.w && p.y < q.y + q.h && q.y < p.y + p.h;
}

test("the files are what scripts/dashboards makes", async (t) => {
	const fresh = folder(t);
	t.match(await run(process.execPath, ["scripts/dashboards.mjs", fresh]), { code: 0 });
	t.ok(dashboardFiles().length >= 3);
	for (const name of dashboardFiles())
		t.equal(
			readFileSync(`${GRAFANA_FOLDER}/${name}`, "utf8"),
			readFileSync(`${fresh}/${name}`, "utf8"),
			`${name}; if not: npm run dashboards`,
		);
});

test("each dashboard has a name that stays, and leads to the others", async (t) => {
	for (const [i, one] of dashboards().entries()) {
		t.equal(`${one.uid}.json`, dashboardFiles()[i]);
		t.match(one.uid, /^cordon-[a-z-]{1,33}$/);
		t.match(one.title, /^Cordon: /);
		t.match(one.description, /\.$/, one.title);
		t.ok(one.schemaVersion >= 39 && one.schemaVersion <= 42, "a schema of Grafana 11 or 12");
		t.ok(one.tags.includes("cordon"));
		t.ok(one.links.some(({ type, tags }) => type === "dashboards" && tags.includes("cordon")));
		t.match(
			one.templating.list.map(({ name, type }) => [name, type]),
			[
				["datasource", "datasource"],
				["job", "query"],
				["instance", "query"],
			],
		);
		for (const { name, datasource } of one.templating.list)
			if (name !== "datasource") t.same(datasource, { type: "prometheus", uid: VARIABLE });
	}
	t.equal(new Set(dashboards().map(({ uid }) => uid)).size, dashboards().length);
});

test("panels have their places and say what they show", async (t) => {
	for (const one of dashboards()) {
		const { panels } = one;
		t.equal(new Set(panels.map(({ id }) => id)).size, panels.length, `${one.uid}: ids`);
		t.equal(new Set(shown(one).map(({ title }) => title)).size, shown(one).length, `${one.uid}: titles`);
		for (const [i, panel] of panels.entries()) {
			const { type, title, gridPos } = panel;
			const name = `${one.uid}: ${title}`;
			t.ok(TYPES.has(type), `${name}: ${type}`);
			t.match(title, /^[A-Z].*[^.]$/, name);
			t.ok(gridPos.x >= 0 && gridPos.w > 0 && gridPos.x + gridPos.w <= WIDTH && gridPos.h > 0, name);
			const covered = panels.slice(i + 1).filter((other) => overlap(panel, other));
			t.same(covered, [], `${name} lies on no other`);
		}
		for (const { title, description = "", datasource, fieldConfig, targets = [] } of shown(one)) {
			const name = `${one.uid}: ${title}`;
			t.match(description, /^[a-zA-Z0-9].*\.$/, `${name}: description`);
			t.ok(UNITS.has(fieldConfig?.defaults.unit ?? ""), `${name}: unit`);
			t.ok(fieldConfig?.defaults.thresholds !== undefined, `${name}: thresholds`);
			t.ok(targets.length > 0, `${name}: queries`);
			t.equal(
				new Set(targets.map(({ refId }) => refId)).size,
				targets.length,
				`${name}: queries are told apart`,
			);
			for (const source of [datasource, ...targets.map((target) => target.datasource)])
				t.same(source, { type: "prometheus", uid: VARIABLE }, `${name}: datasource`);
		}
	}
});

test("no row of panels has a hole", async (t) => {
	for (const one of dashboards()) {
		const lines = new Map<number, number>();
		for (const { gridPos } of one.panels) lines.set(gridPos.y, (lines.get(gridPos.y) ?? 0) + gridPos.w);
		for (const [y, width] of lines) t.equal(width, WIDTH, `${one.uid}: at ${y}`);
	}
});

test("dashboards ask for metrics and labels that there are", async (t) => {
	const known = await KnownMetrics.load();
	for (const one of dashboards()) {
		for (const { title, targets = [] } of shown(one))
			for (const { expr } of targets) t.same(known.faults(expr), [], `${one.uid}: ${title}`);
		for (const { name, expr } of one.annotations.list)
			if (expr !== undefined) t.same(known.faults(expr), [], `${one.uid}: ${name}`);
		for (const { definition } of one.templating.list) {
			const [, asked] = /^label_values\(([^,{]+)/.exec(definition ?? "") ?? [];
			if (definition !== undefined) t.ok(known.has(asked ?? ""), definition);
		}
	}
});

test("what has no such metric is found", async (t) => {
	const known = await KnownMetrics.load();
	for (const [expression, fault] of [
		["rate(cordon_querys_total[5m])", /exported by nobody/],
		['cordon_ready{list="a"}', /has no label list/],
		['rate(cordon_responses_total{via="cached"}[5m])', /never has via="cached"/],
		['cordon_list_state{state=~"held|bogus"}', /never has state="bogus"/],
		["sum by (category) (cordon_ready)", /nothing in it has the label category/],
		["instance:cordon_nothing:rate5m", /exported by nobody/],
	] as const)
		t.match(known.faults(expression).join(), fault, expression);
	t.same(
		known.faults('sum by (via) (rate(cordon_responses_total{job="a", rcode=~"SERVFAIL|NOERROR"}[5m]))'),
		[],
	);
});

test("Grafana finds dashboards and datasource by what is provisioned", async (t) => {
	const read = (path: string) => parse(readFileSync(`${GRAFANA_FOLDER}/provisioning/${path}`, "utf8"));
	t.match(read("dashboards/cordon.yaml"), {
		apiVersion: 1,
		providers: [{ type: "file", options: { path: "/var/lib/grafana/dashboards" } }],
	});
	t.match(read("datasources/prometheus.yaml"), {
		apiVersion: 1,
		datasources: [{ type: "prometheus", access: "proxy", isDefault: true }],
	});
});
