import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { usableCores } from "../../src/config/cores.ts";

function cores(files: Readonly<Record<string, string>>): number {
	return usableCores(8, (path) => files[path], 0);
}

test("without a limit all cores count", (t) => {
	t.equal(cores({}), 8);
	t.equal(cores({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }), 8);
	t.equal(
		cores({
			"/proc/self/cgroup": "4:memory:/a\n1:cpu,cpuacct:/a\n",
			"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "-1\n",
			"/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "100000\n",
		}),
		8,
	);
	t.equal(cores({ "/proc/self/cgroup": "garbage\n0::\n", "/sys/fs/cgroup/cpu.max": "nonsense" }), 8);
	t.end();
});

test("a container's limit counts, rounded down, and one at least", (t) => {
	const limited = (text: string) =>
		cores({ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": `${text}\n` });
	t.equal(limited("200000 100000"), 2);
	t.equal(limited("250000 100000"), 2);
	t.equal(limited("50000 100000"), 1);
	t.equal(limited("1600000 100000"), 8, "more than there are");
	t.end();
});

test("the lowest limit of all groups above counts", (t) => {
	t.equal(
		cores({
			"/proc/self/cgroup": "0::/kubepods/pod1/container\n",
			"/sys/fs/cgroup/kubepods/cpu.max": "700000 100000",
			"/sys/fs/cgroup/kubepods/pod1/cpu.max": "300000 100000",
			"/sys/fs/cgroup/kubepods/pod1/container/cpu.max": "max 100000",
		}),
		3,
	);
	t.end();
});

test("a container sees its own group as the uppermost, whatever its path says", (t) => {
	t.equal(
		cores({
			"/proc/self/cgroup": "1:cpu,cpuacct:/docker/0123456789ab\n",
			"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000",
			"/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
		}),
		4,
	);
	t.end();
});

test("a container's memory counts", (t) => {
	const within = (mebibytes: number) => usableCores(8, () => undefined, mebibytes * 2 ** 20);
	t.equal(within(64), 1);
	t.equal(within(256), 2);
	t.equal(within(512), 4);
	t.equal(within(65_536), 8);
	t.equal(
		usableCores(8, () => undefined, 2 ** 64),
		8,
		"no limit",
	);
	t.end();
});

/** Where this machine lets us make a group with a limit of processor time, and how. */
function makeGroup(t: Test): string | undefined {
	const makers: readonly [string, Readonly<Record<string, string>>][] = [
		["/sys/fs/cgroup/cpu", { "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "100000" }],
		["/sys/fs/cgroup", { "cpu.max": "100000 100000" }],
	];
	for (const [root, limits] of makers) {
		const group = join(root, `cordon-test-${process.pid}`);
		try {
			mkdirSync(group);
		} catch {
			continue;
		}
		t.teardown(() => rmdirSync(group));
		if (!Object.keys(limits).every((file) => existsSync(join(group, file)))) continue;
		for (const [file, text] of Object.entries(limits)) writeFileSync(join(group, file), text);
		return group;
	}
	return undefined;
}

test("as this machine's kernel has it", (t) => {
	const group = makeGroup(t);
	if (group === undefined) {
		t.pass("no control groups for the processor can be made here");
		return t.end();
	}
	const module = new URL("../../src/config/cores.js", import.meta.url).href;
	const program = `console.log((await import(${JSON.stringify(module)})).usableCores(8))`;
	const enter = `echo $$ >"$0/cgroup.procs" && exec "$@"`;
	const { stdout, stderr } = spawnSync(
		"/bin/sh",
		["-c", enter, group, process.execPath, "--input-type=module", "-e", program],
		{ encoding: "utf8" },
	);
	t.equal(stdout.trim(), "1", stderr);
	t.end();
});
