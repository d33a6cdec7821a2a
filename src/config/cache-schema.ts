/** The section `cache`. */
import { z } from "zod";
import { duration, size } from "./text.ts";

const stale = z.strictObject({
	maxAge: duration("0s", "7d")
		.default("1d")
		.describe(
			"how long after its time an answer is still given when upstreams fail or are late, with extended error 3; never for a name that is blocked by now; 0s: never",
		),
	ttl: duration("1s", "1h")
		.default("30s")
		.describe(
			"how long clients are told that such an answer lives, and how long upstreams are then left in peace with the question",
		),
	clientTimeout: duration("0s", "1m")
		.default("1800ms")
		.describe(
			"how long a client waits for upstreams before it gets one; 0s: not at all, the answer is brought up to date behind its back. It has to be below access.discardAfter; the default gives way",
		),
});

export const cache = z.strictObject({
	size: size("1MiB", "64GiB")
		.default("32MiB")
		.describe("memory for cached answers, shared out among the workers"),
	minTtl: duration("0s", "1h")
		.default("0s")
		.describe("answers are kept, and handed out, for at least this long"),
	maxTtl: duration("1s", "7d").default("1d").describe("and at most this long"),
	maxNegativeTtl: duration("1s", "1d")
		.default("1h")
		.describe("NXDOMAIN and NODATA at most this long (RFC 2308, section 5)"),
	failureTtl: duration("1s", "5m")
		.default("5s")
		.describe("how long a failed question is not asked again (RFC 9520, section 3.2)"),
	stale: stale.prefault({}).describe("Answers after their time, when upstreams fail (RFC 8767)."),
	prefetch: z
		.boolean()
		.default(true)
		.describe(
			"whether an answer that is asked for in the last tenth of its life is brought up to date before it ends",
		),
	nxdomainCut: z
		.enum(["off", "validated", "all"])
		.default("validated")
		.describe(
			"whether NXDOMAIN for a name is taken to hold for all names below it (RFC 8020): validated: if the answer is authentic by DNSSEC; never for names in upstreams.zones",
		),
});
