/** What one route of the pool's API is: how it is called, checked, described and answered. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "../../observe/log.ts";
import type { Role } from "../../pool/contribution.ts";
import type { Actor, PoolDesk } from "../../pool/desk.ts";
import type { Node } from "../node.ts";
import type { Field, Fields, Schema, Values } from "./field.ts";
import type { Intake } from "./intake.ts";
import type { Turnstile } from "./turnstile.ts";

export type Answer =
	| { readonly kind: "json"; readonly status: number; readonly value: unknown }
	| { readonly kind: "nothing" }
	/** `more` stands beside the members that every problem has (RFC 9457, section 3.2). */
	| {
			readonly kind: "problem";
			readonly status: number;
			readonly detail: string;
			readonly more?: Readonly<Record<string, unknown>>;
	  }
	| { readonly kind: "stream"; readonly type: string; readonly chunks: AsyncIterable<string> };

/** One request, checked. */
export interface Call<P = unknown, Q = unknown, H = unknown, B = unknown> {
	readonly desk: PoolDesk;
	readonly node: Node;
	/** Of the process. */
	readonly log: Log;
	readonly actor: Actor;
	readonly path: P;
	readonly query: Q;
	readonly headers: H;
	/** The fields of the body; of a route that takes contributions, nothing: it reads them itself. */
	readonly body: B;
	/** Milliseconds since the epoch. */
	readonly now: number;
	readonly raw: IncomingMessage;
	readonly response: ServerResponse;
	readonly intake: Intake;
	readonly turnstile: Turnstile;
}

/** What may come back, by status. */
export interface Outcome {
	readonly about: string;
	/** Absent: no body. */
	readonly schema?: Schema;
	/** `application/json` when absent. */
	readonly types?: readonly string[];
	readonly example?: unknown;
}

interface Described {
	readonly method: "GET" | "POST" | "DELETE";
	/** Below /api/v1, with parameters in braces. */
	readonly path: string;
	readonly id: string;
	readonly group: string;
	readonly summary: string;
	readonly description?: string;
	/** Who may; the desk sees to it. */
	readonly roles: readonly Role[];
	readonly outcomes: Readonly<Record<number, Outcome>>;
	/** It takes a body of contributions, however many. */
	readonly takesContributions?: boolean;
	/** A body may be left out. */
	readonly bodyOptional?: boolean;
}

export interface PoolRoute extends Described {
	readonly pathFields: Fields;
	readonly queryFields: Fields;
	readonly headerFields: Fields;
	/** Undefined: it takes no JSON object. */
	readonly bodyFields: Fields | undefined;
	handle(call: Call): Promise<Answer>;
}

interface RouteParts<P extends Fields, Q extends Fields, H extends Fields, B extends Fields>
	extends Described {
	readonly pathFields?: P;
	readonly queryFields?: Q;
	readonly headerFields?: H;
	readonly bodyFields?: B;
	handle(call: Call<Values<P>, Values<Q>, Values<H>, Values<B>>): Promise<Answer>;
}

type None = Readonly<Record<never, Field<unknown>>>;
const NONE: None = {};

export function route<
	P extends Fields = None,
	Q extends Fields = None,
	H extends Fields = None,
	B extends Fields = None,
>(parts: RouteParts<P, Q, H, B>): PoolRoute {
	const { pathFields = NONE, queryFields = NONE, headerFields = NONE, bodyFields } = parts;
	// What `handle` is given has been read by these same fields.
	const handle = parts.handle as PoolRoute["handle"];
	return { ...parts, pathFields, queryFields, headerFields, bodyFields, handle };
}

export function json(status: number, value: unknown): Answer {
	return { kind: "json", status, value };
}

export const NOTHING: Answer = { kind: "nothing" };
