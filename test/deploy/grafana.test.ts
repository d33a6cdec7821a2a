/** Dashboards held against Grafana's own types: the dashboard, and of each panel the options and how its fields are drawn. */
import { test } from "tap";
import { type Dashboard, dashboards, type Panel } from "./dashboards.ts";
import { type Claim, complaints } from "./typed.ts";

const RAW = "@grafana/schema/dist/esm/raw";

/** In Grafana's schema, by type of panel; without `drawn` for those whose fields have nothing of their own. */
const PANELS: Readonly<Record<string, { readonly module: string; readonly drawn: boolean }>> = {
	timeseries: { module: "timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen", drawn: true },
	stat: { module: "stat/panelcfg/x/StatPanelCfg_types.gen", drawn: false },
	"state-timeline": { module: "statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen", drawn: true },
	heatmap: { module: "heatmap/panelcfg/x/HeatmapPanelCfg_types.gen", drawn: true },
	table: { module: "table/panelcfg/x/TablePanelCfg_types.gen", drawn: true },
};

interface Drawn extends Panel {
	readonly options?: unknown;
	readonly fieldConfig?: Panel["fieldConfig"] & { readonly defaults: { readonly custom?: unknown } };
	readonly panels?: readonly Drawn[];
}

function allPanels(panels: readonly Drawn[]): readonly Drawn[] {
	return panels.flatMap((panel) => [panel, ...allPanels(panel.panels ?? [])]);
}

function claimsOf(panel: Drawn): Claim[] {
	if (panel.type === "row") return [];
	const of = PANELS[panel.type];
	const module = `${RAW}/composable/${of.module}`;
	const custom = panel.fieldConfig?.defaults.custom;
	return [
		{ name: `options of ${panel.title}`, module, type: "Options", value: panel.options },
		...(custom === undefined || !of.drawn
			? []
			: [{ name: `fields of ${panel.title}`, module, type: "FieldConfig", value: custom }]),
	];
}

/** Without what the schema of dashboards leaves to the data source: Prometheus' own keys. */
function withoutPrometheus({ annotations, templating, ...rest }: Dashboard): object {
	return {
		...rest,
		annotations: {
			...annotations,
			list: annotations.list.map(({ expr: _, step: __, titleFormat: ___, ...one }) => one),
		},
		templating: { ...templating, list: templating.list.map(({ definition: _, ...one }) => one) },
	};
}

function refusals(dashboard: Dashboard): string[] {
	const whole = { name: dashboard.uid, module: `${RAW}/dashboard/x/Dashboard_types.gen`, type: "Dashboard" };
	return complaints([
		{ ...whole, value: withoutPrometheus(dashboard) },
		...allPanels(dashboard.panels as readonly Drawn[]).flatMap(claimsOf),
	]);
}

test("each dashboard is as Grafana's types want it", async (t) => {
	for (const one of dashboards()) {
		t.same(refusals(one), [], one.uid);
		for (const { expr, step, titleFormat } of one.annotations.list)
			if (expr !== undefined)
				t.match([expr, step, titleFormat], [/^changes\(/, /^\d+s$/, /\{\{instance\}\}$/]);
	}
});

test("this test can fail", async (t) => {
	const [one] = dashboards();
	const at = one.panels.findIndex(({ type }) => type === "timeseries");
	const panel = one.panels[at] as Drawn & {
		readonly options: { readonly legend: object };
		readonly fieldConfig: { readonly defaults: { readonly custom: object } };
	};
	const { options, fieldConfig } = panel;
	const { defaults } = fieldConfig;
	const legend = (over: object) => ({ options: { ...options, legend: { ...options.legend, ...over } } });
	const custom = (over: object) => ({
		fieldConfig: { ...fieldConfig, defaults: { ...defaults, custom: { ...defaults.custom, ...over } } },
	});
	for (const [over, expected] of [
		[{ descripton: "x" }, /descripton/],
		[{ gridPos: { ...panel.gridPos, width: 3 } }, /width/],
		[{ fieldConfig: { ...fieldConfig, defaults: { ...defaults, units: "s" } } }, /units/],
		[legend({ placement: "below" }), /^options of .*"below"/m],
		[legend({ show: true }), /^options of .*show/m],
		[custom({ drawStyle: "dots" }), /^fields of .*"dots"/m],
		[custom({ lineWidths: 1 }), /^fields of .*lineWidths/m],
	] as const) {
		const said = refusals({ ...one, panels: [{ ...panel, ...over }] as unknown as Dashboard["panels"] });
		t.match(said.join("\n"), expected, JSON.stringify(over));
	}
});
