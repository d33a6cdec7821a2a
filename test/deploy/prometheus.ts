/** A real Prometheus with our rules, in a folder of its own, ended with the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Test } from "tap";
import { parse } from "yaml";
import { freePort } from "../bench/free-port.ts";
import { until } from "../pool/redis/until.ts";
import { folder, merged, type Settings } from "../scenario/cordon.ts";
import { PROMETHEUS_FOLDER } from "./rules.ts";

/** A process that ends without its teardown, because a test took too long, leaves no server behind. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
	for (const child of running) child.kill("SIGKILL");
});

export interface Sample {
	readonly metric: Readonly<Record<string, string>>;
	readonly value: number;
}

export interface RuleState {
	readonly name: string;
	readonly type: "recording" | "alerting";
	readonly health: "ok" | "unknown" | "err";
	readonly lastError?: string;
}

export interface Alert {
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
	readonly state: string;
}

/** The configuration that we ship, in a hurry, with the first target in it and the others in a file of targets. */
function configure(directory: string, [first, ...others]: readonly string[]): string {
	const shipped = parse(readFileSync(`${PROMETHEUS_FOLDER}/prometheus.yml`, "utf8")) as Settings;
	const [job] = shipped.scrape_configs as readonly Settings[];
	const config = merged(shipped, {
		global: { scrape_interval: "2s", scrape_timeout: "2s", evaluation_interval: "2s" },
		rule_files: (shipped.rule_files as readonly string[]).map((name) => resolve(PROMETHEUS_FOLDER, name)),
		scrape_configs: [{ ...job, static_configs: [{ targets: [first] }] }],
	});
	mkdirSync(join(directory, "targets"));
	writeFileSync(join(directory, "targets", "cordon-nodes.yml"), JSON.stringify([{ targets: others }]));
	const path = join(directory, "prometheus.yml");
	writeFileSync(path, JSON.stringify(config));
	return path;
}

export class Prometheus {
	readonly #url: string;

	private constructor(url: string) {
		this.#url = url;
	}

	/** `targets`: ADDRESS:PORT of what is watched. Resolves when it answers. */
	static async start(t: Test, targets: readonly string[]): Promise<Prometheus> {
		const directory = folder(t);
		const address = `127.0.0.1:${await freePort()}`;
		const { NODE_OPTIONS: _, ...env } = process.env;
		const child = spawn(
			"prometheus",
			[
				`--config.file=${configure(directory, targets)}`,
				`--storage.tsdb.path=${join(directory, "data")}`,
				`--web.listen-address=${address}`,
				"--log.level=warn",
			],
			{ stdio: ["ignore", "ignore", "pipe"], env },
		);
		running.add(child);
		const ended = once(child, "exit");
		child.once("exit", () => running.delete(child));
		t.teardown(async () => {
			child.kill("SIGKILL");
			await ended;
		});
		let said = "";
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
		const url = `http://${address}`;
		await until("Prometheus to be ready", async () => {
			if (child.exitCode !== null) throw new Error(`prometheus ended:\n${said}`);
			return await fetch(`${url}/-/ready`).then(
				({ ok }) => ok,
				() => false,
			);
		});
		return new Prometheus(url);
	}

	/** What an expression is now. Rejects when it cannot be read. */
	async query(expression: string): Promise<readonly Sample[]> {
		const { result } = await this.#get<{
			readonly result: readonly { metric: Record<string, string>; value: readonly [number, string] }[];
		}>("query", { query: expression });
		return result.map(({ metric, value: [, text] }) => ({ metric, value: Number(text) }));
	}

	async rules(): Promise<readonly RuleState[]> {
		const { groups } = await this.#get<{ groups: readonly { rules: readonly RuleState[] }[] }>("rules");
		return groups.flatMap(({ rules }) => rules);
	}

	async alerts(): Promise<readonly Alert[]> {
		return (await this.#get<{ alerts: readonly Alert[] }>("alerts")).alerts;
	}

	/** As Grafana asks for the choices of a variable. */
	labelValues(label: string, match: string): Promise<readonly string[]> {
		return this.#get(`label/${label}/values`, { "match[]": match });
	}

	async #get<T>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
		const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
		const answer = (await response.json()) as { status: string; data: T; error?: string };
		if (answer.status !== "success")
			throw new Error(`${path} ${JSON.stringify(parameters)}: ${answer.error}`);
		return answer.data;
	}
}
