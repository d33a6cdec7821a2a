/** The dashboards of deploy/grafana, as far as tests look into them. */
import { readdirSync, readFileSync } from "node:fs";

/** Tests run at the root of the project. */
export const GRAFANA_FOLDER = "deploy/grafana";

export interface Source {
	readonly type: string;
	readonly uid: string;
}

export interface Target {
	readonly refId: string;
	readonly expr: string;
	readonly datasource: Source;
	readonly legendFormat: string;
}

export interface Panel {
	readonly id: number;
	readonly type: string;
	readonly title: string;
	readonly description?: string;
	readonly datasource?: Source;
	readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
	readonly fieldConfig?: { readonly defaults: { readonly unit?: string; readonly thresholds?: unknown } };
	readonly targets?: readonly Target[];
}

export interface Dashboard {
	readonly uid: string;
	readonly title: string;
	readonly description: string;
	readonly tags: readonly string[];
	readonly schemaVersion: number;
	readonly panels: readonly Panel[];
	readonly links: readonly { readonly type: string; readonly tags: readonly string[] }[];
	readonly annotations: {
		readonly list: readonly {
			readonly name: string;
			readonly expr?: string;
			readonly step?: string;
			readonly titleFormat?: string;
		}[];
	};
	readonly templating: {
		readonly list: readonly {
			readonly name: string;
			readonly type: string;
			readonly definition?: string;
			readonly datasource?: Source;
		}[];
	};
}

export function dashboardFiles(): readonly string[] {
	return readdirSync(GRAFANA_FOLDER).filter((name) => name.endsWith(".json"));
}

export function dashboards(): readonly Dashboard[] {
	return dashboardFiles().map(
		(name) => JSON.parse(readFileSync(`${GRAFANA_FOLDER}/${name}`, "utf8")) as Dashboard,
	);
}

/** Panels that show something. */
export function shown({ panels }: Dashboard): readonly Panel[] {
	return panels.filter(({ type }) => type !== "row");
}
