/** Limits of a machine: made up in a folder, so that they are the same everywhere. */
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { type Test, test } from "tap";
import { judgeClock } from "../../../src/commands/doctor/clock.ts";
import { FILE_LIMIT } from "../../../src/commands/doctor/file-limit.ts";
import { MEMORY } from "../../../src/commands/doctor/memory.ts";
import { NAME_SERVICE } from "../../../src/commands/doctor/name-service.ts";
import { judgeNode } from "../../../src/commands/doctor/node-version.ts";
import type { Check, Patient } from "../../../src/commands/doctor/patient.ts";
import { PROCESSORS } from "../../../src/commands/doctor/processors.ts";
import { SOCKET_BUFFERS } from "../../../src/commands/doctor/socket-buffers.ts";
import { listSource } from "../../../src/feeds/source.ts";
import { folder as ownFolder } from "../../scenario/cordon.ts";
import { levels, look, type Parts, patient } from "./patient.ts";

type Files = Readonly<Record<string, string>>;

async function judge(t: Test, check: Check, files: Files, config: Parts = {}, over: Partial<Patient> = {}) {
	return await look(check, await patient(t, config, { files, over: { platform: "linux", ...over } }));
}

const limits = (files: number | string): string =>
	`Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 ${files}                files\n`;

test("open files, against connections and upstreams", async (t) => {
	const config = { listen: { dns: ["127.0.0.1:0"], admin: false, tcp: { maxConnections: 1000 } } };
	t.match(await judge(t, FILE_LIMIT, { "proc/self/limits": limits(1000) }, config), [
		{
			level: "fault",
			text: /1000 open files are allowed to this shell, .* needs 13\d\d/,
			mend: /LimitNOFILE=65536/,
		},
	]);
	t.equal(levels(await judge(t, FILE_LIMIT, { "proc/self/limits": limits(1400) }, config)), "warning");
	t.equal(levels(await judge(t, FILE_LIMIT, { "proc/self/limits": limits(65_536) }, config)), "ok");
	t.equal(levels(await judge(t, FILE_LIMIT, { "proc/self/limits": limits("unlimited") }, config)), "ok");
	t.match(await judge(t, FILE_LIMIT, {}, config), [{ level: "warning", text: /not known/ }]);
});

test("the limit of the Cordon that runs counts, not that of the shell", async (t) => {
	const files = { "proc/self/limits": limits(65_536), [`proc/${process.pid}/limits`]: limits(100) };
	const of = await patient(t, {}, { files, over: { platform: "linux" } });
	const { dataDir } = of.loaded.config;
	mkdirSync(dataDir);
	writeFileSync(
		join(dataDir, "cordon.lock"),
		JSON.stringify({ pid: process.pid, host: hostname(), by: "kernel" }),
	);
	t.match(await look(FILE_LIMIT, of), [
		{ level: "fault", text: /100 open files .*the running Cordon \(process \d+\)/ },
	]);
});

test("socket buffers, and what was lost", async (t) => {
	const core = (bytes: number): Files => ({
		"proc/sys/net/core/rmem_max": `${bytes}\n`,
		"proc/sys/net/core/wmem_max": `${bytes}\n`,
	});
	t.equal(levels(await judge(t, SOCKET_BUFFERS, core(8 << 20))), "ok");
	t.match(await judge(t, SOCKET_BUFFERS, core(212_992)), [
		{ level: "note", text: /limited to 208 KiB/, mend: /net\.core\.rmem_max=8388608/ },
	]);
	t.equal(levels(await judge(t, SOCKET_BUFFERS, core(65_536))), "warning");
	t.equal(levels(await judge(t, SOCKET_BUFFERS, {})), "note");
	const privileged = { ...core(4096), "proc/self/status": "CapEff:\t0000000000001000\n" };
	t.equal(levels(await judge(t, SOCKET_BUFFERS, privileged)), "ok");
	const line = "  1: 0100007F:14B4 00000000:0000 07 0:0 00:0 0   0        0 1 2 0 42";
	const lossy = { ...core(8 << 20), "proc/net/udp": `head\n${line}\n` };
	const found = await judge(t, SOCKET_BUFFERS, lossy, { listen: { dns: ["127.0.0.1:5300"], admin: false } });
	t.match(found, [{ level: "warning", text: /dropped 42 queries to 127\.0\.0\.1:5300/ }, { level: "ok" }]);
});

/** Of a container: a limit in its own group, another above it. */
function group(file: string, inner: string, outer: string): Files {
	return {
		"proc/self/cgroup": "0::/system.slice/cordon.service\n",
		[`sys/fs/cgroup/system.slice/cordon.service/${file}`]: inner,
		[`sys/fs/cgroup/system.slice/${file}`]: outer,
	};
}

test("memory, against what is configured", async (t) => {
	const meminfo = { "proc/meminfo": "MemTotal: 4000000 kB\nMemAvailable:  2000000 kB\n" };
	t.equal(levels(await judge(t, MEMORY, meminfo)), "ok");
	const tight = { ...meminfo, ...group("memory.max", "max\n", "67108864\n") };
	t.match(await judge(t, MEMORY, tight), [
		{ level: "fault", text: /64 MiB is the limit of this container or unit, and about \d+ MiB are needed/ },
	]);
	const first = {
		...meminfo,
		"proc/self/cgroup": "4:memory:/a\n",
		"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "33554432",
	};
	t.match(await judge(t, MEMORY, first), [{ level: "fault", text: /^32 MiB/ }]);
});

test("memory for a million names, while they are compiled", async (t) => {
	const files = group("memory.max", String(256 * 1024 ** 2), "max");
	const folder = ownFolder(t);
	writeFileSync(join(folder, "big.txt"), "a.example\n");
	const big = await patient(
		t,
		{ lists: [{ name: "big", file: join(folder, "big.txt") }] },
		{ files, over: { platform: "linux" } },
	);
	const { dataDir, lists } = big.loaded.config;
	const { id, shown } = listSource(lists[0], dirname(big.loaded.path));
	mkdirSync(join(dataDir, "lists"), { recursive: true });
	writeFileSync(join(dataDir, "lists", "big.list"), "a.example\n");
	const good = {
		url: shown,
		source: id,
		fetchedAt: 0,
		checkedAt: 0,
		format: "hosts",
		rules: 1_000_000,
		bytes: 10,
		sha256: "",
	};
	writeFileSync(join(dataDir, "lists", "big.json"), JSON.stringify({ good }));
	t.match(await look(MEMORY, big), [
		{ level: "warning", text: /needed while lists are compiled/, mend: /MemoryMax/ },
	]);
});

test("processors", async (t) => {
	const half = group("cpu.max", "50000 100000\n", "max 100000\n");
	t.match(await judge(t, PROCESSORS, half, { workers: 4 }), [
		{
			level: "warning",
			text: /^4 workers on 0\.5 of \d+ processors, which is the limit/,
			mend: "workers: 1",
		},
	]);
	t.equal(levels(await judge(t, PROCESSORS, half, { workers: 1 })), "ok");
	const first = {
		"proc/self/cgroup": "3:cpu,cpuacct:/a\n",
		"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "100000",
		"sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000",
	};
	t.equal(levels(await judge(t, PROCESSORS, first, { workers: 2 })), "warning");
});

test("circles of name servers", async (t) => {
	const asks = (address: string): Files => ({
		"etc/resolv.conf": "nameserver 127.0.0.53\n",
		"run/systemd/resolve/resolv.conf": `nameserver ${address}\n`,
	});
	const config = {
		listen: { dns: ["127.0.0.1:53"], admin: false },
		upstreams: { servers: ["127.0.0.53"] },
	};
	t.match(await judge(t, NAME_SERVICE, asks("127.0.0.1"), config), [
		{ level: "fault", text: /a circle: Cordon asks systemd-resolved .* which asks Cordon \(127\.0\.0\.1\)/ },
	]);
	t.match(await judge(t, NAME_SERVICE, asks("192.0.2.53"), config), [
		{ level: "note", text: /asks 192\.0\.2\.53/ },
	]);
	const wide = {
		...config,
		listen: { dns: ["0.0.0.0:53"], admin: false },
		upstreams: { servers: ["192.0.2.1"] },
	};
	t.match(await judge(t, NAME_SERVICE, asks("192.0.2.53"), wide), [
		{ level: "warning", mend: /DNSStubListener=no/ },
	]);
	const list = {
		...config,
		upstreams: { servers: ["192.0.2.1"] },
		lists: [{ name: "web", url: "https://lists.example.org/" }],
	};
	t.match(await judge(t, NAME_SERVICE, {}, list), [{ level: "warning", text: /names no server/ }]);
	const self = { "etc/resolv.conf": "nameserver 127.0.0.1\n" };
	t.match(await judge(t, NAME_SERVICE, self, list), [{ level: "note", text: /asks Cordon itself/ }]);
});

test("clocks and versions of Node", (t) => {
	t.same(judgeClock(900, "Redis", 100), []);
	t.match(judgeClock(-8000, "Redis", 100), [
		{ level: "warning", text: "this clock is 8 s behind that of Redis" },
	]);
	t.match(judgeClock(3_600_000, "Redis", 100), [
		{ level: "fault", text: "this clock is 1 h ahead of that of Redis" },
	]);
	t.match(judgeNode("18.20.0"), { level: "warning" });
	t.match(judgeNode("20.19.0"), { level: "ok" });
	t.match(judgeNode("23.1.0"), { level: "note" });
	t.end();
});
