// A dashboard from rows of panels: places, numbers, variables, links.
import { DATASOURCE } from "./panel.mjs";

const WIDTH = 24;

/** What Grafana 11.6 and 12.0 write; later ones bring it up to theirs. */
const SCHEMA = 41;

function label(name, title, query, { multi }) {
	return {
		name,
		label: title,
		type: "query",
		datasource: DATASOURCE,
		definition: query,
		query: { qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" },
		regex: "",
		refresh: 2,
		sort: 1,
		multi,
		includeAll: multi,
		...(multi ? { allValue: ".+" } : {}),
		...(multi ? { current: { selected: true, text: ["All"], value: ["$__all"] } } : {}),
		hide: 0,
		options: [],
		skipUrlSync: false,
	};
}

function variables(manyNodes) {
	return [
		{
			name: "datasource",
			label: "Prometheus",
			type: "datasource",
			query: "prometheus",
			hide: 0,
			includeAll: false,
			multi: false,
			options: [],
			refresh: 1,
			regex: "",
			skipUrlSync: false,
		},
		label("job", "Job", "label_values(cordon_build_info, job)", { multi: true }),
		label("instance", "Node", 'label_values(cordon_build_info{job=~"$job"}, instance)', { multi: manyNodes }),
	];
}

/** Changes that explain what is seen. */
function annotations(nodes) {
	const on = (name, iconColor, expr) => ({
		name,
		datasource: DATASOURCE,
		enable: true,
		hide: false,
		iconColor,
		expr,
		step: "30s",
		titleFormat: `${name}: {{instance}}`,
	});
	return {
		list: [
			{
				builtIn: 1,
				datasource: { type: "grafana", uid: "-- Grafana --" },
				enable: true,
				hide: true,
				iconColor: "rgba(0, 211, 255, 1)",
				name: "Annotations & Alerts",
				type: "dashboard",
			},
			on(
				"Blocklist compiled",
				"blue",
				`changes(cordon_blocklist_compiled_timestamp_seconds{${nodes}}[1m]) > 0`,
			),
			on(
				"Configuration taken over",
				"purple",
				`changes(cordon_config_last_reload_success_timestamp_seconds{${nodes}}[1m]) > 0`,
			),
		],
	};
}

/** Panels from left to right and from top to bottom, each row below its title. */
function laidOut(rows) {
	const panels = [];
	let y = 0;
	for (const { title, panels: inRow } of rows) {
		panels.push({ type: "row", title, collapsed: false, gridPos: { h: 1, w: WIDTH, x: 0, y }, panels: [] });
		y += 1;
		let x = 0;
		let height = 0;
		for (const { size, ...panel } of inRow) {
			const [w, h] = size;
			if (x + w > WIDTH) {
				y += height;
				x = 0;
				height = 0;
			}
			panels.push({ ...panel, gridPos: { h, w, x, y } });
			x += w;
			height = Math.max(height, h);
		}
		y += height;
	}
	return panels.map((panel, i) => ({ id: i + 1, ...panel }));
}

/** Of the nodes that are chosen above. */
export const NODES = 'job=~"$job", instance=~"$instance"';

/** `uid` is also the name of its file, and must never change: links and bookmarks go by it. */
export function dashboard({ uid, title, description, manyNodes, from, rows }) {
	return {
		uid,
		title,
		description,
		tags: ["cordon", "dns"],
		schemaVersion: SCHEMA,
		version: 1,
		editable: true,
		graphTooltip: 1,
		liveNow: false,
		fiscalYearStartMonth: 0,
		refresh: "30s",
		time: { from, to: "now" },
		timepicker: {},
		timezone: "browser",
		weekStart: "",
		preload: false,
		links: [
			{
				type: "dashboards",
				title: "Cordon",
				tags: ["cordon"],
				asDropdown: false,
				icon: "external link",
				includeVars: true,
				keepTime: true,
				targetBlank: false,
				tooltip: "",
				url: "",
			},
		],
		annotations: annotations(NODES),
		templating: { list: variables(manyNodes) },
		panels: laidOut(rows),
	};
}
