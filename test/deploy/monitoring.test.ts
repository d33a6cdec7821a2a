/** A real Prometheus watches two real nodes under load: rules are worked out, alerts come, and every panel shows something. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { FAMILIES } from "../../src/observe/registry.ts";
import { freePort } from "../bench/free-port.ts";
import { parseExposition } from "../observe/exposition.ts";
import { RedisServer } from "../pool/redis/server.ts";
import { until } from "../pool/redis/until.ts";
import { Authority } from "../scenario/authority.ts";
import { folder, type Settings } from "../scenario/cordon.ts";
import { PoolNode, poolSettings } from "../scenario/pool-node.ts";
import { domains, Web } from "../scenario/web.ts";
import { dashboards, shown } from "./dashboards.ts";
import { Prometheus } from "./prometheus.ts";
import { readRules } from "./rules.ts";
import { Trickle } from "./trickle.ts";

/** Scraping, working out rules and being scraped again take some seconds, on a busy machine many. */
const PATIENCE_MS = 90_000;
/** What Grafana would put in. */
const RATE_INTERVAL = "1m";

interface Site {
	readonly nodes: readonly PoolNode[];
	readonly web: Web;
	readonly prometheus: Prometheus;
}

/** Cached, blocked by two lists and by the pool, from upstream, local, failed. */
const NAMES = [
	"c.any.example",
	"bad1.example",
	"ads1.example",
	"pool.any.example",
	"r*.any.example",
	"localhost",
	"*.dead.example",
];

/** A node with its pool on disk, one with its pool in Redis, both asked, both watched. */
async function site(t: Test): Promise<Site> {
	const [authority, web, redis] = await Promise.all([Authority.start(t), Web.start(t), RedisServer.start(t)]);
	web.put("/malware", domains("bad", 100));
	const directory = folder(t);
	writeFileSync(join(directory, "ads"), domains("ads", 50));
	const over: Settings = {
		upstreams: { zones: [{ names: ["dead.example"], servers: [`udp://127.0.0.1:${await freePort()}`] }] },
		lists: [
			{ name: "malware", category: "malware", url: `${web.url}/malware`, allowPrivateAddress: true },
			{ name: "ads", category: "ads", file: join(directory, "ads") },
		],
	};
	const store = { store: "redis", redis: { url: `redis://127.0.0.1:${redis.port}` } };
	// One after the other: on a busy machine two that start at once take too long.
	const nodes = [
		await PoolNode.start(t, poolSettings(authority.url, over)),
		await PoolNode.start(t, poolSettings(authority.url, over, { pool: store })),
	];
	for (const node of nodes) {
		await node.add("pool.any.example", await node.member("cert"));
		await Trickle.start(t, node.dns, NAMES);
	}
	const targets = nodes.map(({ cordon }) => new URL(cordon.admin).host);
	return { nodes, web, prometheus: await Prometheus.start(t, targets) };
}

test("dashboards and rules on a running system", async (t) => {
	const { nodes, web, prometheus } = await site(t);
	const [first, second] = nodes;
	const instances = nodes.map(({ cordon }) => new URL(cordon.admin).host);
	await until(
		"both nodes to be watched",
		async () => (await prometheus.query("up == 1")).length === 2,
		PATIENCE_MS,
	);

	web.put("/malware", domains("bad", 10));
	for (const { cordon } of nodes) t.match(await cordon.reload(), /reloaded/);

	await t.test("all rules are loaded and worked out", async (t) => {
		const written = readRules().flatMap(({ rules }) => rules.map(({ record, alert }) => record ?? alert));
		await until(
			"all rules to be worked out",
			async () => (await prometheus.rules()).every(({ health }) => health !== "unknown"),
			PATIENCE_MS,
		);
		const rules = await prometheus.rules();
		t.same(rules.map(({ name }) => name).toSorted(), written.toSorted());
		t.same(
			rules.filter(({ health }) => health !== "ok"),
			[],
		);
	});

	await t.test("every variable offers its choices", async (t) => {
		t.same(await prometheus.labelValues("job", "cordon_build_info"), ["cordon"]);
		const offered = await prometheus.labelValues("instance", 'cordon_build_info{job=~"cordon"}');
		t.same(offered.toSorted(), instances.toSorted());
	});

	await t.test("the list that shrank is told of", async () => {
		const held = 'count(ALERTS{alertname="CordonListHeld", list="malware"}) == 2';
		await until("an alert of both nodes", async () => (await prometheus.query(held)).length > 0, PATIENCE_MS);
	});

	for (const one of dashboards()) {
		const single = one.uid === "cordon-node";
		for (const instance of single ? instances : [".+"]) {
			await t.test(`every panel of ${one.uid} shows something, node ${instance}`, async (t) => {
				for (const { title, targets = [] } of shown(one))
					for (const { expr, legendFormat } of targets) {
						const query = expr
							.replaceAll("$job", ".+")
							.replaceAll("$instance", instance)
							.replaceAll("$__rate_interval", RATE_INTERVAL);
						let samples = await prometheus.query(query);
						const isThere = async () => {
							samples = await prometheus.query(query);
							return samples.some(({ value }) => Number.isFinite(value));
						};
						const found = await until(query, isThere, PATIENCE_MS).then(
							() => true,
							() => false,
						);
						t.ok(found, `${title}: ${query}`);
						for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
							t.ok(
								samples.every(({ metric }) => metric[label] !== undefined),
								`${title}: ${label} of ${legendFormat}`,
							);
					}
			});
		}
		for (const { expr } of one.annotations.list)
			if (expr !== undefined)
				await prometheus.query(expr.replaceAll("$job", ".+").replaceAll("$instance", ".+"));
	}

	await t.test("what the nodes export is what we say, and promtool finds no fault", async (t) => {
		const ours = new Map(FAMILIES.map(({ name, labels }) => [name, new Set([...labels, "le"])]));
		for (const { cordon } of nodes) {
			const { body } = await cordon.get("/metrics");
			const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
				input: body,
				encoding: "utf8",
			});
			t.equal(status, 0, `promtool check metrics: ${stdout}${stderr}`);
			for (const { name, samples } of parseExposition(body).values()) {
				if (/^(process|nodejs)_/.test(name)) continue;
				const labels = ours.get(name);
				t.ok(labels !== undefined, `${name} is documented`);
				const strange = samples
					.flatMap((sample) => Object.keys(sample.labels))
					.filter((label) => !labels?.has(label));
				t.same(strange, [], `${name} has the labels it says`);
			}
		}
	});

	await t.test("a node that goes is told of, and only that one", async (t) => {
		await second.cordon.stop();
		const down = async () =>
			(await prometheus.alerts()).filter(({ labels }) => labels.alertname === "CordonDown");
		const onlySecond = async () => {
			const alerts = await down();
			return alerts.length === 1 && alerts[0]?.labels.instance === instances[1];
		};
		await until("an alert of the second node alone", onlySecond, PATIENCE_MS);
		const [alert] = await down();
		t.match(alert.annotations.summary, `${instances[1]} does not answer Prometheus`);
		t.equal((await first.cordon.get("/readyz")).status, 200);
	});
});
