import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";

/** RFC 9457, section 3: our problems need no types of their own, so that `type` is `about:blank` and left out. */
export interface Problem {
	readonly status: number;
	/** The meaning of the status. */
	readonly title: string;
	/** What happened and what to do. */
	readonly detail: string;
}

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export function problem(status: number, detail: string): Problem {
	return { status, title: STATUS_CODES[status] ?? "Error", detail };
}

export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
	return reply
		.code(status)
		.type(PROBLEM_TYPE)
		.send(JSON.stringify(problem(status, detail)));
}
