/** Waiting for something that happens by itself. */
import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_MS = 20_000;

/** Asks again and again until `condition` says yes; rejects when that takes too long. */
export async function until(
	what: string,
	condition: () => boolean | Promise<boolean>,
	patienceMs = PATIENCE_MS,
): Promise<void> {
	const deadline = Date.now() + patienceMs;
	while (!(await condition())) {
		if (Date.now() > deadline) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
		await pause(10);
	}
}
