/** Every series that Cordon can export, and those that our recording rules make of them. */
import { CATEGORIES } from "../../src/config/vocabulary.ts";
import {
	BLOCK_ACTIONS,
	BLOCK_REASONS,
	LIMIT_ACTIONS,
	LIMITS,
	TRANSPORTS,
	VIAS,
} from "../../src/observe/counters.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import type { PoolState } from "../../src/observe/status.ts";
import { parseExposition } from "../observe/exposition.ts";
import { FakeNode, STATUS } from "../observe/fake-node.ts";
import { readExpression } from "./promql.ts";
import { readRules } from "./rules.ts";

const POOL: PoolState = {
	store: "redis",
	up: true,
	lagMs: 0,
	seq: 12,
	contributions: 9,
	members: 3,
	blockedDomains: 7,
	loggedDomains: 1,
	held: { batch: 1, protected: 1, disputed: 1, pool: 0 },
	resyncs: 0,
	clockAheadMs: 0,
	changedDomains: 2,
	sightingsLost: 0,
};

/** Response codes by their numbers, as RCODES has them, and -1 for what was dropped. */
const RCODES = [0, 1, 2, 3, 4, 5, 16, 23, -1];

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

/** A node on which everything has happened once, as /metrics shows it. */
export async function everything(): Promise<string> {
	const node = new FakeNode();
	node.current = { ...STATUS, pool: POOL };
	const [worker] = node.workers;
	TRANSPORTS.forEach((_, transport) => {
		worker.query(transport, 1);
	});
	VIAS.forEach((_, via) => {
		for (const rcode of RCODES) worker.response(via, rcode);
	});
	CATEGORIES.forEach((_, category) => {
		BLOCK_ACTIONS.forEach((_, action) => {
			worker.blocked(category, action, action % BLOCK_REASONS.length);
		});
	});
	LIMITS.forEach((_, limit) => {
		LIMIT_ACTIONS.forEach((_, action) => {
			worker.limited(limit, action);
		});
	});
	return (await createMetrics({ view: node, process: true }).scrape()).body;
}

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
