/** What is wrong with a configuration given as text. */
import type { Fault } from "../../src/config/fault.ts";
import { ConfigError } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";

/** `path`: where the text would have been read from. No address is this machine's own, unless given. */
export async function faultsOf(
	text: string,
	machineAddresses: readonly string[] = [],
	path = "/etc/cordon/cordon.yaml",
): Promise<readonly Fault[]> {
	try {
		await parseConfig(text, path, { cwd: "/srv", machineAddresses });
		return [];
	} catch (error) {
		if (error instanceof ConfigError) return error.faults;
		throw error;
	}
}

/** A fault as `line:column key`. */
export function placeOf({ position, key }: Fault): string {
	return `${position?.line}:${position?.column} ${key}`;
}
