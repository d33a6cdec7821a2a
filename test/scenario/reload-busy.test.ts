/** A reload gives way to answers, but on a core that is always full it comes to its end nevertheless. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "tap";
import { Authority } from "./authority.ts";
import { Cordon, settings } from "./cordon.ts";

const linuxOnly = { skip: process.platform === "linux" ? false : "SCHED_IDLE is Linux's" };

test("beside a program that takes all of its core", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1 }));
	const pinned = spawnSync("taskset", ["-a", "-c", "-p", "0", `${cordon.child.pid}`], { encoding: "utf8" });
	t.equal(pinned.status, 0, pinned.stderr);
	const busy = spawn("taskset", ["-c", "0", process.execPath, "-e", "console.log('busy'); for (;;);"]);
	t.teardown(() => busy.kill("SIGKILL"));
	await once(busy.stdout, "data");
	t.match(await cordon.reload({ blocking: { deny: ["bad.example"] } }), /reloaded/);
});
