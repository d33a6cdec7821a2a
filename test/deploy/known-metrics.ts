/** Every series that Cordon can export, and those that our recording rules make of them. */
import { parseExposition } from "../observe/exposition.ts";
import { everything } from "../observe/full-node.ts";
import { readExpression } from "./promql.ts";
import { readRules } from "./rules.ts";

/** Labels whose values an operator or a machine decides. */
const FREE = new Set([
	"job",
	"instance",
	"list",
	"upstream",
	"worker",
	"version",
	"le",
	"alertname",
	"severity",
]);

export class KnownMetrics {
	/** By metric, by label, its values. */
	readonly #series = new Map<string, Map<string, Set<string>>>();

	static async load(): Promise<KnownMetrics> {
		const known = new KnownMetrics();
		for (const family of parseExposition(await everything()).values())
			for (const { name, labels } of family.samples) known.#add(name, labels);
		known.#add("up", {});
		for (const alertstate of ["pending", "firing"])
			known.#add("ALERTS", { alertname: "", alertstate, severity: "" });
		for (const { record } of readRules().flatMap(({ rules }) => rules)) {
			if (record === undefined) continue;
			const [level = ""] = record.split(":");
			known.#add(record, Object.fromEntries(level.split("_").map((label) => [label, ""])));
		}
		return known;
	}

	has(metric: string): boolean {
		return this.#series.has(metric);
	}

	/** What an expression asks for that nobody exports, one sentence each. */
	faults(expression: string): string[] {
		const { selectors, grouping } = readExpression(expression);
		const seen = new Set(["job", "instance"]);
		const faults: string[] = [];
		for (const { metric, matchers } of selectors) {
			const labels = this.#series.get(metric);
			if (labels === undefined) {
				faults.push(`${metric} is exported by nobody`);
				continue;
			}
			for (const label of labels.keys()) seen.add(label);
			for (const { label, value } of matchers) {
				const values = labels.get(label);
				if (label === "job" || label === "instance") continue;
				if (values === undefined) faults.push(`${metric} has no label ${label}`);
				else if (!FREE.has(label) && !metric.includes(":"))
					for (const one of value.split("|"))
						if (!values.has(one)) faults.push(`${metric} never has ${label}="${one}"`);
			}
		}
		for (const label of grouping)
			if (!seen.has(label)) faults.push(`nothing in it has the label ${label}: ${expression}`);
		return faults;
	}

	#add(metric: string, labels: Readonly<Record<string, string>>): void {
		const known = this.#series.get(metric) ?? new Map<string, Set<string>>();
		this.#series.set(metric, known);
		for (const [label, value] of Object.entries(labels))
			known.set(label, (known.get(label) ?? new Set()).add(value));
	}
}
