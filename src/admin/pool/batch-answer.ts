/** What became of contributions, as an answer of HTTP. */
import type { IncomingMessage } from "node:http";
import type { BatchOutcome, LineStatus, LineVerdict } from "../../pool/desk.ts";
import { JSON_TYPE, NDJSON_TYPE } from "./intake.ts";
import { Refusal } from "./refusal.ts";
import type { Answer } from "./route.ts";

export const LINE_STATUSES = [
	"added",
	"replaced",
	"unchanged",
	"withdrawn",
	"absent",
	"pending",
	"refused",
] as const satisfies readonly LineStatus[];

export type LineCounts = Readonly<Record<LineStatus | "lines", number>>;

/** A batch in short; the last line of an answer in NDJSON, under `summary`. */
export interface BatchSummary {
	readonly status: BatchOutcome["status"];
	readonly held?: string;
	readonly reason?: string;
	readonly counts: LineCounts;
}

function summaryOf({ status, held, reason, lines }: BatchOutcome): BatchSummary {
	const counts = { lines: lines.length, ...Object.fromEntries(LINE_STATUSES.map((word) => [word, 0])) };
	const tally = counts as Record<LineStatus | "lines", number>;
	for (const line of lines) tally[line.status]++;
	return {
		status,
		...(held === undefined ? {} : { held }),
		...(reason === undefined ? {} : { reason }),
		counts: tally,
	};
}

/** How much a client wants a type: RFC 9110, section 12.5.1, as far as we answer in two of them. */
function quality(accept: string, type: string): number {
	for (const part of accept.split(",")) {
		const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
		if (name !== type) continue;
		const q = parameters.find((parameter) => parameter.startsWith("q="));
		return q === undefined ? 1 : Number(q.slice(2)) || 0;
	}
	return 0;
}

function wantsLines({ headers }: IncomingMessage): boolean {
	const accept = headers.accept ?? "";
	const lines = Math.max(quality(accept, NDJSON_TYPE), quality(accept, "application/ndjson"));
	return lines > 0 && lines >= quality(accept, JSON_TYPE);
}

/** Some 64 KiB at a time: a million lines are not written together. */
const PIECE = 500;

function* pieces(lines: readonly LineVerdict[], between: string): Generator<string> {
	for (let i = 0; i < lines.length; i += PIECE) {
		const written = lines.slice(i, i + PIECE).map((line) => JSON.stringify(line));
		yield (i === 0 ? "" : between) + written.join(between);
	}
}

async function* asLines(outcome: BatchOutcome): AsyncGenerator<string> {
	yield* pieces(outcome.lines, "\n");
	yield `\n${JSON.stringify({ summary: summaryOf(outcome) })}\n`;
}

async function* asJson(outcome: BatchOutcome): AsyncGenerator<string> {
	yield `${JSON.stringify(summaryOf(outcome)).slice(0, -1)},"lines":[`;
	yield* pieces(outcome.lines, ",");
	yield "]}";
}

export function batchAnswer(outcome: BatchOutcome, raw: IncomingMessage): Answer {
	if (outcome.lines.length === 0) {
		throw new Refusal(400, "the body has no line with a contribution in it; nothing was changed");
	}
	return wantsLines(raw)
		? { kind: "stream", type: NDJSON_TYPE, chunks: asLines(outcome) }
		: { kind: "stream", type: `${JSON_TYPE}; charset=utf-8`, chunks: asJson(outcome) };
}

const STATUS: Readonly<Record<LineStatus, number>> = {
	added: 201,
	replaced: 200,
	unchanged: 200,
	withdrawn: 200,
	absent: 200,
	pending: 202,
	refused: 422,
};

/** The answer to one contribution, or one withdrawal. */
export function singleAnswer({ status, held, reason, lines }: BatchOutcome): Answer {
	const verdict = lines[0];
	if (verdict.status === "refused") {
		const detail = verdict.reason ?? "the contribution was refused";
		return { kind: "problem", status: 422, detail, more: { verdict } };
	}
	if (status !== "held") return { kind: "json", status: STATUS[verdict.status], value: verdict };
	return { kind: "json", status: 202, value: { ...verdict, held, reason: reason ?? verdict.reason } };
}
