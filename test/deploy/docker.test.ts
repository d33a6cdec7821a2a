/** What can be said of the image and of compose.yaml without building them. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "tap";
import { parse } from "yaml";
import { parseConfig } from "../../src/config/load.ts";
import { repository } from "../bench/results.ts";

const ROOT = repository();
const FOLDER = join(ROOT, "deploy/docker");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const DOCKERFILE = read("deploy/docker/Dockerfile").replaceAll(/\\\n/g, " ");

test("the Dockerfile copies what there is, and .dockerignore lets it through", (t) => {
	const allowed = read(".dockerignore")
		.split("\n")
		.filter((line) => line.startsWith("!"))
		.map((line) => line.slice(1));
	const copied = [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from]) =>
		from.split(" "),
	);
	t.ok(copied.length > 5);
	for (const path of copied) {
		t.ok(existsSync(join(ROOT, path)), `${path} exists`);
		t.ok(
			allowed.some((one) => path === one || path.startsWith(`${one}/`)),
			`${path} is let through`,
		);
	}
	t.end();
});

test("the Dockerfile: the Node that package.json wants, an ordinary user, Node as process 1", (t) => {
	const wanted = /(\d+)/.exec(
		(JSON.parse(read("package.json")) as { engines: { node: string } }).engines.node,
	)?.[1];
	t.match(DOCKERFILE, new RegExp(`^ARG NODE_IMAGE=node:${wanted}-bookworm-slim$`, "m"));
	t.same(
		[...DOCKERFILE.matchAll(/^USER (.+)$/gm)].map((found) => found[1]),
		["10053:10053"],
	);
	t.match(DOCKERFILE, /^ENTRYPOINT \["node", /m, "no shell between");
	t.match(DOCKERFILE, /^HEALTHCHECK .+ CMD \["\/usr\/lib\/cordon\/healthcheck"\]$/m);
	t.match(DOCKERFILE, /npm prune --omit=dev/);
	t.notMatch(DOCKERFILE, /^ADD /m);
	t.equal(statSync(join(FOLDER, "healthcheck")).mode & 0o111, 0o111, "the health check can be run");
	t.end();
});

test("compose.yaml: every service is hardened, bounded and watched, and its files exist", (t) => {
	const compose = parse(read("deploy/docker/compose.yaml"), { merge: true });
	t.same(Object.keys(compose.services), ["cordon", "redis", "prometheus", "grafana"]);
	for (const [name, service] of Object.entries<Record<string, unknown>>(compose.services)) {
		t.match(
			service,
			{ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"], mem_limit: /^\d+m$/ },
			`${name} is hardened`,
		);
		// Cordon's check is in its image.
		t.ok(name === "cordon" || service.healthcheck, `${name} has a health check`);
		for (const mount of (service.volumes ?? []) as string[]) {
			const [from] = mount.split(":");
			if (from.startsWith(".")) t.ok(existsSync(resolve(FOLDER, from)), `${name}: ${from} exists`);
			else t.ok(from in compose.volumes, `${name}: volume ${from} is declared`);
		}
		for (const port of (service.ports ?? []) as string[])
			t.match(port, /^127\.0\.0\.1:|:53:53\/(?:udp|tcp)$/, `${name}: only DNS is for others`);
		for (const network of service.networks as string[]) t.ok(network in compose.networks);
	}
	t.same(compose.services.cordon.sysctls, { "net.ipv4.ip_unprivileged_port_start": "53" });
	const prometheus = parse(read("deploy/docker/compose/prometheus/prometheus.yml"));
	t.same(prometheus.scrape_configs[0].static_configs[0].targets, ["cordon:8053"]);
	t.end();
});

test("the configurations in containers: no faults, and they fit what is around them", async (t) => {
	for (const path of ["deploy/docker/cordon.yaml", "deploy/docker/compose/cordon/cordon.yaml"]) {
		const config = await parseConfig(read(path), join(ROOT, path), { machineAddresses: [] });
		t.match(config, {
			listen: { dns: ["0.0.0.0:53"], admin: "0.0.0.0:8053", adminHosts: ["cordon"] },
			dataDir: "/var/lib/cordon",
		});
	}
});
