/** The section `pool` of the configuration. */
import { z } from "zod";
import { duration, hostPort, namePattern, redisUrl } from "./text.ts";
import { MEMBER_NAME, MEMBER_NAME_RULE, POOL_CATEGORIES, type PoolCategory } from "./vocabulary.ts";

const poolName = z.string().regex(MEMBER_NAME, MEMBER_NAME_RULE);

const modes = ["block", "log-only", "ignore"] as const;
/** Keys rather than a record: so that a wrong one is told with the nearest right one. */
function byCategory<T extends z.ZodType>(value: T, what: string) {
	const about = (category: PoolCategory) =>
		value.exactOptional().describe(`for contributions of category ${category}`);
	return z
		.strictObject({
			malware: about("malware"),
			phishing: about("phishing"),
			c2: about("c2"),
			botnet: about("botnet"),
			fraud: about("fraud"),
			legal: about("legal"),
			other: about("other"),
		})
		.meta({ title: `a map from ${POOL_CATEGORIES.join(", ")} to ${what}` });
}

const categoryModes = byCategory(z.enum(modes), "block, log-only or ignore");

const tls = z
	.strictObject({
		ca: z
			.string()
			.min(1)
			.optional()
			.describe("file of the certificate authority, in PEM, when it is not a public one"),
		cert: z
			.string()
			.min(1)
			.optional()
			.describe("file of our own certificate, in PEM, for servers that ask for one"),
		key: z.string().min(1).optional().describe("file of its private key"),
		serverName: z.string().min(1).optional().describe("the name that the server's certificate has to bear"),
	})
	.meta({ title: "{ ca, cert, key, serverName }" });

const redis = z
	.strictObject({
		url: redisUrl
			.optional()
			.describe(
				"a single server: redis://HOST[:PORT][/DB], or rediss:// over TLS; one of url, sentinels, cluster",
			),
		sentinels: z
			.array(hostPort(26379))
			.min(1)
			.optional()
			.describe("Sentinels, HOST[:PORT] each, that know where the master is"),
		sentinelPasswordFile: z.string().min(1).optional().describe("file with the password of the Sentinels"),
		master: z.string().min(1).default("mymaster").describe("the master's name among the Sentinels"),
		cluster: z.array(hostPort(6379)).min(1).optional().describe("nodes of a Redis Cluster, HOST[:PORT] each"),
		database: z
			.int()
			.min(0)
			.max(1023)
			.default(0)
			.describe(
				"number of the database; a Cluster has only 0, and for another the ACL user also needs `+select`",
			),
		username: z.string().min(1).optional().describe("the ACL user"),
		password: z.string().min(1).optional().describe("its password; better kept in passwordFile"),
		passwordFile: z.string().min(1).optional().describe("file whose first line is the password"),
		tls: z
			.union([z.boolean(), tls])
			.default(false)
			.describe(
				"whether to speak TLS with Sentinel or Cluster, and how; rediss:// implies it. ca, cert and key are files in PEM",
			),
		prefix: z
			.string()
			.regex(/^[A-Za-z0-9._:-]{1,64}$/, "must be 1 to 64 letters, digits or . _ : -")
			.default("cordon")
			.describe("all keys begin with it"),
		waitReplicas: z
			.int()
			.min(0)
			.max(16)
			.default(0)
			.describe(
				"how many replicas have to have a change before it counts as written: 1 loses none in a failover",
			),
		timeout: duration("100ms", "1m")
			.default("5s")
			.describe("how long a command may take before it has failed"),
	})
	.refine((r) => [r.url, r.sentinels, r.cluster].filter((v) => v !== undefined).length <= 1, {
		error: "needs one of url, sentinels and cluster, not several",
		when: () => true,
	});

const trustedMember = z.strictObject({
	name: poolName.describe("the member; a list that goes to the pool is a member of the list's name"),
	weight: z
		.number()
		.min(0)
		.max(100)
		.default(1)
		.describe("how much its word counts: weight × confidence is summed up"),
	mode: z
		.enum(["block", "log-only"])
		.default("block")
		.describe("log-only: its word is only counted and shown"),
	categories: categoryModes
		.default({})
		.describe("what happens to its contributions, by category, where that differs"),
});

const trust = z.strictObject({
	threshold: z
		.number()
		.min(0.01)
		.max(10_000)
		.default(50)
		.describe(
			"a domain is blocked when the sum of weight × confidence (0 to 100) over its members reaches this",
		),
	weight: z
		.number()
		.min(0)
		.max(100)
		.default(0)
		.describe("of members that are not named below; 0: they count for nothing"),
	categories: categoryModes
		.default({})
		.describe("what happens to a category: block (the default), log-only, ignore"),
	disputeWeight: z
		.number()
		.min(0)
		.max(100)
		.default(0.5)
		.describe("a dispute by a member of at least this weight holds a domain until a person decides"),
	members: z.array(trustedMember).max(1000).default([]).describe("Members, and how much each is trusted."),
});

const limits = z.strictObject({
	maxChange: z
		.number()
		.min(0)
		.max(1)
		.default(0.25)
		.describe(
			"share of a member's contributions that one batch may add or remove; above it the batch is held",
		),
	freeChanges: z
		.int()
		.min(0)
		.max(10_000_000)
		.default(1000)
		.describe("a batch that adds and removes no more than this is never held for its size"),
	maxChanges: z
		.int()
		.min(1)
		.max(10_000_000)
		.default(100_000)
		.describe("a batch that adds or removes more than this is held, whatever its share"),
});

const guard = z.strictObject({
	ownNames: z
		.array(namePattern)
		.default([])
		.describe(
			"the operator's own names: contributions about them, or what is below or above them, are refused",
		),
	protect: z
		.array(namePattern)
		.default([])
		.describe(
			"contributions about these names, or about what is above them, wait until two people approve; lists of kind protect say the same of many",
		),
});

const validity = z.strictObject({
	default: duration("1h", "3650d").optional().describe("how long a contribution counts when it does not say"),
	max: duration("1h", "3650d").optional().describe("how long it may count at most"),
});

export const pool = z.strictObject({
	store: z
		.enum(["embedded", "redis", "off"])
		.default("embedded")
		.describe("embedded: on this node's disk; redis: shared with other nodes; off: no pool"),
	name: poolName.default("default").describe("which pool, when one Redis holds several"),
	node: poolName.optional().describe("this node's name in the audit; the host's name by default"),
	network: poolName
		.optional()
		.describe("the organisation that this node's sightings are counted for; default: the node's name"),
	redis: redis.prefault({}).describe("Where the shared pool is, with store: redis."),
	trust: trust.prefault({}).describe("Whose word counts how much on this node."),
	limits: limits.prefault({}).describe("How much one batch may change before a person has to look at it."),
	guard: guard.prefault({}).describe("Names that no contribution blocks just like that."),
	validity: byCategory(validity, "{ default, max }, which are durations")
		.default({})
		.describe("how long contributions of a category count, where that differs from docs/pool.md"),
	auditKeep: duration("30d", "36500d")
		.default("730d")
		.describe(
			"how long the audit keeps what was done; of the nodes of a shared pool, the one that wishes the longest decides",
		),
	auditMost: z
		.int()
		.min(10_000)
		.max(100_000_000)
		.default(1_000_000)
		.describe(
			"how many entries the audit keeps at most, the latest; of the nodes of a shared pool, the largest number decides",
		),
	sightings: z
		.boolean()
		.default(true)
		.describe("whether sums of blocked queries per domain and hour go to the pool"),
});
