/** The life of the package on a Debian with systemd: installed, started, upgraded, removed and purged. */
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Test, test } from "tap";
import { installDebian } from "./base.ts";
import { startLoad } from "./load.ts";
import { Machine, until, writeInside } from "./machine.ts";
import { buildPackage, ownVersion, type Package } from "./packages.ts";
import { differences, readTraces } from "./traces.ts";

const CONFIG = "/etc/cordon/cordon.yaml";
/** What is installed at once need not be small. */
const UNPACKED = ["--compression", "none"];
const PATIENCE_MS = 60_000;
const TAKER = `const s = require("node:dgram").createSocket("udp4"); s.bind(53, "127.0.0.1", () => console.log("bound"))`;

function answer(machine: Machine, name: string, ...words: readonly string[]): string {
	return machine.run(`dig @127.0.0.1 +time=5 +tries=1 +short ${name} ${words.join(" ")}`).text.trim();
}

function asCordon(machine: Machine, line: string): ReturnType<Machine["run"]> {
	return machine.run(`runuser -u cordon -- ${line}`);
}

function edit(machine: Machine, from: string | RegExp, to: string): void {
	const text = readFileSync(join(machine.root, CONFIG), "utf8");
	const edited = text.replace(from, to);
	if (edited === text) throw new Error(`${CONFIG} has no ${from}`);
	writeInside(machine, CONFIG, edited);
}

function restarts(machine: Machine): string {
	return machine.must("systemctl show -p NRestarts --value cordon").trim();
}

async function install(machine: Machine, { path }: Package, environment = ""): Promise<string> {
	const name = basename(path);
	copyFileSync(path, join(machine.root, "var/cache", name));
	try {
		return machine.must(`${environment} dpkg --force-unsafe-io --install /var/cache/${name}`);
	} finally {
		rmSync(join(machine.root, "var/cache", name));
	}
}

async function untilActive(machine: Machine): Promise<void> {
	await until(
		"the service is active",
		PATIENCE_MS,
		() => machine.run("systemctl is-active cordon").code === 0,
	);
}

test("the package lives on Debian as the documentation says", async (t: Test) => {
	const folder = mkdtempSync(join(tmpdir(), "cordon-debian-test-"));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const version = ownVersion();
	const next = `${version}+1`;
	const first = buildPackage(join(folder, "first"), ...UNPACKED);
	const second = buildPackage(join(folder, "second"), "--version", next, ...UNPACKED);
	t.comment(first.told);

	const root = join(folder, "root");
	installDebian(root);
	const machine = await Machine.boot(root);
	t.teardown(() => machine.stop());
	const before = readTraces(machine);

	t.test("an installation does not fail when another program has port 53, and says so", async (t) => {
		const taker = machine.inNetwork(process.execPath, ["-e", TAKER]);
		await once(taker.stdout ?? taker, "data");
		const told = await install(machine, first);
		t.match(told, /the service did not start, and is tried again/);
		t.match(machine.must("journalctl --unit cordon --no-pager"), /another program has this port/);
		const gone = once(taker, "exit");
		taker.kill();
		await gone;
		await untilActive(machine);
	});

	t.test("it answers on port 53 of this machine alone, under its own user, within its sandbox", async (t) => {
		t.equal(answer(machine, "blocked.example"), "0.0.0.0");
		t.equal(answer(machine, "blocked.example", "AAAA", "+tcp"), "::");
		t.notOk(
			/\b00000000:0035\b/.test(machine.must("cat /proc/net/udp")),
			"no address but those of the configuration",
		);
		const status = machine.must(`cat /proc/${machine.mainPid}/status`);
		t.equal(machine.must(`ps -o user= -p ${machine.mainPid}`).trim(), "cordon");
		t.match(status, /^CapEff:\t0000000000000400$/m, "CAP_NET_BIND_SERVICE and nothing else");
		t.match(status, /^NoNewPrivs:\t1$/m);
		t.match(status, /^Seccomp:\t2$/m);
		t.not(machine.must("systemctl show -p WatchdogTimestampMonotonic --value cordon").trim(), "0");
		t.equal(machine.must("stat -c '%U %a' /var/lib/cordon /var/log/cordon").trim(), "cordon 750\ncordon 750");
		t.notMatch(machine.must("journalctl --unit cordon --no-pager"), /Operation not permitted|EPERM|EACCES/);
	});

	t.test("every package of npm that the program uses is there whole", async (t) => {
		const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: object };
		const names = JSON.stringify(Object.keys(dependencies));
		const script = `for (const name of ${names}) await import(name); console.log("all")`;
		t.equal(machine.must(`cd /usr/lib/cordon && bin/node --input-type=module -e '${script}'`), "all\n");
	});

	t.test("commands find the configuration and the data", async (t) => {
		t.equal(machine.must("cordon --version"), `cordon ${version}\n`);
		t.match(asCordon(machine, "cordon status").text, /^Cordon .+: ready$/m);
		t.match(asCordon(machine, "cordon explain blocked.example").text, /blocked, answered with zero-ip/);
		t.match(asCordon(machine, "cordon lists").text, /cert-polska/);
		t.equal(machine.run("cordon check").code, 0, machine.run("cordon check").text);
		t.match(machine.must("zcat /usr/share/man/man1/cordon.1.gz"), /^\.SS cordon serve$/m);
		t.match(
			machine.must(
				"bash -c '. /usr/share/bash-completion/completions/cordon; COMP_WORDS=(cordon sta) COMP_CWORD=1; _cordon; echo $COMPREPLY'",
			),
			/^status$/m,
		);
	});

	t.test("a reload takes the configuration over, and one with a fault changes nothing", async (t) => {
		const pid = machine.mainPid;
		// From here on there is nothing to fetch, or every start would wait for it.
		edit(machine, /^lists:$[\s\S]*?\n(?=\n)/m, "lists: []\n");
		edit(machine, "deny: [blocked.example]", "deny: [blocked.example, mine.example]");
		machine.must("systemctl reload cordon");
		await until("the new name is blocked", PATIENCE_MS, () => answer(machine, "mine.example") === "0.0.0.0");
		edit(machine, "answer: zero-ip", "answr: zero-ip");
		machine.must("systemctl reload cordon");
		await until("the fault is logged", PATIENCE_MS, () =>
			/answr is not a known key/.test(machine.must("journalctl --unit cordon --no-pager")),
		);
		t.equal(machine.run("cordon check").code, 1);
		t.equal(answer(machine, "mine.example"), "0.0.0.0");
		edit(machine, "answr: zero-ip", "answer: zero-ip");
		machine.must("systemctl reload cordon");
		t.equal(machine.mainPid, pid);
		t.equal(machine.must("systemctl is-active cordon").trim(), "active");
	});

	t.test("an upgrade loses no query, and keeps what was edited", async (t) => {
		const pid = machine.mainPid;
		const before = restarts(machine);
		const load = await startLoad(machine, join(folder, "queries"), ["blocked.example", "mine.example"]);
		const told = await install(machine, second);
		const { sent, lost, text } = await load.end();
		t.comment(`${sent} queries, ${lost} lost`);
		t.equal(lost, 0, text);
		t.ok(sent > 0);
		t.match(told, /has taken over from/);
		t.not(machine.mainPid, pid);
		t.match(asCordon(machine, "cordon status").text, `Cordon ${next}, `);
		t.equal(answer(machine, "mine.example"), "0.0.0.0");
		t.equal(restarts(machine), before, "systemd had nothing to start again");
		await until("the old process has ended", PATIENCE_MS, () => machine.run(`kill -0 ${pid}`).code !== 0);
	});

	t.test("after the upgrade systemd reloads, restarts and watches the new process", async (t) => {
		const pid = machine.mainPid;
		edit(machine, "deny: [blocked.example, mine.example]", "deny: [blocked.example, yours.example]");
		machine.must("systemctl reload cordon");
		await until("the new name is blocked", PATIENCE_MS, () => answer(machine, "yours.example") === "0.0.0.0");
		machine.must(`kill -KILL ${pid}`);
		await until("it runs again", PATIENCE_MS, () => ![0, pid].includes(machine.mainPid));
		await untilActive(machine);
		t.equal(answer(machine, "yours.example"), "0.0.0.0");
	});

	t.test("going back to the version before works, from the same data", async (t) => {
		const pid = machine.mainPid;
		t.match(await install(machine, first), /has taken over from/);
		t.not(machine.mainPid, pid);
		t.match(asCordon(machine, "cordon status").text, `Cordon ${version}, `);
		t.equal(answer(machine, "yours.example"), "0.0.0.0");
	});

	t.test("a process that does not hand over is restarted", async (t) => {
		const pid = machine.mainPid;
		writeInside(
			machine,
			"/etc/systemd/system/cordon.service.d/hasty.conf",
			"[Service]\nTimeoutStopSec=1s\nWatchdogSec=0\n",
		);
		machine.must("systemctl daemon-reload");
		machine.must(`kill -STOP ${pid}`);
		t.match(
			await install(machine, second, "CORDON_PATIENCE=3"),
			/did not hand over within 3 seconds; it is restarted/,
		);
		await untilActive(machine);
		t.not(machine.mainPid, pid);
		t.equal(answer(machine, "yours.example"), "0.0.0.0");
		machine.must("rm -r /etc/systemd/system/cordon.service.d && systemctl daemon-reload");
	});

	t.test("workers may run at real-time priority with the file that is there for it", async (t) => {
		machine.must(
			"install -D -m 644 /usr/share/doc/cordon/examples/realtime.conf /etc/systemd/system/cordon.service.d/realtime.conf",
		);
		edit(machine, "dataDir:", "workerPriority: realtime\ndataDir:");
		machine.must("systemctl daemon-reload && systemctl restart cordon");
		t.match(machine.must(`ps -L -o cls= -p ${machine.mainPid}`), /RR/);
		t.equal(answer(machine, "yours.example"), "0.0.0.0");
		edit(machine, "workerPriority: realtime\n", "");
		machine.must(
			"rm -r /etc/systemd/system/cordon.service.d && systemctl daemon-reload && systemctl restart cordon",
		);
		t.notMatch(machine.must(`ps -L -o cls= -p ${machine.mainPid}`), /RR/);
	});

	t.test("systemd may open the sockets instead", async (t) => {
		machine.must("systemctl stop cordon && systemctl enable --now cordon.socket");
		// The first query starts it.
		await until("it answers", PATIENCE_MS, () => answer(machine, "yours.example") === "0.0.0.0");
		t.equal(answer(machine, "yours.example", "+tcp"), "0.0.0.0");
		t.match(machine.must("systemctl show -p TriggeredBy --value cordon"), /cordon\.socket/);
		const pid = machine.mainPid;
		machine.must("systemctl restart cordon");
		t.equal(answer(machine, "yours.example"), "0.0.0.0");
		t.not(machine.mainPid, pid);
	});

	t.test("who was stopped by hand is not started by an upgrade", async (t) => {
		machine.must("systemctl disable --now cordon.socket && systemctl stop cordon.service");
		await install(machine, first);
		t.equal(machine.run("systemctl is-active cordon").text.trim(), "inactive");
		machine.must("systemctl start cordon");
	});

	t.test("removing keeps the configuration and the data", async (t) => {
		machine.must("dpkg --remove cordon");
		t.notOk(/cordon/.test(machine.must("ps -eo user=")), "nothing runs");
		machine.must(`test -f ${CONFIG} && test -d /var/lib/cordon/lists`);
		t.equal(machine.run("test -e /usr/lib/cordon -o -e /usr/bin/cordon").code, 1);
		await install(machine, second);
		await untilActive(machine);
		t.equal(answer(machine, "yours.example"), "0.0.0.0", "what was edited is there again");
	});

	t.test("purging leaves nothing but the user", async (t) => {
		machine.must("dpkg --purge cordon");
		t.same(differences(before, readTraces(machine)), []);
		t.match(machine.must("getent passwd cordon"), /nologin/);
		t.not(machine.run("systemctl cat cordon.service cordon.socket").code, 0);
	});
});
