/** A node announces the service address while it answers, by BIRD and by ExaBGP; a router with BIRD learns of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { repository } from "../bench/results.ts";
import { cordonWords, deployFile, Installed } from "./installed.ts";
import { type Host, Network, type Running, until } from "./network.ts";

const SERVICE = "192.0.2.53";
const CHECK = join(repository(), "deploy/anycast/check-cordon");

const ROUTER = `log stderr all;
router id 192.0.2.1;
protocol device { scan time 1; }
protocol kernel { ipv4 { export all; import none; }; }
protocol bgp node {
  local 192.0.2.1 as 64511;
  neighbor 192.0.2.11 as 64512;
  connect retry time 1;
  connect delay time 1;
  ipv4 { import all; export none; };
}
`;

const CONFIG = `listen: { dns: ["0.0.0.0:53"], admin: "127.0.0.1:8053" }
access: { allow: [127.0.0.0/8, 192.0.2.0/24] }
upstreams: { servers: [192.0.2.21] }
blocking: { answer: zero-ip, deny: [blocked.example] }
pool: { store: "off" }
`;

async function announces(
	t: Test,
	name: string,
	announce: (node: Host, network: Network) => void,
): Promise<void> {
	const network = new Network(t, name, "192.0.2.2");
	// A router has a table of routes of its own, so it is a machine and not the switch.
	const router = network.host("192.0.2.1");
	const node = network.host("192.0.2.11");
	const files = new Installed(network.directory, "node");
	const config = files.write("etc/cordon.yaml", `${CONFIG}dataDir: ${files.folder}/data\n`);
	const start = (): Running =>
		node.launch(...(cordonWords("serve", "--config", config) as [string, ...string[]]));

	const control = join(network.directory, "router.ctl");
	const routerConf = files.write("router.conf", ROUTER);
	router.launch("bird", "-f", "-c", routerConf, "-s", control);
	announce(node, network);
	const routes = () => router.run("birdc", "-s", control, "show", "route", "for", SERVICE).output;
	const has = (text: string) => /192\.0\.2\.53\/32[\s\S]*via 192\.0\.2\.11/.test(text);
	const told = await until(
		30,
		() => router.run("birdc", "-s", control, "show", "protocols", "node").output,
		(text) => /Established/.test(text),
	);
	t.match(told, /Established/, `node and router speak: ${network.lastWords}`);
	t.notOk(has(routes()), "nothing is announced before Cordon answers");

	let cordon = start();
	t.ok(has(await until(30, routes, has)), "announced while Cordon answers");
	const asked = await until(
		10,
		() => router.dig(SERVICE, "blocked.example"),
		(text) => text === "0.0.0.0",
	);
	t.equal(asked, "0.0.0.0", "and customers behind the router are answered at the service address");

	t.equal(await cordon.end(), 0);
	t.notOk(has(await until(15, routes, (text) => !has(text))), "withdrawn when Cordon stops");

	cordon = start();
	t.ok(has(await until(30, routes, has)), "and announced again");
	cordon.child.kill("SIGSTOP");
	t.notOk(has(await until(15, routes, (text) => !has(text))), "withdrawn when Cordon hangs");
	cordon.child.kill("SIGCONT");
	await cordon.end();
}

test("with BIRD", { timeout: 120_000 }, async (t) => {
	await announces(t, "bird", (node, network) => {
		node.launch(CHECK, "bird");
		const conf = join(network.directory, "node.conf");
		writeFileSync(conf, deployFile("anycast/bird.conf").replace("log syslog", "log stderr"));
		node.launch("bird", "-f", "-c", conf, "-s", join(network.directory, "node.ctl"));
	});
});

test("with ExaBGP", { timeout: 120_000 }, async (t) => {
	await announces(t, "exabgp", (node, network) => {
		// The address is always there: ExaBGP only tells.
		t.equal(node.run("ip", "addr", "add", `${SERVICE}/32`, "dev", "lo").code, 0);
		const folder = join(network.directory, "exabgp");
		mkdirSync(folder);
		const conf = join(folder, "exabgp.conf");
		writeFileSync(
			conf,
			deployFile("anycast/exabgp.conf").replace("/usr/lib/cordon/anycast/check-cordon", CHECK),
		);
		const settings = ["exabgp.daemon.user=root", "exabgp.api.cli=false", "exabgp.log.destination=stderr"];
		node.launch("env", ...settings, "exabgp", conf);
	});
});
