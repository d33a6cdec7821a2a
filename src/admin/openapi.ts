/** The document of the API (OpenAPI 3.1), made from the table of routes that is served. */
import type { Field, Fields, Schema } from "./pool/field.ts";
import { JSON_TYPE, NDJSON_TYPE } from "./pool/intake.ts";
import { NODE_PATHS } from "./pool/node-paths.ts";
import type { Outcome, PoolRoute } from "./pool/route.ts";
import { ref } from "./pool/schema-words.ts";
import { SCHEMAS } from "./pool/schemas.ts";
import { API } from "./pool/table.ts";

const PROBLEM = "application/problem+json";

const DRAFT_EXAMPLE = {
	domain: "malware.example",
	category: "malware",
	confidence: 90,
	tlp: "green",
	reason: "serves a loader",
	validFor: "7d",
};

/** What every route may answer. */
const COMMON: Readonly<Record<number, string>> = {
	400: "A parameter or field is wrong, unknown or missing; the problem names each",
	401: "The token is missing, or nobody has it",
	403: "The role does not allow it, or the Host header names another server",
	404: "This node has no pool (pool.store: off), or what is asked for is not there",
	429: "Too many wrong tokens from one address, or too many batches at once; see Retry-After",
	503: "The pool's store cannot be reached; nothing was changed; see Retry-After",
};

const BODY_PROBLEMS: Readonly<Record<number, string>> = {
	408: "The body arrives too slowly",
	413: "The body is too large, or has too many lines; nothing was changed",
	415: "The body is of a type, charset or encoding that is not taken",
};

function parameters(fields: Fields, where: "path" | "query" | "header"): Schema[] {
	return Object.entries<Field<unknown>>(fields).map(([name, field]) => ({
		name: where === "header" ? "Idempotency-Key" : name,
		in: where,
		description: field.about,
		required: field.required,
		schema: field.schema,
	}));
}

function bodySchema(fields: Fields): Schema {
	const entries = Object.entries<Field<unknown>>(fields);
	return {
		type: "object",
		additionalProperties: false,
		properties: Object.fromEntries(
			entries.map(([name, field]) => [name, { ...field.schema, description: field.about }]),
		),
		required: entries.filter(([, field]) => field.required).map(([name]) => name),
	};
}

function requestBody(route: PoolRoute): Schema | undefined {
	if (route.takesContributions) {
		const one = { oneOf: [ref("Draft"), ref("Withdrawal")] };
		return {
			required: true,
			description:
				"NDJSON: one on each line, at most 8 KiB a line, 1,000,000 lines and 1 GiB unpacked. JSON: at most 1 MiB",
			content: {
				[JSON_TYPE]: {
					schema: { oneOf: [...one.oneOf, { type: "array", items: one }] },
					example: DRAFT_EXAMPLE,
				},
				[NDJSON_TYPE]: {
					schema: one,
					example: `${JSON.stringify(DRAFT_EXAMPLE)}\n{"op":"withdraw","domain":"mended.example"}\n`,
				},
			},
		};
	}
	if (route.bodyFields === undefined) return undefined;
	return {
		required: route.bodyOptional !== true,
		content: { [JSON_TYPE]: { schema: bodySchema(route.bodyFields) } },
	};
}

function response({ about, schema, types, example }: Outcome, status: string): Schema {
	if (schema === undefined) return { description: about };
	const described = example === undefined ? { schema } : { schema, example };
	const kinds = Number(status) >= 400 ? [PROBLEM] : (types ?? [JSON_TYPE]);
	return { description: about, content: Object.fromEntries(kinds.map((type) => [type, described])) };
}

function problemResponses(problems: Readonly<Record<number, string>>): Readonly<Record<string, Schema>> {
	const content = { [PROBLEM]: { schema: ref("Problem") } };
	return Object.fromEntries(
		Object.entries(problems).map(([status, description]) => [status, { description, content }]),
	);
}

function operation(route: PoolRoute): Schema {
	const body = requestBody(route);
	const own = Object.entries(route.outcomes).map(([status, outcome]) => [status, response(outcome, status)]);
	return {
		operationId: route.id,
		tags: [route.group],
		summary: route.summary,
		description: [route.description, `Roles: ${route.roles.join(", ")}.`].filter(Boolean).join("\n\n"),
		parameters: [
			...parameters(route.pathFields, "path"),
			...parameters(route.queryFields, "query"),
			...parameters(route.headerFields, "header"),
		],
		...(body === undefined ? {} : { requestBody: body }),
		responses: {
			...problemResponses(body === undefined ? COMMON : { ...COMMON, ...BODY_PROBLEMS }),
			...Object.fromEntries(own),
		},
	};
}

function nodePaths(): Readonly<Record<string, Schema>> {
	return Object.fromEntries(
		NODE_PATHS.map(({ path, id, summary, parameters: taken, answers, type }) => {
			const responses = Object.entries(answers).map(([status, description]) => {
				const problem = { [PROBLEM]: { schema: ref("Problem") } };
				return [status, { description, content: Number(status) < 400 ? { [type]: {} } : problem }];
			});
			const get = {
				operationId: id,
				tags: ["node"],
				summary,
				parameters: taken,
				security: [],
				responses: Object.fromEntries(responses),
			};
			return [path, { get }];
		}),
	);
}

export interface ApiDocument {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
	readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export function apiDocument(routes: readonly PoolRoute[], version: string): ApiDocument {
	const paths: Record<string, Record<string, Schema>> = {};
	for (const route of routes) {
		const path = API + route.path;
		paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
	}
	const document = {
		openapi: "3.1.0",
		info: {
			title: "Cordon",
			version,
			description:
				"The shared pool of malicious domains, and how this node does. Errors are problems (RFC 9457). " +
				"Moments are milliseconds since the epoch.",
			license: { name: "Apache-2.0", identifier: "Apache-2.0" },
		},
		servers: [{ url: "/" }],
		security: [{ token: [] }],
		tags: [...new Set([...routes.map(({ group }) => group), "node"])].map((name) => ({ name })),
		paths: { ...paths, ...nodePaths() },
		components: {
			securitySchemes: {
				token: {
					type: "http",
					scheme: "bearer",
					description: "A member's token, as cordon member add tells it, or the node's own operator token",
				},
			},
			schemas: SCHEMAS,
		},
	};
	return document as unknown as ApiDocument;
}
