/** The section `access` of the configuration. */
import { z } from "zod";
import { duration, prefix } from "./text.ts";

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
/** Where forwarders on the same machine ask from, for everybody behind them. */
const LOOPBACK = ["127.0.0.0/8", "::1/128"] as const;

const MOST_PER_SECOND = 1_000_000;

function perSecond(what: string) {
	return z.int().min(0).max(MOST_PER_SECOND).default(0).describe(`${what} in a second; 0 for no limit`);
}

function prefixLength(family: 4 | 6, by: number) {
	return z
		.int()
		.min(family === 4 ? 8 : 16)
		.max(family === 4 ? 32 : 128)
		.default(by)
		.describe(`IPv${family} addresses that agree in so many bits are one`);
}

const exempt = z.array(prefix).default([]).describe("prefixes that are not limited");
const logOnly = z.boolean().default(false).describe("whether to limit nobody, and only count and log");

const rateLimit = z.strictObject({
	queriesPerSecond: perSecond(
		"questions that one client may ask over all transports, counted over all workers,",
	),
	burst: z
		.int()
		.min(1)
		.max(MOST_PER_SECOND)
		.optional()
		.describe("questions that it may ask at once after a pause; twice queriesPerSecond by default"),
	ipv4Prefix: prefixLength(4, 32),
	ipv6Prefix: prefixLength(6, 64),
	action: z
		.enum(["refuse", "drop", "truncate"])
		.default("refuse")
		.describe(
			"refuse: REFUSED; drop: silence; truncate: over UDP an empty answer that sends the client to TCP, where nothing is limited",
		),
	exempt,
	logOnly,
});

const responseRateLimit = z.strictObject({
	responsesPerSecond: perSecond("answers with records, for one name and type, to one network"),
	nodataPerSecond: perSecond("answers without records, for one name and type, to one network"),
	nxdomainsPerSecond: perSecond("NXDOMAINs to one network"),
	errorsPerSecond: perSecond("FORMERR, SERVFAIL, REFUSED and the like to one network"),
	allPerSecond: perSecond("answers of all kinds to one network"),
	window: duration("1s", "1h")
		.default("15s")
		.describe("how long a network that goes on asking stays limited after it has become quiet, at most"),
	slip: z
		.int()
		.min(0)
		.max(10)
		.default(2)
		.describe(
			"one in so many limited answers is sent truncated, so that a true client comes over TCP (errors are sent as they are); 1: all of them, 0: none",
		),
	ipv4Prefix: prefixLength(4, 24),
	ipv6Prefix: prefixLength(6, 56),
	exempt,
	logOnly,
});

export const access = z.strictObject({
	allow: z
		.array(prefix)
		.default([...PRIVATE_RANGES])
		.describe(
			"who may ask, as prefixes; everybody else gets REFUSED. 0.0.0.0/0 and ::/0 make an open resolver",
		),
	rateLimit: rateLimit.prefault({}).describe("How often one client may ask."),
	responseRateLimit: responseRateLimit
		.prefault({})
		.describe(
			"How many answers of one kind go to one network over UDP, where the asker's address may be false.",
		),
	maxWaitingPerClient: z
		.int()
		.min(0)
		.max(1_000_000)
		.default(1000)
		.describe(
			"questions of one address (IPv6: of one /64) that wait for upstreams at once, over all workers; more get SERVFAIL at once; 0 for no limit",
		),
	waitingExempt: z
		.array(prefix)
		.default([...LOOPBACK])
		.describe("prefixes to which maxWaitingPerClient does not apply, such as forwarders with many clients"),
	discardAfter: duration("0s", "1m")
		.default("1900ms")
		.describe(
			"answers that took longer are kept in the cache and not sent over UDP, so that nobody can collect answers and let them loose at once (DNSBomb); 0s sends them all",
		),
	nonRecursive: z
		.enum(["refuse", "answer"])
		.default("refuse")
		.describe(
			"questions with RD clear; refuse: REFUSED, so that nobody reads from the cache what others ask; answer: as if RD were set",
		),
});
