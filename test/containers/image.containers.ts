/** The image, built and run as in production: read-only, an ordinary user without any capability, 256 MB. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { Engine, outcome } from "./engine.ts";
import { makeCordon, must } from "./images.ts";

const BASE = "localhost/cordon-test-base";
const IMAGE = "localhost/cordon-test";
const CONTAINER = `cordon-test-${process.pid}`;
const SPACE = `cordon-${process.pid}`;
const HOST_LINK = `cdn${process.pid % 100_000}`;
/** Of the range that networks for benchmarks have (RFC 2544): nobody else on this machine uses it. */
const [OUTSIDE, INSIDE] = ["198.18.53.1", "198.18.53.2"];

const CONFIG = `listen:
  dns: [0.0.0.0:53]
  admin: 0.0.0.0:8053
  adminHosts: [cordon]
access:
  allow: [127.0.0.0/8, 198.18.53.0/30]
upstreams:
  servers: [${OUTSIDE}]
blocking:
  answer: zero-ip
  deny: [blocked.example]
dataDir: /var/lib/cordon
`;

/** A network of its own with one cable to this machine, in which an ordinary user may have port 53. */
function layCable(t: Test): void {
	const ip = (...words: string[]) => must(t, outcome("ip", words), `ip ${words.join(" ")}`);
	ip("netns", "add", SPACE);
	t.teardown(() => void outcome("ip", ["netns", "del", SPACE]));
	ip("link", "add", HOST_LINK, "type", "veth", "peer", "name", "eth0", "netns", SPACE);
	ip("addr", "add", `${OUTSIDE}/30`, "dev", HOST_LINK);
	ip("link", "set", HOST_LINK, "up");
	ip("-n", SPACE, "addr", "add", `${INSIDE}/30`, "dev", "eth0");
	ip("-n", SPACE, "link", "set", "eth0", "up");
	ip("-n", SPACE, "link", "set", "lo", "up");
	must(
		t,
		outcome("ip", ["netns", "exec", SPACE, "sysctl", "-w", "net.ipv4.ip_unprivileged_port_start=53"]),
		"sysctl, as compose.yaml sets it",
	);
}

const dig = (...words: string[]) => outcome("dig", [`@${INSIDE}`, "+time=2", "+tries=2", "+short", ...words]);

test("the image is built and serves", { timeout: 600_000 }, async (t) => {
	const directory = mkdtempSync(join(tmpdir(), "cordon-containers-"));
	// Mounts of the store have to be gone before.
	const engine = new Engine(directory, process.env.CORDON_STORAGE_DRIVER ?? "overlay");
	t.teardown(() => {
		engine.podman("rm", "--force", "--all");
		engine.podman("umount", "--all");
		rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
	});

	await makeCordon(t, engine, directory, { base: BASE, image: IMAGE });

	const about = JSON.parse(must(t, engine.podman("image", "inspect", IMAGE), "inspect"))[0];
	t.equal(about.Config.User, "10053:10053", "an ordinary user");
	t.equal(about.Config.Labels["org.opencontainers.image.version"], "0.0.0-test");
	t.match(about.Healthcheck?.Test ?? about.Config.Healthcheck?.Test, ["CMD", "/usr/lib/cordon/healthcheck"]);
	const base = JSON.parse(must(t, engine.podman("image", "inspect", BASE), "inspect"))[0];
	const added = Math.round((about.Size - base.Size) / 1e6);
	t.ok(added < 80, `small: ${added} MB on top of the base image`);

	layCable(t);
	const config = join(directory, "etc");
	must(t, outcome("install", ["-d", "-m", "755", config]), "a folder");
	writeFileSync(join(config, "cordon.yaml"), CONFIG, { mode: 0o644 });
	must(
		t,
		engine.podman(
			...["run", "--detach", "--name", CONTAINER, "--network", `ns:/run/netns/${SPACE}`],
			...[
				"--read-only",
				"--read-only-tmpfs=false",
				"--cap-drop",
				"all",
				"--security-opt",
				"no-new-privileges",
			],
			...["--memory", "256m", "--memory-swap", "256m", "--pids-limit", "128"],
			...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"],
			...["--volume", `${config}:/etc/cordon:ro`, "--volume", "cordon-test-data:/var/lib/cordon", IMAGE],
		),
		"podman run",
	);
	const inside = (...words: string[]) => engine.podman("exec", CONTAINER, ...words);
	const healthy = await engine.until(
		60,
		() => engine.podman("healthcheck", "run", CONTAINER),
		({ code }) => code === 0,
	);
	t.equal(
		healthy.code,
		0,
		`healthy: ${healthy.output} ${engine.podman("logs", CONTAINER).output.slice(-1500)}`,
	);

	t.equal(dig("blocked.example").output, "0.0.0.0", "it answers over UDP");
	t.equal(dig("+tcp", "blocked.example").output, "0.0.0.0", "and over TCP");
	t.equal(inside("cat", "/proc/1/comm").output, "node", "Node itself is process 1");
	t.match(inside("cat", "/proc/1/status").output, /^CapEff:\s+0+$/m, "without a capability");
	t.match(inside("cat", "/proc/1/status").output, /^NoNewPrivs:\s+1$/m);
	t.match(inside("touch", "/usr/lib/cordon/x").output, /Read-only file system/, "on a read-only file system");
	t.match(inside("cordon", "status").output, /: ready$/m, "the command is there");
	t.match(inside("cordon", "check").output, /no faults/);
	t.match(
		inside("ls", "/var/lib/cordon").output,
		/blocklist\.snapshot/,
		"dataDir is a volume it may write to",
	);

	writeFileSync(
		join(config, "cordon.yaml"),
		CONFIG.replace("[blocked.example]", "[blocked.example, new.example]"),
	);
	must(t, engine.podman("kill", "--signal", "HUP", CONTAINER), "SIGHUP");
	const reloaded = await engine.until(
		30,
		() => dig("new.example"),
		({ output }) => output === "0.0.0.0",
	);
	t.equal(reloaded.output, "0.0.0.0", "SIGHUP reloads");

	must(t, engine.podman("stop", "--time", "20", CONTAINER), "SIGTERM");
	const state = engine.podman("inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}}", CONTAINER);
	t.equal(state.output, "0 false", "SIGTERM ends it with 0, within its memory");
});
