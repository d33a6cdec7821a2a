/** The rules of deploy/prometheus, and their unit tests, as they are written. */
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";

/** Tests run at the root of the project. */
export const PROMETHEUS_FOLDER = "deploy/prometheus";
export const RULE_FILES = ["cordon-recording.rules.yml", "cordon-alerts.rules.yml"].map(
	(name) => `${PROMETHEUS_FOLDER}/${name}`,
);
const UNIT_TESTS = "test/deploy/rules";

export interface Rule {
	readonly record?: string;
	readonly alert?: string;
	readonly expr: string;
	readonly for?: string;
	readonly labels?: Readonly<Record<string, string>>;
	readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleGroup {
	readonly name: string;
	readonly rules: readonly Rule[];
}

export interface RuleTest {
	readonly input_series: readonly { readonly series: string; readonly values: string }[];
	readonly alert_rule_test: readonly {
		readonly alertname: string;
		readonly eval_time: string;
		readonly exp_alerts: readonly unknown[];
	}[];
}

export function readRules(): readonly RuleGroup[] {
	return RULE_FILES.flatMap((path) => (parse(readFileSync(path, "utf8")) as { groups: RuleGroup[] }).groups);
}

export function alerts(): readonly (Rule & { readonly alert: string })[] {
	return readRules()
		.flatMap(({ rules }) => rules)
		.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));
}

export function unitTestFiles(): readonly string[] {
	return readdirSync(UNIT_TESTS).map((name) => `${UNIT_TESTS}/${name}`);
}

export function unitTests(): readonly RuleTest[] {
	return unitTestFiles().flatMap(
		(path) => (parse(readFileSync(path, "utf8")) as { tests: RuleTest[] }).tests,
	);
}
