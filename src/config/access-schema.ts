/** The section `access` of the configuration. */
import { z } from "zod";
import { prefix } from "./text.ts";

/** Private and link-local ranges: who may ask unless the operator says otherwise. */
const PRIVATE_RANGES = [
	"127.0.0.0/8",
	"10.0.0.0/8",
	"172.16.0.0/12",
	"192.168.0.0/16",
	"169.254.0.0/16",
	"::1/128",
	"fc00::/7",
	"fe80::/10",
] as const;

export const access = z.strictObject({
	allow: z
		.array(prefix)
		.default([...PRIVATE_RANGES])
		.describe(
			"who may ask, as prefixes; everybody else gets REFUSED. 0.0.0.0/0 and ::/0 make an open resolver",
		),
});
