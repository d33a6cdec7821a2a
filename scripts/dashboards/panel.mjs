// Panels in the words of Grafana. Each takes a title, a description for people, a unit of Grafana and its queries:
// [expression, legend] pairs. `size` is [width, height] on a grid 24 wide.

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in, from the variable of that name.
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

export const GREEN = "green";
export const YELLOW = "yellow";
export const RED = "red";

/** Colours from a value on; the first is for all below. */
function thresholds(steps = [[null, GREEN]]) {
	return { mode: "absolute", steps: steps.map(([value, color]) => ({ color, value })) };
}

/** Words and colours for single values. */
function mappings(words = {}) {
	const options = Object.fromEntries(
		Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
	);
	return Object.keys(options).length > 0 ? [{ type: "value", options }] : [];
}

function targets(queries, more = {}) {
	return queries.map(([expr, legendFormat = ""], i) => ({
		datasource: DATASOURCE,
		editorMode: "code",
		expr,
		legendFormat,
		range: true,
		refId: String.fromCharCode(65 + i),
		...more,
	}));
}

const INSTANT = { range: false, instant: true };

function panel(type, { title, description, unit, size, steps, words, min, max, decimals }, more) {
	const { custom, color = { mode: "palette-classic" }, overrides = [], ...rest } = more;
	return {
		type,
		title,
		description,
		datasource: DATASOURCE,
		size,
		fieldConfig: {
			defaults: {
				...(custom === undefined ? {} : { custom }),
				color,
				mappings: mappings(words),
				thresholds: thresholds(steps),
				unit,
				...(min === undefined ? {} : { min }),
				...(max === undefined ? {} : { max }),
				...(decimals === undefined ? {} : { decimals }),
			},
			overrides,
		},
		...rest,
	};
}

/** One number, coloured by its thresholds. */
export function stat(about) {
	const { queries, name = false } = about;
	return panel(
		"stat",
		{ size: [4, 4], ...about },
		{
			color: { mode: "thresholds" },
			options: {
				colorMode: about.steps === undefined && about.words === undefined ? "none" : "background",
				graphMode: name ? "none" : "area",
				justifyMode: "auto",
				orientation: "auto",
				percentChangeColorMode: "standard",
				reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
				showPercentChange: false,
				textMode: name ? "name" : "auto",
				wideLayout: true,
			},
			targets: targets(queries, name ? INSTANT : {}),
		},
	);
}

/** Lines over time; `stacked` when their sum means something. A line is drawn where `steps` change colour. */
export function series(about) {
	const { queries, stacked = false, min = 0, steps } = about;
	return panel(
		"timeseries",
		{ size: [8, 8], ...about, min: min === false ? undefined : min },
		{
			custom: {
				axisPlacement: "auto",
				drawStyle: "line",
				fillOpacity: stacked ? 40 : 8,
				lineInterpolation: "linear",
				lineWidth: 1,
				showPoints: "never",
				spanNulls: false,
				stacking: { group: "A", mode: stacked ? "normal" : "none" },
				thresholdsStyle: { mode: steps === undefined ? "off" : "dashed" },
			},
			options: {
				legend: { calcs: ["lastNotNull"], displayMode: "table", placement: "bottom", showLegend: true },
				tooltip: { mode: "multi", sort: "desc" },
			},
			targets: targets(queries),
		},
	);
}

/** States over time, a band for each series. */
export function timeline(about) {
	return panel(
		"state-timeline",
		{ size: [12, 8], ...about },
		{
			color: { mode: "thresholds" },
			custom: { fillOpacity: 70, lineWidth: 0 },
			options: {
				alignValue: "left",
				legend: { calcs: [], displayMode: "list", placement: "bottom", showLegend: false },
				mergeValues: true,
				rowHeight: 0.8,
				showValue: "auto",
				tooltip: { mode: "single", sort: "none" },
			},
			targets: targets(about.queries),
		},
	);
}

/** How often how long, over time: for histograms, summed by `le`. */
export function heatmap(about) {
	return panel(
		"heatmap",
		{ size: [8, 8], ...about },
		{
			custom: { scaleDistribution: { type: "linear" } },
			options: {
				calculate: false,
				cellGap: 1,
				color: {
					mode: "scheme",
					fill: "dark-orange",
					scheme: "Oranges",
					steps: 64,
					reverse: false,
					exponent: 0.5,
				},
				exemplars: { color: "rgba(255,0,255,0.7)" },
				filterValues: { le: 1e-9 },
				legend: { show: true },
				rowsFrame: { layout: "auto" },
				showValue: "never",
				tooltip: { mode: "single", yHistogram: false },
				yAxis: { axisPlacement: "left", reverse: false, unit: about.unit },
			},
			targets: targets(about.queries, { format: "heatmap" }),
		},
	);
}

/**
 * A row for each value of the labels in `by`. A column is [title, expression, unit, what it looks like].
 */
export function table(about) {
	const { columns, by } = about;
	// Grafana names the values of several queries by their letters, and those of one query not.
	const values = columns.map((_, i) =>
		columns.length > 1 ? `Value #${String.fromCharCode(65 + i)}` : "Value",
	);
	const named = Object.fromEntries(columns.map(([title], i) => [values[i], title]));
	const labels = by.map((label) => `${label[0].toUpperCase()}${label.slice(1)}`);
	return panel(
		"table",
		{ size: [24, 9], ...about },
		{
			custom: { align: "auto", cellOptions: { type: "auto" }, filterable: true, inspect: false },
			color: { mode: "thresholds" },
			overrides: columns.map(([title, , unit, { steps, words } = {}]) => ({
				matcher: { id: "byName", options: title },
				properties: [
					{ id: "unit", value: unit },
					...(steps === undefined ? [] : [{ id: "thresholds", value: thresholds(steps) }]),
					...(words === undefined ? [] : [{ id: "mappings", value: mappings(words) }]),
					...(steps === undefined && words === undefined
						? []
						: [{ id: "custom.cellOptions", value: { type: "color-text" } }]),
				],
			})),
			options: { cellHeight: "sm", frameIndex: 0, showHeader: true },
			targets: targets(
				columns.map(([, expression]) => [expression]),
				{ ...INSTANT, format: "table" },
			),
			transformations: [
				{ id: "merge", options: {} },
				{
					id: "organize",
					options: {
						excludeByName: { Time: true },
						indexByName: Object.fromEntries([...by, ...values].map((name, i) => [name, i])),
						renameByName: { ...Object.fromEntries(by.map((label, i) => [label, labels[i]])), ...named },
					},
				},
			],
		},
	);
}
