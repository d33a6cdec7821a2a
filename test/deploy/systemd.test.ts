/** The units are in order for systemd itself, and protect as much as their documentation says. */
import { spawnSync } from "node:child_process";
import {
	chmodSync,
	copyFileSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { repository } from "../bench/results.ts";

const FOLDER = join(repository(), "deploy", "systemd");
const UNITS = ["cordon.service", "cordon.socket"];
const SYSTEM = "usr/lib/systemd/system";
const DROP_INS = "etc/systemd/system/cordon.service.d";

function analyze(...words: readonly string[]): { readonly code: number | null; readonly text: string } {
	const { status, stdout, stderr, error } = spawnSync("systemd-analyze", words, { encoding: "utf8" });
	return { code: status, text: error === undefined ? `${stdout}${stderr}`.trim() : error.message };
}

/** A system with our units beside those of this machine, and with the programs that ours name. */
function fakeSystem(remove: (task: () => void) => void): string {
	const root = mkdtempSync(join(tmpdir(), "cordon-units-"));
	remove(() => rmSync(root, { recursive: true, force: true }));
	cpSync(`/${SYSTEM}`, join(root, SYSTEM), { recursive: true, verbatimSymlinks: true });
	for (const unit of UNITS) copyFileSync(join(FOLDER, unit), join(root, SYSTEM, unit));
	for (const program of ["usr/bin/cordon", "bin/kill"]) {
		mkdirSync(join(root, program, ".."), { recursive: true });
		writeFileSync(join(root, program), "#!/bin/sh\n");
		chmodSync(join(root, program), 0o755);
	}
	return root;
}

/** The points of 10 that the last line of the analysis gives. */
function score(root: string): number {
	const { text } = analyze("security", "--offline=true", `--root=${root}`, "--no-pager", "cordon.service");
	return Number(/exposure level for cordon\.service: ([\d.]+)/.exec(text)?.[1]);
}

test("systemd-analyze verify finds nothing in the units", async (t) => {
	const root = fakeSystem((task) => t.teardown(task));
	t.same(analyze("verify", "--man=no", `--root=${root}`, ...UNITS), { code: 0, text: "" });

	const unit = join(root, SYSTEM, "cordon.service");
	writeFileSync(unit, `${readFileSync(unit, "utf8")}\n[Service]\nProtectNothing=yes\n`);
	t.match(
		analyze("verify", "--man=no", `--root=${root}`, ...UNITS).text,
		/ProtectNothing/,
		"it would find a fault",
	);
});

test("the service is as well protected as its documentation says", async (t) => {
	const readme = readFileSync(join(FOLDER, "README.md"), "utf8");
	const [, told, version] = /\*\*([\d.]+) of 10 with systemd (\d+)/.exec(readme) ?? [];
	const root = fakeSystem((task) => t.teardown(task));
	const found = score(root);
	t.ok(found <= 2, `${found}`);

	mkdirSync(join(root, DROP_INS), { recursive: true });
	copyFileSync(join(FOLDER, "realtime.conf"), join(root, DROP_INS, "realtime.conf"));
	const realtime = score(root);
	t.ok(realtime > found && realtime <= 2.5, `${realtime} with workers at real-time priority`);
	t.same(analyze("verify", "--man=no", `--root=${root}`, ...UNITS), { code: 0, text: "" });

	// Another systemd weighs otherwise.
	if (analyze("--version").text.startsWith(`systemd ${version} `)) {
		t.equal(found, Number(told));
		t.match(readme, `The score is ${realtime} then`);
	}
});

test("what the documentation says of the unit is so", async (t) => {
	const service = readFileSync(join(FOLDER, "cordon.service"), "utf8");
	const socket = readFileSync(join(FOLDER, "cordon.socket"), "utf8");
	const values = (key: string) =>
		Array.from(service.matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value]) => value);
	t.same(values("AmbientCapabilities"), ["CAP_NET_BIND_SERVICE"]);
	t.same(values("CapabilityBoundingSet"), ["CAP_NET_BIND_SERVICE"]);
	t.same(values("Type"), ["notify"]);
	t.same(values("NotifyAccess"), ["all"], "a successor tells of itself");
	t.same(values("MemoryDenyWriteExecute"), [], "V8 could not compile");
	t.match(service, /# - MemoryDenyWriteExecute: .*V8/);
	const config = readFileSync(join(repository(), "deploy", "debian", "cordon.yaml"), "utf8");
	const [, listens] = /^ {2}dns: \[(.+)\]$/m.exec(config) ?? [];
	const addresses = (key: string) =>
		Array.from(socket.matchAll(new RegExp(`^${key}=(.*)$`, "gm")), ([, value]) => value);
	t.same(addresses("ListenDatagram"), [listens], "the socket is where the configuration says");
	t.same(addresses("ListenStream"), [listens]);
});
