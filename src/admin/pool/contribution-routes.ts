/** Contributions: giving them, taking them back, reading them. */
import { POOL_CATEGORIES } from "../../config/vocabulary.ts";
import { ROLES, TLPS } from "../../pool/contribution.ts";
import type { ContributionQuery, DraftLine, SubmitOptions } from "../../pool/desk.ts";
import { batchAnswer, singleAnswer } from "./batch-answer.ts";
import { count, oneOf, optional, text, withDefault } from "./field.ts";
import { NDJSON_TYPE } from "./intake.ts";
import { domainField, memberField } from "./names.ts";
import { json, type PoolRoute, route } from "./route.ts";
import { collection, NEXT, ref } from "./schema-words.ts";

const WRITERS = ["admin", "contributor"] as const;

const writing = {
	queryFields: {
		member: optional(memberField("in whose name; only an admin may name another than themself")),
	},
	headerFields: {
		"idempotency-key": optional(
			text({
				about: "the same key again gets the first outcome, and changes nothing; kept for a day",
				most: 200,
				pattern: "^[\\u0020-\\u007e]*$",
				must: "1 to 200 printable ASCII characters",
				example: "import-2026-11-23",
			}),
		),
	},
};

function submitOptions(member: string | undefined, key: string | undefined): SubmitOptions {
	return {
		...(member === undefined ? {} : { member }),
		...(key === undefined ? {} : { idempotencyKey: key }),
	};
}

const EXAMPLE = {
	domain: "malware.example",
	category: "malware",
	confidence: 90,
	tlp: "green",
	reason: "serves a loader",
};

async function* exported(contributions: AsyncIterable<unknown>): AsyncGenerator<string> {
	let piece = "";
	for await (const contribution of contributions) {
		piece += `${JSON.stringify(contribution)}\n`;
		if (piece.length < 32_768) continue;
		yield piece;
		piece = "";
	}
	yield piece;
}

export const CONTRIBUTION_ROUTES: readonly PoolRoute[] = [
	route({
		method: "GET",
		path: "/contributions",
		id: "listContributions",
		group: "contributions",
		summary: "Read contributions, page by page",
		description:
			"In the order of domains. What is marked TLP:RED is shown to its member and to admins alone.",
		roles: ROLES,
		queryFields: {
			domain: optional(domainField("of this domain alone")),
			member: optional(memberField("of this member alone")),
			category: optional(oneOf("of this category alone", POOL_CATEGORIES)),
			after: optional(
				text({
					about: "the `next` of the page before",
					most: 400,
					pattern: "^[^\\t\\u0000-\\u001f]+\\t[^\\t\\u0000-\\u001f]+$",
					must: "the `next` of the page before: a domain, a tab, a member",
				}),
			),
			limit: count("how many at most", 1, 1000, 100),
		},
		outcomes: { 200: { about: "One page", schema: collection("contributions", "Contribution", NEXT) } },
		async handle({ desk, actor, query }) {
			const given = Object.entries(query).filter(([, value]) => value !== undefined);
			return json(
				200,
				await desk.contributions(Object.fromEntries(given) as unknown as ContributionQuery, actor),
			);
		},
	}),
	route({
		method: "POST",
		path: "/contributions",
		id: "contribute",
		group: "contributions",
		summary: "Give contributions, or take them back: one, several, or a million",
		description:
			"One JSON object, an array of them, or NDJSON with one on each line, which is read as it arrives; " +
			"gzip is taken. Each line has a verdict of its own. A batch that changes too much is held as a whole, until a " +
			"person approves it. A batch that breaks off, or is too large, changes nothing.",
		roles: WRITERS,
		...writing,
		takesContributions: true,
		outcomes: {
			200: {
				about:
					"One: replaced, unchanged, withdrawn or absent. Several: what became of each, as JSON, or as NDJSON when Accept asks for it",
				schema: { oneOf: [ref("BatchOutcome"), ref("LineVerdict")] },
				types: ["application/json", NDJSON_TYPE],
			},
			201: {
				about: "One: added",
				schema: ref("LineVerdict"),
				example: { line: 1, status: "added", domain: "malware.example" },
			},
			202: { about: "One: it waits for a person", schema: ref("LineVerdict") },
			422: { about: "One: refused. The problem has the verdict as `verdict`", schema: ref("Problem") },
		},
		async handle({ desk, actor, query, headers, raw, response, intake, turnstile }) {
			const leave = turnstile.enter(actor.name);
			try {
				const { single, lines } = await intake.drafts(raw, response);
				const options = submitOptions(query.member, headers["idempotency-key"]);
				const outcome = await desk.submit(lines, actor, options);
				return single ? singleAnswer(outcome) : batchAnswer(outcome, raw);
			} finally {
				leave();
			}
		},
	}),
	route({
		method: "DELETE",
		path: "/contributions/{domain}",
		id: "withdraw",
		group: "contributions",
		summary: "Take a contribution back",
		roles: WRITERS,
		pathFields: { domain: domainField("what the contribution is about") },
		...writing,
		outcomes: {
			200: {
				about: "Withdrawn",
				schema: ref("LineVerdict"),
				example: { line: 1, status: "withdrawn", domain: EXAMPLE.domain },
			},
			202: { about: "It waits for a person", schema: ref("LineVerdict") },
			404: { about: "The member has no contribution about the domain", schema: ref("Problem") },
			422: { about: "Refused", schema: ref("Problem") },
		},
		async handle({ desk, actor, path, query, headers }) {
			const lines: DraftLine[] = [{ line: 1, value: { op: "withdraw", domain: path.domain } }];
			const options = submitOptions(query.member, headers["idempotency-key"]);
			const outcome = await desk.submit(lines, actor, options);
			if (outcome.lines[0].status !== "absent") return singleAnswer(outcome);
			const member = query.member ?? actor.name;
			const detail = `${member} has no contribution about ${path.domain}, so that there is nothing to withdraw`;
			return { kind: "problem", status: 404, detail };
		},
	}),
	route({
		method: "GET",
		path: "/contributions/export",
		id: "exportContributions",
		group: "contributions",
		summary: "Read all contributions that may be given on, as NDJSON",
		roles: ROLES,
		queryFields: {
			tlp: withDefault(
				oneOf("whatever may be given on to readers of this marking, TLP 2.0", TLPS),
				"amber" as const,
			),
		},
		outcomes: {
			200: {
				about: "One contribution on each line, in the order of domains",
				schema: ref("Contribution"),
				types: [NDJSON_TYPE],
			},
		},
		async handle({ desk, actor, query }) {
			return { kind: "stream", type: NDJSON_TYPE, chunks: exported(desk.export(query.tlp, actor)) };
		},
	}),
	route({
		method: "GET",
		path: "/opinion",
		id: "readOpinion",
		group: "contributions",
		summary: "All that is said about a name, and why it is or is not blocked on this node",
		roles: ROLES,
		queryFields: { name: domainField("the name") },
		outcomes: { 200: { about: "The opinion", schema: ref("Opinion") } },
		async handle({ desk, query }) {
			return json(200, await desk.opinion(query.name));
		},
	}),
];
