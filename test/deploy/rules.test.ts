/** Prometheus takes the rules, each alert has its unit tests and its place in the runbook, and promtool runs the tests. */
import { readFileSync } from "node:fs";
import { test } from "tap";
import { run } from "../scenario/cordon.ts";
import { KnownMetrics } from "./known-metrics.ts";
import { readExpression } from "./promql.ts";
import { alerts, PROMETHEUS_FOLDER, RULE_FILES, readRules, unitTestFiles, unitTests } from "./rules.ts";

test("promtool finds no fault in configuration and rules", async (t) => {
	for (const argv of [
		["check", "config", `${PROMETHEUS_FOLDER}/prometheus.yml`],
		["check", "rules", "--lint-fatal", ...RULE_FILES],
	]) {
		const { code, stdout, stderr } = await run("promtool", argv);
		t.equal(code, 0, `promtool ${argv.join(" ")}\n${stdout}${stderr}`);
	}
});

test("every unit test of the rules passes", async (t) => {
	for (const file of unitTestFiles()) {
		const { code, stdout, stderr } = await run("promtool", ["test", "rules", file]);
		t.equal(code, 0, `promtool test rules ${file}\n${stdout}${stderr}`);
	}
});

test("every alert has a unit test in which it fires, and one in which it stays silent", async (t) => {
	const expected = unitTests().flatMap((one) => one.alert_rule_test);
	for (const { alert } of alerts()) {
		const own = expected.filter(({ alertname }) => alertname === alert);
		t.ok(
			own.some(({ exp_alerts }) => exp_alerts.length > 0),
			`${alert} fires`,
		);
		t.ok(
			own.some(({ exp_alerts }) => exp_alerts.length === 0),
			`${alert} stays silent`,
		);
	}
	const names = new Set(alerts().map(({ alert }) => alert));
	t.same(
		expected.filter(({ alertname }) => !names.has(alertname)),
		[],
		"no test of an alert that is gone",
	);
});

test("every alert says how severe it is, what it means, and where to read on", async (t) => {
	const runbook = readFileSync("docs/runbook.md", "utf8");
	const headings = Array.from(runbook.matchAll(/^### (.*)$/gm), ([, heading]) => heading);
	t.same(
		headings,
		alerts().map(({ alert }) => alert),
		"the runbook has a section for each, in their order",
	);
	for (const { alert, labels = {}, annotations = {} } of alerts()) {
		const { summary = "", description = "" } = annotations;
		t.match(alert, /^Cordon[A-Z][A-Za-z]+$/);
		t.ok(["critical", "warning"].includes(labels.severity ?? ""), `${alert}: severity`);
		t.match(summary, /[^.]$/, `${alert}: summary`);
		t.match(description, /\.$/, `${alert}: description`);
		t.equal(annotations.runbook_url, `docs/runbook.md#${alert.toLowerCase()}`);
		const [, section = ""] = runbook.split(`### ${alert}\n`);
		const [text = ""] = section.split("\n#");
		for (const part of ["Means", "Hurt", "Look", "Mend", "Wake"])
			t.match(text, new RegExp(`\\*\\*${part}`, "i"), `${alert}: the runbook says: ${part}`);
	}
});

test("rules, their tests and the pages name only metrics that there are", async (t) => {
	const known = await KnownMetrics.load();
	for (const { record, alert, expr } of readRules().flatMap(({ rules }) => rules))
		t.same(known.faults(expr), [], record ?? alert ?? expr);
	for (const { series } of unitTests().flatMap((one) => one.input_series)) {
		const foreign = readExpression(series).selectors.some(({ metric }) => metric === "up");
		t.same(foreign ? [] : known.faults(series), [], series);
	}
	for (const page of ["docs/runbook.md", "docs/operations.md"]) {
		const spans = Array.from(
			readFileSync(page, "utf8").matchAll(/`([^`\n]*\bcordon_\w+[^`\n]*)`/g),
			([, one]) => one,
		);
		t.ok(spans.length > 0, `${page} names metrics`);
		for (const span of spans) t.same(known.faults(span ?? ""), [], `${page}: ${span}`);
	}
});
