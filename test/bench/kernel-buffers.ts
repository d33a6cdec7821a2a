import { readFileSync, writeFileSync } from "node:fs";
import type { Cleanup } from "./cleanup.ts";

/** The default counts too: not every server asks for a buffer of its own. */
const WANTED: Readonly<Record<string, number>> = {
	rmem_max: 8 << 20,
	wmem_max: 8 << 20,
	rmem_default: 4 << 20,
	wmem_default: 4 << 20,
};

/** Gives all sockets of all servers the same large buffers; why not, in one sentence, when the kernel refuses. */
export function raiseKernelBuffers(cleanup: Cleanup): string | undefined {
	const refused: string[] = [];
	for (const [name, wanted] of Object.entries(WANTED)) {
		const path = `/proc/sys/net/core/${name}`;
		try {
			const before = readFileSync(path, "latin1").trim();
			if (Number(before) >= wanted) continue;
			writeFileSync(path, `${wanted}`);
			cleanup.add(() => writeFileSync(path, before));
		} catch {
			refused.push(`net.core.${name}`);
		}
	}
	if (refused.length === 0) return undefined;
	return `could not raise ${refused.join(", ")} (needs root): servers have socket buffers of different sizes, and may lose queries`;
}
