import { CATEGORIES } from "../config/vocabulary.ts";
import { QTYPES, RCODES } from "./code-slots.ts";
import {
	BLOCK_ACTIONS,
	BLOCK_REASONS,
	DURATION_BOUNDS,
	LIMIT_ACTIONS,
	LIMITS,
	TRANSPORTS,
	VIAS,
} from "./counters.ts";
import { FAMILIES } from "./registry.ts";
import { REJECTION_REASONS } from "./rejection.ts";

function values(of: readonly (string | number)[]): string {
	return of.map((value) => `\`${value}\``).join(", ");
}

const LABELS: readonly (readonly [string, string])[] = [
	["transport", values(TRANSPORTS)],
	["qtype", values(QTYPES)],
	["via", values(VIAS)],
	["rcode", values(RCODES)],
	["category", values(CATEGORIES)],
	["action", `of what is blocked: ${values(BLOCK_ACTIONS)}; of a limit: ${values(LIMIT_ACTIONS)}`],
	["limit", values(LIMITS)],
	["list", "a `name` of `lists` in the configuration"],
	[
		"state",
		"of a list: `loading`, `fresh`, `stale`, `held`, `failed`; of domains in the pool: `block`, `log-only`, `protected`, `disputed`; of cookies: `client`, `valid`, `bad`, `malformed`",
	],
	[
		"reason",
		`of a list: ${values(REJECTION_REASONS)}; of what is blocked: ${values(BLOCK_REASONS)}; of an upstream's failures: \`timeout\`, \`network\`, \`server-failure\`; of its suspicions: \`id\`, \`question\`, \`case\`, \`cookie\`, \`subnet\`; of unusable answers: \`loop\`, \`long\`, \`aliases\`, \`class\`, \`large\`; of the query log: \`ring-full\`, \`slow\`, \`disk\`, \`crash\`; of dnstap: \`ring-full\`, \`slow\`, \`disconnected\`, \`crash\``,
	],
	["upstream", "a server of `upstreams.servers` or `upstreams.zones`"],
	["worker", "`0` to the number of workers less one"],
	["kind", "`block`, `allow`"],
	["result", "`secure`, `insecure`, `bogus`, `indeterminate`, `over-budget`"],
	["store", "`embedded`, `redis`"],
	["version", "the version that runs"],
];

/** docs/metrics.md, made from the metrics themselves. */
export function metricsReference(): string {
	const rows = FAMILIES.map(
		({ name, type, labels, help }) =>
			`| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(", ")} | ${help} |`,
	);
	return `<!-- Made from the code; do not edit. Rewrite it with: npx tsc -p tsconfig.test.json && UPDATE=1 node dist/test/observe/metrics-reference.test.js -->

# Metrics

\`GET /metrics\` of the admin server (\`listen.admin\`) exports these in the Prometheus text format, summed over all workers.
Times are in seconds and sizes in bytes. No label ever carries a domain, a client or a rule, so the number of series
does not grow with traffic. Combinations that never occurred are left out, except one zero for each kind, so that the
first occurrence shows as a rise. With \`metrics.process\` the usual \`process_*\` and \`nodejs_*\` metrics are there too.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join("\n")}

The buckets of all histograms end at ${DURATION_BOUNDS.join(", ")} seconds and +Inf.

## Labels

| label | values |
|---|---|
${LABELS.map(([label, of]) => `| \`${label}\` | ${of} |`).join("\n")}
`;
}
