/** What is no fault of the configuration, and yet hardly meant. */
import { warningsOf } from "../../config/warnings.ts";
import { ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

export const CONFIGURATION: Check = {
	name: "configuration",
	look: ({ loaded: { config, path } }) => {
		const said: Said[] = warningsOf(config).map((text) => warning(text));
		return said.length > 0 ? said : [ok(`${path} has no faults`)];
	},
};
