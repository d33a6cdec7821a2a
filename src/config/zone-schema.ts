/** An entry of `upstreams.zones` in the configuration. */
import { z } from "zod";
import { canonicalName } from "./canonical-name.ts";
import { checkedText, duration, upstreamServer } from "./text.ts";

const MAX_NAMES = 64;

const zoneName = checkedText(
	(text) => canonicalName(text) !== undefined,
	"a domain name such as home.arpa or 168.192.in-addr.arpa; it stands for all below it too",
);

export const zone = z.strictObject({
	names: z
		.array(zoneName)
		.min(1)
		.max(MAX_NAMES)
		.describe("names whose questions go to these servers, and all below them"),
	servers: z
		.array(upstreamServer)
		.min(1)
		.max(8)
		.describe(
			"who answers them; these servers are asked for nothing else, and nobody else is asked for this",
		),
	strategy: z
		.enum(["fastest", "strict", "random"])
		.optional()
		.describe("overrides upstreams.strategy for this zone"),
	timeout: duration("50ms", "30s").optional().describe("overrides upstreams.timeout for this zone"),
	attempts: z.int().min(1).max(10).optional().describe("overrides upstreams.attempts for this zone"),
});
