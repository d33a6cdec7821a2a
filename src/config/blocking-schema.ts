/** The section `blocking` of the configuration. */
import { z } from "zod";
import { PRIVATE_NETWORKS } from "./private-networks.ts";
import { duration, namePattern, prefix, size } from "./text.ts";

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const blockAnswer = z.union([
	z.enum(["zero-ip", "nxdomain", "nodata", "refused", "drop"]),
	z
		.strictObject({
			ipv4: z
				.ipv4("must be an IPv4 address such as 192.0.2.1")
				.optional()
				.describe("the address in answers of type A; other types get NODATA"),
			ipv6: z
				.ipv6("must be an IPv6 address such as 2001:db8::1")
				.optional()
				.describe("the address in answers of type AAAA"),
		})
		.refine((own) => own.ipv4 !== undefined || own.ipv6 !== undefined, {
			error: "needs ipv4, ipv6 or both",
			when: ({ value }) => isMap(value) && Object.keys(value).length === 0,
		}),
]);
export type BlockAnswer = z.infer<typeof blockAnswer>;

const downloads = z.strictObject({
	concurrency: z.int().min(1).max(64).default(4).describe("lists fetched at once"),
	maxSize: size("1KiB", "4GiB")
		.default("256MiB")
		.describe("bytes of a list, unpacked, above which it is refused"),
	timeout: duration("100ms", "1h").default("60s").describe("for one try, from connecting to the last byte"),
	attempts: z.int().min(1).max(20).default(3).describe("tries before a refresh has failed"),
	cooldown: duration("10ms", "10m")
		.default("2s")
		.describe("pause before the second try; doubled before each further one"),
});

const answers = z.strictObject({
	cname: z
		.boolean()
		.default(true)
		.describe("names that CNAME and DNAME records lead to, however long the chain"),
	serviceTargets: z
		.boolean()
		.default(true)
		.describe("names that HTTPS and SVCB records lead to (RFC 9460, sections 2.4.2 and 2.5)"),
	addressHints: z
		.boolean()
		.default(true)
		.describe("ipv4hint and ipv6hint in HTTPS and SVCB records, against listed networks"),
	addresses: z.boolean().default(true).describe("addresses in A and AAAA records, against listed networks"),
});

const rebinding = z.strictObject({
	enabled: z
		.boolean()
		.default(false)
		.describe(
			"whether answers from upstreams that hold private addresses are blocked; off, for many networks have public names for hosts inside, and mail servers ask block lists that answer with 127.0.0.0/8: name those in allow first",
		),
	networks: z
		.array(prefix)
		.default([...PRIVATE_NETWORKS])
		.describe(
			"addresses that no public name should lead to; IPv4 also where it is wrapped in IPv6 (::ffff:0:0/96, 64:ff9b::/96)",
		),
	allow: z
		.array(namePattern)
		.default([])
		.describe(
			"names that may: d (and all below it) or *.d (only below); those of upstreams.zones may anyway",
		),
});

export const blocking = z.strictObject({
	answer: blockAnswer
		.default("zero-ip")
		.describe("what the client of a blocked name gets; zero-ip: 0.0.0.0 and ::, NODATA for other types"),
	ttl: duration("0s", "7d")
		.default("10s")
		.describe("TTL of blocked answers: how long clients remember a block after it was withdrawn"),
	hostsMatch: z
		.enum(["exact", "subtree"])
		.default("exact")
		.describe("whether a name in a hosts or plain list means itself alone, or also all below it"),
	allow: z
		.array(namePattern)
		.default([])
		.describe("names never blocked, whatever any list says: d (and all below it) or *.d (only below)"),
	deny: z
		.array(namePattern)
		.default([])
		.describe("names blocked by this node itself: d (and all below it) or *.d (only below)"),
	denyNetworks: z
		.array(prefix)
		.default([])
		.describe(
			"addresses and prefixes that this node itself blocks in answers, such as 192.0.2.7 or 2001:db8::/32: an answer that holds one of them is blocked",
		),
	answers: answers
		.prefault({})
		.describe("What an answer leads to and is checked against the lists, beside the name that was asked."),
	rebinding: rebinding
		.prefault({})
		.describe("Answers that lead from a public name into a private network (DNS rebinding)."),
	maxShrink: z
		.number()
		.min(0)
		.max(1)
		.default(0.25)
		.describe(
			"a new version of a list that lost more than this share of its names is held, the last good one stays",
		),
	downloads: downloads.prefault({}).describe("How lists are fetched."),
});
