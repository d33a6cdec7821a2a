/** Resolver threads that come before everything else on their cores. */
import { readdirSync, readFileSync } from "node:fs";
import { test } from "tap";
import { Authority } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, settings } from "./cordon.ts";
import { address } from "./message.ts";

/** From sched(7). */
const SCHED_RR = 2;
/** From capability.h. */
const CAP_SYS_NICE = 23n;

/** Of each thread of the process: the 41st field of its stat file, counted behind the name in brackets. */
function policies(pid: number): number[] {
	return readdirSync(`/proc/${pid}/task`).map((task) => {
		const text = readFileSync(`/proc/${pid}/task/${task}/stat`, "latin1");
		return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[38]);
	});
}

function mayTakePrecedence(): boolean {
	const [, bits = "0"] = /^CapEff:\t(\w+)/m.exec(readFileSync("/proc/self/status", "latin1")) ?? [];
	return ((BigInt(`0x${bits}`) >> CAP_SYS_NICE) & 1n) === 1n;
}

test("workerPriority at start and by reload", async (t) => {
	const authority = await Authority.start(t);
	const config = { workerPriority: "realtime", blocking: { deny: ["blocked.example"] } };
	const cordon = await Cordon.start(t, settings(authority.url, config));
	const [server = ""] = cordon.dns;
	const pid = Number(cordon.child.pid);
	const realtime = () => policies(pid).filter((policy) => policy === SCHED_RR).length;
	if (mayTakePrecedence()) {
		t.equal(realtime(), 2, "both workers, and no other thread");
		t.notMatch(cordon.stderr, /workerPriority/);
	} else {
		await cordon.logged(/WARN .*workerPriority: realtime is not possible.*CAP_SYS_NICE/);
		t.equal(realtime(), 0);
	}
	t.equal(address(await askName(server, "blocked.example")), "0.0.0.0");
	t.match(await cordon.reload({ workerPriority: "normal" }), /reloaded/);
	// The settings reached the workers before the reload was reported; each takes them between two queries.
	for (let tries = 0; realtime() > 0 && tries < 50; tries++)
		await askName(server, `${tries}.blocked.example`);
	t.equal(realtime(), 0);
	t.match(await cordon.stop(), { code: 0 });
});

test("an engine that knows no priorities says so", async (t) => {
	const authority = await Authority.start(t);
	const config = settings(authority.url, { workerPriority: "realtime", listen: { udpEngine: "dgram" } });
	const cordon = await Cordon.start(t, config);
	await cordon.logged(/WARN .*workerPriority: realtime is not possible.*listen\.udpEngine: batch/);
	t.match(await cordon.stop(), { code: 0 });
});
