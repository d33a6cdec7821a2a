import { readdirSync, readFileSync } from "node:fs";

/** USER_HZ, which Linux gives to every program whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

function read(path: string): string | undefined {
	try {
		return readFileSync(path, "latin1");
	} catch {
		return undefined;
	}
}

/** The fields of /proc/PID/stat from the state on; the name before them may hold spaces and parentheses. */
function stat(pid: number): readonly string[] | undefined {
	const text = read(`/proc/${pid}/stat`);
	return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** A process and all below it. */
export function processTree(root: number): number[] {
	const parents = new Map<number, number>();
	for (const entry of readdirSync("/proc")) {
		const fields = /^\d+$/.test(entry) ? stat(Number(entry)) : undefined;
		if (fields !== undefined) parents.set(Number(entry), Number(fields[1]));
	}
	const tree = [root];
	for (const parent of tree) {
		for (const [pid, above] of parents) if (above === parent) tree.push(pid);
	}
	return tree;
}

/** Seconds of user and system time of all threads of a process and its children. */
export function cpuSeconds(root: number): number {
	let ticks = 0;
	for (const pid of processTree(root)) {
		const fields = stat(pid);
		if (fields !== undefined) ticks += Number(fields[11]) + Number(fields[12]);
	}
	return ticks / TICKS_PER_SECOND;
}

/** Bytes of memory of a process and its children. */
export function residentBytes(root: number): number {
	let kib = 0;
	for (const pid of processTree(root)) {
		kib += Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
	}
	return kib * 1024;
}

/** Seconds that some cores, as taskset takes them, spent on anything; all cores when undefined. */
export function busySeconds(cores: readonly string[] | undefined): number {
	let ticks = 0;
	for (const line of (read("/proc/stat") ?? "").split("\n")) {
		const [name, ...fields] = line.split(/\s+/);
		const wanted = cores === undefined ? name === "cpu" : cores.some((core) => name === `cpu${core}`);
		if (!wanted) continue;
		// user nice system idle iowait irq softirq steal: what the hypervisor takes away disturbs like a program.
		const [user, nice, system, , , irq, softirq, steal] = fields.map(Number);
		ticks += user + nice + system + irq + softirq + steal;
	}
	return ticks / TICKS_PER_SECOND;
}

/** Seconds of this process and of those of its children that have ended. */
export function ownSeconds(): number {
	const fields = stat(process.pid) ?? [];
	return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}
