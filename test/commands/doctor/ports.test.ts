import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { describeHolder, isCordon } from "../../../src/commands/doctor/known-servers.ts";
import { PORTS } from "../../../src/commands/doctor/ports.ts";
import { PRIVILEGE } from "../../../src/commands/doctor/privilege.ts";
import { holdersOf } from "../../../src/commands/doctor/process-table.ts";
import { parseSocketTable } from "../../../src/commands/doctor/socket-table.ts";
import { Authority } from "../../scenario/authority.ts";
import { Cordon, settings } from "../../scenario/cordon.ts";
import { levels, look, patient } from "./patient.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "only Linux tells who listens" };

const HOLDER = `
const socket = require("node:dgram").createSocket("udp4");
socket.bind(0, process.argv[2], () => console.log(socket.address().port));
`;

/** Another program, under a name of its own, that has a port. */
async function holding(
	t: Test,
	name: string,
	address: string,
): Promise<{ child: ChildProcess; port: number }> {
	const folder = t.testdir({});
	const program = join(folder, name);
	symlinkSync(process.execPath, program);
	writeFileSync(join(folder, "hold.cjs"), HOLDER);
	const { NODE_OPTIONS: _, ...env } = process.env;
	const child = spawn(program, [join(folder, "hold.cjs"), address], {
		env,
		stdio: ["ignore", "pipe", "inherit"],
	});
	t.teardown(async () => {
		if (child.kill("SIGKILL")) await once(child, "exit");
	});
	const [line] = await once(child.stdout ?? child, "data");
	return { child, port: Number(String(line)) };
}

test("a port that another program has, and which", linuxOnly, async (t) => {
	const { child, port } = await holding(t, "dnsmasq", "0.0.0.0");
	const of = await patient(t, { listen: { dns: [`127.0.0.1:${port}`], admin: false } });
	t.match(await look(PORTS, of), [
		{
			level: "fault",
			text: `UDP 127.0.0.1:${port} (listen.dns) is taken by dnsmasq (process ${child.pid})`,
			mend: "systemctl disable --now dnsmasq",
		},
	]);
	const stranger = await holding(t, "some-program", "127.0.0.1");
	const other = await patient(t, { listen: { dns: [`0.0.0.0:${stranger.port}`], admin: false } });
	t.match(await look(PORTS, other), [
		{ level: "fault", text: /taken by some-program \(process \d+\)$/, mend: `kill ${stranger.child.pid}` },
	]);
});

test("another address of the same port, and another protocol, are free", linuxOnly, async (t) => {
	const { port } = await holding(t, "dnsmasq", "127.0.0.1");
	const of = await patient(t, { listen: { dns: [`127.0.0.2:${port}`], admin: `127.0.0.1:${port}` } });
	t.equal(levels(await look(PORTS, of)), "ok ok");
});

test("a Cordon that runs there is no fault", linuxOnly, async (t) => {
	const upstream = await Authority.start(t);
	const cordon = await Cordon.start(t, settings(upstream.url));
	const of = await patient(t, {
		listen: { dns: [...cordon.dns], admin: cordon.admin.replace("http://", "") },
	});
	const found = await look(PORTS, of);
	t.equal(levels(found), "ok ok ok");
	t.match(found[0], {
		text: `${cordon.dns[0]} (listen.dns) is served by Cordon already (process ${cordon.child.pid})`,
	});
});

test("programs are known by their names", (t) => {
	const called = (name: string, command = "", pid = 9) => describeHolder({ pid, name, command });
	t.match(called("systemd-resolve"), { called: "systemd-resolved (process 9)", mend: /DNSStubListener=no/ });
	t.match(
		called("dnsmasq", "/usr/sbin/dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/default.conf").called,
		/libvirt/,
	);
	for (const [name, known] of [
		["named", "BIND"],
		["unbound", "Unbound"],
		["AdGuardHome", "AdGuard Home"],
		["pihole-FTL", "Pi-hole"],
		["docker-proxy", "a container, through docker-proxy"],
	]) {
		t.equal(called(name).called, `${known} (process 9)`);
	}
	t.match(called("systemd", "", 1).mend, /list-sockets/);
	const command =
		"node --max-semi-space-size=1 /usr/lib/cordon/dist/src/main.js serve --config /etc/cordon.yaml";
	t.ok(isCordon({ pid: 9, name: "node", command }));
	const started = "/usr/bin/node --max-semi-space-size=1 scripts/start.mjs --config home.yaml";
	t.ok(isCordon({ pid: 9, name: "node", command: started }), "npm start");
	t.notOk(isCordon({ pid: 9, name: "node", command: "node /srv/web/main.js" }));
	t.end();
});

test("a program of Node is known by its file, not by the name of its thread", async (t) => {
	const proc = t.testdir({
		"9": {
			comm: "MainThread\n",
			cmdline: "/opt/bin/dnsmasq\0hold.cjs\0",
			fd: { 3: t.fixture("symlink", "socket:[77]") },
		},
	});
	const holders = await holdersOf(proc, ["77"], new AbortController().signal);
	t.same(holders.get("77"), [{ pid: 9, name: "dnsmasq", command: "/opt/bin/dnsmasq hold.cjs" }]);
});

test("the kernel's tables are read, and lines that are none passed over", (t) => {
	const udp = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  387: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 21474 2 0000000000000000 17
  388: 0100007F:A6D2 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 21475 2 0000000000000000 0
nonsense
`;
	t.match(parseSocketTable(udp, "UDP", 4), [
		{ address: "127.0.0.53", port: 53, uid: 101, inode: "21474", wildcard: false, drops: 17 },
	]);
	const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0035 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31338 1
   1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31339 1
`;
	t.match(parseSocketTable(tcp6, "TCP", 6), [
		{ address: "0:0:0:0:0:0:0:0", wildcard: true, port: 53 },
		{ address: "0:0:0:0:0:0:0:1", wildcard: false, port: 8080 },
	]);
	t.end();
});

test("an IPv6 socket that listens everywhere may take IPv4 too", async (t) => {
	const zeros = "0".repeat(32);
	const line = `   0: ${zeros}:0035 ${zeros}:0000 0A 00000000:00000000 00:00000000 00000000     7        0 31338 1`;
	const of = await patient(
		t,
		{ listen: { dns: ["127.0.0.1:53", "[::1]:53"], admin: false } },
		{ files: { "proc/net/tcp6": `head\n${line}\n` }, over: { platform: "linux" } },
	);
	t.match(await look(PORTS, of), [
		{
			level: "warning",
			text: /TCP 127\.0\.0\.1:53 .* may be taken by a process of user 7 .*may not look into/,
		},
		{ level: "fault", text: /TCP \[::1\]:53 .* is taken by a process of user 7/, mend: /sudo ss -lnptu/ },
	]);
});

test("ports of the system need a privilege, or a system that lets them go", async (t) => {
	const config = { listen: { dns: ["127.0.0.1:53"], admin: "127.0.0.1:8053" } };
	const judge = async (files: Record<string, string>) =>
		await look(PRIVILEGE, await patient(t, config, { files, over: { platform: "linux", uid: 1000 } }));
	const start = "proc/sys/net/ipv4/ip_unprivileged_port_start";
	t.match(await judge({ [start]: "1024\n", "proc/self/status": "CapEff:\t0000000000000000\n" }), [
		{
			level: "fault",
			text: /port 53 .*user 1000/,
			mend: /ip_unprivileged_port_start=53.*CAP_NET_BIND_SERVICE/,
		},
	]);
	t.equal(levels(await judge({ [start]: "53\n" })), "ok");
	t.equal(levels(await judge({ "proc/self/status": "CapEff:\t0000000000000400\n" })), "ok");
});
