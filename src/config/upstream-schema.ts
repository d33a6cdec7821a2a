/** The section `upstreams` of the configuration. */
import { z } from "zod";
import { duration, namePattern, upstreamServer } from "./text.ts";
import { zone } from "./zone-schema.ts";

/** As many as have counters of their own: MAX_UPSTREAMS. */
export const MAX_SERVERS = 32;
const MAX_ZONES = 256;

const randomCase = z.strictObject({
	enabled: z
		.boolean()
		.default(true)
		.describe(
			"whether the letters of names go out over UDP in random case, which an answer has to bring back (0x20); an upstream that does not is noticed, and asked without for a day",
		),
	exempt: z
		.array(namePattern)
		.default([])
		.describe("names that are never asked for in random case: d (and all below it) or *.d (only below)"),
});

const clientSubnet = z.strictObject({
	mode: z
		.enum(["off", "forward", "synthesize"])
		.default("off")
		.describe(
			"off: no upstream learns anything of a client's address; forward: the subnet that a client tells is passed on; synthesize: and where it tells none, the subnet of its address, unless that is private",
		),
	ipv4Prefix: z.int().min(8).max(32).default(24).describe("bits of an IPv4 address that are told at most"),
	ipv6Prefix: z.int().min(8).max(128).default(56).describe("bits of an IPv6 address that are told at most"),
	zones: z
		.array(namePattern)
		.default([])
		.describe(
			"names with which subnets are told: d (and all below it) or *.d (only below); without any, all but those with upstreams of their own",
		),
});

export const upstreams = z.strictObject({
	servers: z
		.array(upstreamServer)
		.min(1)
		.max(MAX_SERVERS)
		.default(["udp://9.9.9.9", "udp://149.112.112.112", "udp://1.1.1.1"])
		.describe(
			"where questions go that we neither block nor know: udp://ADDRESS[:PORT], tcp://ADDRESS[:PORT] or a bare address",
		),
	strategy: z
		.enum(["fastest", "strict", "random"])
		.default("fastest")
		.describe(
			"fastest: the quickest healthy one, others tried now and then; strict: the first healthy one of the list; random: any healthy one",
		),
	timeout: duration("50ms", "30s")
		.default("1500ms")
		.describe("how long one try waits before the next upstream is asked"),
	attempts: z
		.int()
		.min(1)
		.max(10)
		.default(3)
		.describe("tries for one question over all upstreams before SERVFAIL"),
	maxInFlight: z
		.int()
		.min(16)
		.max(1_000_000)
		.default(20_000)
		.describe("questions waiting for upstreams at once in one worker; more get SERVFAIL at once"),
	cookies: z
		.boolean()
		.default(true)
		.describe(
			"whether to send DNS cookies (RFC 7873); an answer of an upstream that knows them is then believed only when it brings ours back",
		),
	clientSubnet: clientSubnet
		.prefault({})
		.describe("What upstreams learn of clients' addresses (EDNS Client Subnet, RFC 7871)."),
	randomCase: randomCase
		.prefault({})
		.describe("Random case in questions, so that answers are harder to forge."),
	zones: z
		.array(zone)
		.max(MAX_ZONES)
		.default([])
		.describe(
			"names that are asked for elsewhere, such as home.arpa at the router of a home network; the longest name wins, and stands above the switches of local",
		),
});
