import { join } from "node:path";
import { test } from "tap";
import { loadConfig, parseConfig } from "../../src/config/load.ts";
import { nodeName, toPoolSettings } from "../../src/config/pool-settings.ts";
import { MEMBER_NAME } from "../../src/config/vocabulary.ts";
import { PROJECT } from "./project-folder.ts";

async function settingsOf(text: string, host = "Node-1.isp.example") {
	return toPoolSettings(await parseConfig(text, "/etc/c.yaml", { machineAddresses: [] }), host);
}

const DAY = 86_400_000;

test("the defaults", async (t) => {
	t.same(await settingsOf(""), {
		store: "embedded",
		name: "default",
		node: "node-1.isp.example",
		network: "node-1.isp.example",
		redis: {
			servers: { kind: "single", host: { host: "127.0.0.1", port: 6379 } },
			database: 0,
			prefix: "cordon",
			waitReplicas: 0,
			timeoutMs: 5000,
		},
		trust: { threshold: 50, weight: 0, categories: {}, disputeWeight: 0.5, members: [] },
		limits: { maxChange: 0.25, freeChanges: 1000, maxChanges: 100_000 },
		guard: { ownNames: [], protect: [], infrastructure: [] },
		validity: {
			malware: { defaultMs: 90 * DAY, maxMs: 180 * DAY },
			phishing: { defaultMs: 14 * DAY, maxMs: 90 * DAY },
			c2: { defaultMs: 90 * DAY, maxMs: 180 * DAY },
			botnet: { defaultMs: 90 * DAY, maxMs: 180 * DAY },
			fraud: { defaultMs: 30 * DAY, maxMs: 180 * DAY },
			legal: { defaultMs: 365 * DAY, maxMs: 1825 * DAY },
			other: { defaultMs: 30 * DAY, maxMs: 180 * DAY },
		},
		sightings: true,
		audit: { keepMs: 730 * DAY, most: 1_000_000 },
	});
});

test("how long the audit is kept", async (t) => {
	t.match(await settingsOf("pool: { auditKeep: 3650d, auditMost: 10000 }"), {
		audit: { keepMs: 3650 * DAY, most: 10_000 },
	});
	for (const [text, message] of [
		["auditKeep: 29d", /auditKeep.* between 30d and 36500d/],
		["auditKeep: 40000d", /auditKeep.* between 30d and 36500d/],
		["auditMost: 9999", /auditMost/],
		["auditMost: 1.5e9", /auditMost/],
	] as const) {
		await t.rejects(settingsOf(`pool: { ${text} }`), { message }, text);
	}
});

test("names of node and network", async (t) => {
	t.match(await settingsOf("pool: { node: a }"), { node: "a", network: "a" });
	t.match(await settingsOf("pool: { node: a, network: b }"), { node: "a", network: "b" });
	t.match(await settingsOf("pool: { network: b }"), { node: "node-1.isp.example", network: "b" });
	for (const [host, name] of [
		["dns1", "dns1"],
		["-DNS 1-", "dns-1-"],
		["bücher", "b-cher"],
		["", "node"],
		["---", "node"],
		["x".repeat(100), "x".repeat(63)],
	]) {
		t.equal(nodeName(host), name);
		t.match(nodeName(host), MEMBER_NAME);
	}
});

test("where Redis is", async (t) => {
	const redisOf = async (text: string) =>
		(await settingsOf(`pool: { store: redis, redis: { ${text} } }`)).redis;
	t.same(await redisOf("url: redis://redis.example:7000/3, password: p, waitReplicas: 2, timeout: 2s"), {
		servers: { kind: "single", host: { host: "redis.example", port: 7000 } },
		database: 3,
		password: "p",
		prefix: "cordon",
		waitReplicas: 2,
		timeoutMs: 2000,
	});
	t.match(await redisOf('url: "rediss://[2001:db8::1]"'), {
		servers: { host: { host: "2001:db8::1", port: 6379 } },
		tls: {},
	});
	t.notOk("tls" in (await redisOf("url: redis://r.example, database: 4")));
	t.equal((await redisOf("url: redis://r.example, database: 4")).database, 4);
	t.equal((await redisOf("url: redis://r.example/, database: 4")).database, 4);
	t.same((await redisOf("sentinels: [s1.example, 192.0.2.1:5000], tls: true")).servers, {
		kind: "sentinel",
		sentinels: [
			{ host: "s1.example", port: 26379 },
			{ host: "192.0.2.1", port: 5000 },
		],
		master: "mymaster",
	});
	const cluster = await redisOf("cluster: [c1.example, c2.example:7001], tls: { serverName: c.example }");
	t.same(cluster.servers, {
		kind: "cluster",
		nodes: [
			{ host: "c1.example", port: 6379 },
			{ host: "c2.example", port: 7001 },
		],
	});
	t.same(cluster.tls, { serverName: "c.example" });
});

test("hosts that nobody may block: of lists, of Redis, of the admin server", async (t) => {
	const { guard } = await settingsOf(`
listen: { adminHosts: [Admin.isp.example] }
lists:
  - { name: a, url: "https://Lists.Example.net:8443/a.txt" }
  - { name: b, url: "https://bücher.example./b.txt" }
  - { name: c, url: "http://192.0.2.1/c.txt" }
  - { name: d, url: "http://[2001:db8::1]/d.txt" }
  - { name: e, file: /dev/null }
  - { name: f, url: "https://lists.example.net/f.txt" }
pool:
  redis: { sentinels: [S1.redis.example, 192.0.2.2:26379] }
  guard: { ownNames: [isp.example], protect: ["*.bank.example"] }
`);
	t.same(guard, {
		ownNames: ["isp.example"],
		protect: ["*.bank.example"],
		infrastructure: ["lists.example.net", "xn--bcher-kva.example", "s1.redis.example", "admin.isp.example"],
	});
	const { guard: single } = await settingsOf("pool: { redis: { url: redis://one.redis.example } }");
	t.same(single.infrastructure, ["one.redis.example"]);
});

test("validity: what is not said stays, and a ceiling lowers the default", async (t) => {
	const { validity } = await settingsOf(
		"pool: { validity: { malware: { max: 30d }, phishing: { default: 36h }, legal: { default: 2w, max: 4w } } }",
	);
	t.same(validity.malware, { defaultMs: 30 * DAY, maxMs: 30 * DAY });
	t.same(validity.phishing, { defaultMs: 1.5 * DAY, maxMs: 90 * DAY });
	t.same(validity.legal, { defaultMs: 14 * DAY, maxMs: 28 * DAY });
	t.same(validity.c2, { defaultMs: 90 * DAY, maxMs: 180 * DAY });
});

test("members with their defaults", async (t) => {
	const { trust } = await settingsOf(
		"pool: { trust: { members: [{ name: a }, { name: b, weight: 0.5, mode: log-only, categories: { c2: ignore } }] } }",
	);
	t.same(trust.members, [
		{ name: "a", weight: 1, mode: "block", categories: {} },
		{ name: "b", weight: 0.5, mode: "log-only", categories: { c2: "ignore" } },
	]);
});

test("they survive the way to another thread", async (t) => {
	const settings = await settingsOf(
		"pool: { store: redis, redis: { url: rediss://r.example, password: p } }",
	);
	t.same(structuredClone(settings), settings);
});

test("the example for a community", async (t) => {
	const path = join(PROJECT, "config", "community.yaml");
	const { config } = await loadConfig({ path, machineAddresses: [] });
	const settings = toPoolSettings(config);
	t.match(settings, { store: "redis", name: "isp-community", node: "isp-dns-1", network: "isp" });
	t.match(settings.redis, { servers: { kind: "sentinel", master: "pool" }, tls: {}, waitReplicas: 1 });
	t.same(
		settings.trust.members.map(({ name, weight, mode }) => `${name} ${weight} ${mode}`),
		[
			"national-cert 1 block",
			"isp-b 0.5 block",
			"isp-c 0.5 block",
			"startup 0.8 log-only",
			"phishing-feed 0.4 block",
		],
	);
	t.ok(settings.guard.infrastructure.includes("redis-1.community.example"));
	t.same(
		config.lists.map(({ name, kind, to }) => `${name} ${kind} ${to}`),
		["phishing-feed block pool", "popular protect blocklist", "security-team block blocklist"],
	);
});
