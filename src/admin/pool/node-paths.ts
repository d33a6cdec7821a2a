/** The paths that only read and need no token, for the API's document; routes.ts serves them. */
import type { Schema } from "./field.ts";

export interface NodePath {
	readonly path: string;
	readonly id: string;
	readonly summary: string;
	readonly parameters: readonly Schema[];
	/** By status. */
	readonly answers: Readonly<Record<number, string>>;
	readonly type: string;
}

const JSON_TYPE = "application/json";

export const NODE_PATHS: readonly NodePath[] = [
	{
		path: "/api/v1/status",
		id: "readStatus",
		summary: "How this node does: lists, upstreams, threads",
		parameters: [],
		answers: { 200: "The status" },
		type: JSON_TYPE,
	},
	{
		path: "/api/v1/summary",
		id: "readSummary",
		summary: "Queries, blocks and cache in a few numbers",
		parameters: [],
		answers: { 200: "The numbers" },
		type: JSON_TYPE,
	},
	{
		path: "/api/v1/explain",
		id: "explain",
		summary: "Whether a name is blocked, and by what",
		parameters: [
			{
				name: "name",
				in: "query",
				required: true,
				description: "the name",
				schema: { type: "string", minLength: 1, maxLength: 1020, examples: ["ads.example.org"] },
			},
		],
		answers: { 200: "The explanation", 400: "It is no name" },
		type: JSON_TYPE,
	},
	{
		path: "/metrics",
		id: "readMetrics",
		summary: "Metrics for Prometheus",
		parameters: [],
		answers: { 200: "In the text format" },
		type: "text/plain",
	},
	{
		path: "/healthz",
		id: "isAlive",
		summary: "Whether the process lives",
		parameters: [],
		answers: { 200: "It does" },
		type: "text/plain",
	},
	{
		path: "/readyz",
		id: "isReady",
		summary: "Whether it is ready to answer queries",
		parameters: [],
		answers: { 200: "It is", 503: "It is not, and why" },
		type: "text/plain",
	},
];
