/** A stream of queries that does not end by itself: dnsperf, in the network of a machine. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Machine } from "./machine.ts";
import { until } from "./machine.ts";

const RATE = 2000;
const START_MS = 30_000;
/** After it a query counts as lost; generous, for the two cores may be busy with other things. */
const LOST_S = 5;

export interface Sum {
	readonly sent: number;
	readonly lost: number;
	readonly text: string;
}

export interface Load {
	/** Ends the stream and waits for the queries under way. */
	end(): Promise<Sum>;
}

/** @param file where to write the queries for. */
export async function startLoad(machine: Machine, file: string, names: readonly string[]): Promise<Load> {
	writeFileSync(file, names.map((name) => `${name} A\n`).join(""));
	const words = [
		"-s",
		"127.0.0.1",
		"-p",
		"53",
		"-d",
		file,
		"-c",
		"8",
		"-Q",
		`${RATE}`,
		"-t",
		`${LOST_S}`,
		"-S",
		"1",
		"-l",
		"3600",
	];
	const child = machine.inNetwork("dnsperf", words);
	let text = "";
	for (const stream of [child.stdout, child.stderr])
		stream?.setEncoding("utf8").on("data", (part: string) => {
			text += part;
		});
	const ended = once(child, "exit");
	// It prints a rate for each second in which it sent.
	await until("dnsperf sends", START_MS, () => {
		if (child.exitCode !== null) throw new Error(`dnsperf ended: ${text}`);
		return /^\d+\.\d+: [1-9]/m.test(text);
	});
	return {
		async end() {
			child.kill("SIGINT");
			await ended;
			return { sent: figure(text, "Queries sent"), lost: figure(text, "Queries lost"), text };
		},
	};
}

function figure(text: string, name: string): number {
	const found = new RegExp(`${name}: +(\\d+)`).exec(text)?.[1];
	if (found === undefined) throw new Error(`dnsperf did not say "${name}": ${text}`);
	return Number(found);
}
