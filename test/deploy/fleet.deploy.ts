/** Three nodes, Redis with Sentinel, dnsdist in front, from the files of deploy/isp; then a node and the master die. */
import { join } from "node:path";
import { test } from "tap";
import { cordonWords, Installed } from "./installed.ts";
import { Network, type Running, until } from "./network.ts";

const FRONT = "192.0.2.53";
const PASSWORD = ["-a", "replace-this-password", "--no-auth-warning"];

test("three nodes go on when a node and the master die", { timeout: 170_000 }, async (t) => {
	const network = new Network(t, "fleet", "192.0.2.1");
	const client = network.switch;
	network.host("192.0.2.21").launch(process.execPath, join(import.meta.dirname, "upstream.js"), "192.0.2.21");
	const nodes = [1, 2, 3].map((number) => {
		const host = network.host(`192.0.2.1${number}`);
		const files = new Installed(network.directory, `node-${number}`);
		const here = ["bind 192.0.2.11", `bind ${host.address}`] as const;
		const master = number === 1 ? "" : "\nreplicaof 192.0.2.11 6379";
		const redisConf = files.put("isp/redis.conf", "redis.conf", [[here[0], `${here[1]}${master}`]]);
		const sentinelConf = files.put("isp/sentinel.conf", "sentinel.conf", [
			here,
			["down-after-milliseconds pool 5000", "down-after-milliseconds pool 1000"],
			["failover-timeout pool 30000", "failover-timeout pool 5000"],
		]);
		const config = files.put(`isp/cordon-${number}.yaml`, "etc/cordon.yaml");
		const redis = host.launch("redis-server", redisConf);
		const sentinel = host.launch("redis-server", sentinelConf, "--sentinel");
		return { host, config, redis, sentinel };
	});
	const redisCli = (number: number, ...words: string[]) =>
		nodes[number - 1].host.run("redis-cli", "-h", `192.0.2.1${number}`, ...words).output;
	const replicas = await until(
		30,
		() => redisCli(1, ...PASSWORD, "info", "replication"),
		(text) => /connected_slaves:2/.test(text) && !/state=(?!online)/.test(text),
	);
	t.match(replicas, /connected_slaves:2/, "two replicas follow the master");

	const cordons: Running[] = nodes.map(({ host, config }) =>
		host.launch(...(cordonWords("serve", "--config", config) as [string, ...string[]])),
	);
	const front = network.host(FRONT);
	const dnsdistConf = new Installed(network.directory, "front").put("isp/dnsdist.conf", "dnsdist.conf");
	front.launch("dnsdist", "--supervised", "--disable-syslog", "-C", dnsdistConf);

	/** The command as an operator of that node types it. */
	const cordon = (number: number, ...words: string[]) => {
		const { host, config } = nodes[number - 1];
		const [file, ...rest] = cordonWords(...words, "--config", config);
		return host.run(file, ...rest);
	};
	for (const [i, { host }] of nodes.entries()) {
		const asked = await until(
			40,
			() => client.dig(host.address, "www.example.org"),
			(text) => text === "192.0.2.1",
		);
		t.equal(asked, "192.0.2.1", `node ${i + 1} answers: ${cordons[i].log.slice(-500)}`);
		t.match(
			client.run("dig", "+nsid", `@${host.address}`, "listed.example").output,
			/NXDOMAIN[\s\S]*"dns-\d"/,
		);
	}
	const through = (name: string, ...words: string[]) => client.run("dig", ...words, `@${FRONT}`, name).output;
	t.match(
		await until(
			20,
			() => through("www.example.org"),
			(text) => /192\.0\.2\.1$/m.test(text),
		),
		/NOERROR/,
	);

	/** Says something on one node, until it is written, and waits until customers see it. */
	const contribute = async (number: number, name: string) => {
		const words = ["pool", "add", name, "--category", "phishing", "--reason", "seen in mail", "--for", "7d"];
		const said = await until(
			40,
			() => cordon(number, ...words),
			({ code }) => code === 0,
		);
		t.equal(said.code, 0, `said on node ${number}: ${said.output}`);
	};
	await contribute(1, "evil.example");
	for (const { host } of nodes) {
		const seen = await until(
			10,
			() => client.run("dig", `@${host.address}`, "evil.example").output,
			(text) => /NXDOMAIN/.test(text),
		);
		t.match(seen, /NXDOMAIN/, `${host.address} blocks it`);
	}
	t.match(through("evil.example"), /NXDOMAIN/, "customers no longer reach it");

	await cordons[1].end("SIGKILL");
	let answered = 0;
	for (let i = 0; i < 30; i++)
		if (/NOERROR/.test(through(`n${i}.example.org`, "+time=1", "+tries=4"))) answered++;
	t.equal(answered, 30, "a node dies, and every customer is answered");

	const known = await until(
		30,
		() => redisCli(3, "-p", "26379", "sentinel", "master", "pool"),
		(text) => /num-slaves\n2[\s\S]*num-other-sentinels\n2/.test(text),
	);
	t.match(known, /num-other-sentinels\n2/, "the Sentinels know one another");
	await nodes[0].redis.end("SIGKILL");
	await nodes[0].sentinel.end("SIGKILL");
	t.match(through("evil.example"), /NXDOMAIN/, "the master dies, and what was blocked is");
	await contribute(3, "worse.example");
	const seen = await until(
		15,
		() => client.run("dig", "@192.0.2.11", "worse.example").output,
		(text) => /NXDOMAIN/.test(text),
	);
	t.match(seen, /NXDOMAIN/, "another Redis is the master, and the pool goes on");
	t.match(through("worse.example"), /NXDOMAIN/, "also for customers");
	for (const cordon of [cordons[0], cordons[2]]) t.equal(await cordon.end(), 0, "SIGTERM ends it with 0");
	if (!t.passing()) t.comment(network.lastWords);
});
