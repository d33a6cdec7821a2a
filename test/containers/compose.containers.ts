/**
 * compose.yaml, started: Cordon, Redis and Prometheus find one another. docker-compose talks to podman in place of Docker,
 * in a network namespace of its own; images of Debian's packages stand in for those of Redis and Prometheus. There is no
 * package of Grafana.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Test, test } from "tap";
import { repository } from "../bench/results.ts";
import { Engine, outcome, running } from "./engine.ts";
import { makeCordon, makeStandIn, must } from "./images.ts";

const SPACE = `cordon-compose-${process.pid}`;
const INSIDE = ["nsenter", `--net=/run/netns/${SPACE}`];
/** Private, so that it may ask; and not all addresses, since podman's own DNS has port 53 of its networks. */
const ADDRESS = "10.53.53.1";
const FOLDER = join(repository(), "deploy/docker");
const SERVICES = ["cordon", "redis", "prometheus"];

/** Networks with names, which only netavark gives, and limits that an ordinary machine allows. */
function podmanConfig(directory: string): string {
	return `[network]
network_backend = "netavark"
network_config_dir = "${directory}/networks"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
`;
}

/** The file, less what the docker-compose of Debian (1.29) does not know yet, and what this machine may not allow. */
function composeFile(): string {
	return readFileSync(join(FOLDER, "compose.yaml"), "utf8")
		.replace(/^name: cordon$/m, "")
		.replace(/ulimits: .*/, "ulimits: { nofile: { soft: 1024, hard: 1024 }, nproc: 4096 }");
}

async function serveApi(t: Test, engine: Engine, socket: string): Promise<void> {
	const [file, ...words] = engine.command("system", "service", "--time=0", `unix://${socket}`);
	const service = spawn(file, words, { stdio: "ignore" });
	const ended = new Promise((resolve) => service.once("close", resolve));
	t.teardown(async () => {
		service.kill();
		await ended;
	});
	const deadline = performance.now() + 30_000;
	while (!existsSync(socket) && performance.now() < deadline) await pause(100);
	t.ok(existsSync(socket), "podman serves Docker's API");
}

test("docker compose up: Cordon, Redis and Prometheus", { timeout: 600_000 }, async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "cordon-compose-"));
	writeFileSync(join(directory, "containers.conf"), podmanConfig(directory));
	process.env.CONTAINERS_CONF = join(directory, "containers.conf");
	const ip = (...words: string[]) => must(t, outcome("ip", words), `ip ${words.join(" ")}`);
	ip("netns", "add", SPACE);
	ip("-n", SPACE, "link", "set", "lo", "up");
	ip("-n", SPACE, "addr", "add", `${ADDRESS}/32`, "dev", "lo");
	const engine = new Engine(directory, process.env.CORDON_STORAGE_DRIVER ?? "overlay", INSIDE);
	t.teardown(() => {
		engine.podman("rm", "--force", "--all", "--time", "1");
		engine.podman("umount", "--all");
		outcome("ip", ["netns", "del", SPACE]);
		rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
	});

	await makeCordon(t, engine, directory, { base: "localhost/cordon-test-base", image: "localhost/cordon" });
	await makeStandIn(t, engine, directory, {
		image: "docker.io/library/redis:7.4-bookworm",
		packages: ["redis-server", "redis-tools"],
		...{ volume: "/data", user: 999, entrypoint: [] },
	});
	await makeStandIn(t, engine, directory, {
		image: "docker.io/prom/prometheus:v2.53.3",
		packages: ["prometheus", "wget"],
		...{ volume: "/prometheus", user: 65534, entrypoint: ["/usr/bin/prometheus"] },
	});

	const socket = join(directory, "podman.sock");
	await serveApi(t, engine, socket);
	const [nsenter, ...inside] = INSIDE;
	const compose = (...words: string[]) =>
		running(
			nsenter,
			[...inside, "docker-compose", "--project-name", "cordon", "--file", "-", ...words],
			{
				cwd: FOLDER,
				env: { ...process.env, DOCKER_HOST: `unix://${socket}`, CORDON_ADDRESS: ADDRESS },
			},
			composeFile(),
		);

	const idOf = (service: string) => {
		const label = `label=com.docker.compose.service=${service}`;
		return engine.podman("ps", "--all", "--quiet", "--filter", label).output;
	};
	const up = compose("up", "--detach", "--no-build", ...SERVICES);
	let isUp = false;
	void up.then(() => {
		isUp = true;
	});
	// With systemd a timer would do this; Cordon is not started before Redis is healthy.
	while (!isUp) {
		engine.podman("healthcheck", "run", idOf("redis"));
		await pause(300);
	}
	must(t, await up, "docker-compose up");

	const within = (...words: string[]) => outcome(nsenter, [...inside, ...words]);
	const dig = (...words: string[]) =>
		within("dig", `@${ADDRESS}`, "+time=2", "+tries=1", "+short", ...words, "blocked.example");
	const answer = await engine.until(60, dig, ({ output }) => output === "0.0.0.0");
	t.equal(answer.output, "0.0.0.0", "a question over UDP to the published port is answered");
	t.equal(dig("+tcp").output, "0.0.0.0", "and over TCP");
	for (const name of SERVICES) {
		const healthy = await engine.until(
			60,
			() => engine.podman("healthcheck", "run", idOf(name)),
			({ code }) => code === 0,
		);
		t.equal(healthy.code, 0, `${name} is healthy: ${healthy.output}`);
	}

	const asked = await engine.until(
		60,
		() => within("curl", "--silent", "http://127.0.0.1:9090/api/v1/query?query=up"),
		({ output }) => output.includes('"1"]'),
	);
	t.match(
		JSON.parse(asked.output).data.result,
		[{ metric: { job: "cordon", instance: "cordon:8053" }, value: [Number, "1"] }],
		"Prometheus reaches Cordon by its name",
	);
	const rules = JSON.parse(within("curl", "--silent", "http://127.0.0.1:9090/api/v1/rules").output);
	t.ok(rules.data.groups.length > 3, "with the rules of deploy/prometheus");

	const pool = await engine.until(
		60,
		() => engine.podman("exec", idOf("redis"), "redis-cli", "exists", "cordon:{default}:meta"),
		({ output }) => output === "1",
	);
	t.equal(pool.output, "1", "Cordon keeps its pool in Redis");
	const added = await engine.until(
		60,
		() => engine.podman("exec", idOf("cordon"), "cordon", "pool", "add", "new.example", "--category", "c2"),
		({ code }) => code === 0,
	);
	must(t, added, "a domain for the pool");
	const poolAnswer = await engine.until(
		30,
		() => within("dig", `@${ADDRESS}`, "+time=2", "+tries=1", "+short", "new.example"),
		({ output }) => output === "0.0.0.0",
	);
	t.equal(poolAnswer.output, "0.0.0.0", "what is said in the pool is blocked");
	t.notOk(
		within("curl", "--silent", "--max-time", "2", `http://${ADDRESS}:8053/readyz`).code === 0,
		"the admin server is published to this machine alone",
	);

	const state = (name: string) =>
		engine.podman("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", idOf(name)).output;
	must(t, await compose("stop"), "docker-compose stop");
	t.equal(state("cordon"), "0 false", "SIGTERM ends it with 0, within its memory");
	must(t, await compose("down", "--volumes"), "docker-compose down");
});
