/** What of a Debian's files is not as it was: a package that is purged leaves nothing behind. */
import type { Machine } from "./machine.ts";

/** Written by dpkg, adduser and systemd themselves, whatever package comes and goes. */
const OF_THE_SYSTEM =
	/^\/(etc\/(passwd|group|shadow|gshadow|subuid|subgid)-?|etc\/\.pwd\.lock|var\/log\/(dpkg\.log|wtmp|btmp|lastlog|journal.*|private)|var\/lib\/dpkg\/(status|available|diversions|statoverride|triggers\/.*|lock.*)(-old)?|var\/lib\/systemd\/(random-seed|catalog.*|timers.*)|var\/cache\/(man|ldconfig).*)$/;

export type Traces = ReadonlyMap<string, string>;

/** Every file with its mode and owner, and what is in it below /etc; every folder and link. */
export function readTraces(machine: Machine): Traces {
	const files = machine.must(`find / -xdev -printf '%p\\t%M %U:%G %l\\n'`);
	const sums = machine.must(`find /etc -xdev -type f -exec md5sum {} +`);
	const traces = new Map(files.split("\n").map((line): [string, string] => [line.split("\t")[0], line]));
	for (const line of sums.split("\n").filter((text) => text !== ""))
		traces.set(`${line.slice(34)}`, `${traces.get(line.slice(34))} ${line.slice(0, 32)}`);
	return traces;
}

/** What differs, one a line. */
export function differences(before: Traces, after: Traces): string[] {
	const paths = [...new Set([...before.keys(), ...after.keys()])].filter((path) => !OF_THE_SYSTEM.test(path));
	return paths
		.filter((path) => before.get(path) !== after.get(path))
		.map((path) => `${before.get(path) ?? "(nothing)"} -> ${after.get(path) ?? "(nothing)"}`);
}
