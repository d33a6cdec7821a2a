/** What runs the program. */
import { note, ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

const OLDEST = [20, 19] as const;

export function judgeNode(version: string): Said {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
		return warning(
			`Node ${version} is older than ${OLDEST.join(".")}, which Cordon is made for`,
			"install Node 20.19 or newer, of an even number",
		);
	}
	if (major % 2 === 1) {
		return note(
			`Node ${version} has an odd number: it gets security updates for half a year only`,
			"install the next even version of Node",
		);
	}
	return ok(`Node ${version}`);
}

export const NODE_VERSION: Check = {
	name: "node",
	look: () => [judgeNode(process.versions.node)],
};
