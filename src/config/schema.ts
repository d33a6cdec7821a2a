/**
 * Every key of the configuration file: its type, its default and its meaning. The JSON schema, `cordon check`
 * and the types of the whole program come from here.
 */
import { z } from "zod";
import { access } from "./access-schema.ts";
import { blockAnswer, blocking } from "./blocking-schema.ts";
import { cache } from "./cache-schema.ts";
import { dnssec } from "./dnssec-schema.ts";
import { any, cookies, identity } from "./edns-schema.ts";
import { local } from "./local-schema.ts";
import { log } from "./log-schema.ts";
import { pool } from "./pool-schema.ts";
import { tcp } from "./tcp-schema.ts";
import { duration, networkAddress } from "./text.ts";
import { upstreams } from "./upstream-schema.ts";
import { CATEGORIES, LIST_FORMATS } from "./vocabulary.ts";
import { workerPriority, workers } from "./workers-schema.ts";

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

const listen = z.strictObject({
	dns: z
		.array(networkAddress(53))
		.min(1)
		.default(["127.0.0.1:5300"])
		.describe(
			"where to answer over UDP and TCP: ADDRESS or ADDRESS:PORT, [IPV6]:PORT, port 53 when none is given",
		),
	admin: z
		.union([networkAddress(8053), z.literal(false)])
		.default("127.0.0.1:8053")
		.describe("where to serve metrics, health, the API and the page over HTTP; false for nowhere"),
	adminHosts: z
		.array(z.string().min(1))
		.default([])
		.describe(
			"host names under which the admin server may be asked, beside IP addresses and localhost: the name in the browser or in Prometheus",
		),
	udpEngine: z
		.enum(["auto", "batch", "dgram"])
		.default("auto")
		.describe(
			"batch: recvmmsg and sendmmsg on Linux; dgram: node's own sockets, one worker; auto: batch where it works",
		),
	udpMaxAnswer: z
		.int()
		.min(512)
		.max(4096)
		.default(1232)
		.describe("bytes of the largest UDP answer, whatever the client offers (RFC 9715)"),
	tcp: tcp.prefault({}).describe("Limits of TCP connections."),
	cookies: cookies.prefault({}).describe("Cookies, by which clients show that answers reach them."),
	identity: identity.prefault({}).describe("What we tell about this server; by default nothing."),
	any,
});

const list = z
	.strictObject({
		name: z
			.string()
			.regex(
				/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
				"must be 1 to 63 letters, digits, dots, dashes or underscores, the first a letter or digit",
			)
			.refine(
				(name) => name !== "config",
				"must not be config, which stands for blocking.allow and blocking.deny",
			)
			.describe("shown in metrics, logs and answers; 1 to 63 letters, digits, dots, dashes or underscores"),
		url: z
			.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
			.optional()
			.describe("where to fetch it, over http:// or https://; either this or file"),
		file: z
			.string()
			.min(1)
			.optional()
			.describe("where it lies on disk, relative to the configuration file; either this or url"),
		kind: z
			.enum(["block", "allow", "protect"])
			.default("block")
			.describe(
				"block: its names are blocked; allow: they are never blocked, whatever other lists say; protect: contributions to the pool about them, or about what is above them, wait until two people approve",
			),
		to: z
			.enum(["blocklist", "pool"])
			.default("blocklist")
			.describe(
				"blocklist: its names are blocked here; pool: they become contributions of a member of the list's name",
			),
		confidence: z
			.int()
			.min(0)
			.max(100)
			.default(80)
			.describe("of its contributions, when it goes to the pool"),
		format: z
			.enum(["auto", ...LIST_FORMATS])
			.default("auto")
			.describe("auto finds it by looking"),
		category: z.enum(CATEGORIES).default("malware").describe("the label of its blocks in the metrics"),
		refresh: duration("1m", "30d").default("6h").describe("how often it is fetched, or its file read, anew"),
		match: z.enum(["exact", "subtree"]).optional().describe("overrides blocking.hostsMatch for this list"),
		answer: blockAnswer
			.optional()
			.describe("overrides blocking.answer, and the actions of an RPZ zone, for this list"),
		allowPrivateAddress: z
			.boolean()
			.default(false)
			.describe("whether its url may lead to a private or loopback address"),
	})
	.refine((l) => (l.url === undefined) !== (l.file === undefined), {
		error: "needs either url or file, one of the two",
		when: ({ value }) => isMap(value),
	});

const metrics = z.strictObject({
	process: z
		.boolean()
		.default(true)
		.describe("whether to export the metrics of the process and of Node beside cordon_*"),
});

export const configSchema = z.strictObject({
	listen: listen.prefault({}).describe("Where Cordon answers."),
	access: access.prefault({}).describe("Who may ask."),
	upstreams: upstreams.prefault({}).describe("Who answers what we neither block nor know."),
	local: local
		.prefault({})
		.describe(
			"Names that Cordon answers itself, each with a switch; false: forwarded like any other. docs/special-names.md has the list. A zone in upstreams.zones stands above all of them.",
		),
	dnssec: dnssec
		.prefault({})
		.describe("Validation of upstreams' answers; docs/dnssec.md tells when to switch it on."),
	blocking: blocking.prefault({}).describe("What happens to blocked names."),
	lists: z
		.array(list)
		.max(1000)
		.default([])
		.describe("Lists of domains from outside, by URL or from a file; each has a name of its own."),
	cache: cache.prefault({}).describe("Answers kept to be given again."),
	pool: pool.prefault({}).describe("The shared pool of malicious domains."),
	log: log
		.prefault({})
		.describe("What the process writes about itself, to standard error, and what it writes about queries."),
	metrics: metrics.prefault({}).describe("What Prometheus gets at /metrics of the admin server."),
	workers,
	workerPriority,
	dataDir: z
		.string()
		.min(1)
		.default("./data")
		.describe(
			"where downloaded lists and the snapshot are kept; relative to the configuration file, the default to the working directory",
		),
});

export type Config = z.infer<typeof configSchema>;
export type ListConfig = Config["lists"][number];
