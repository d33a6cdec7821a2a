/** Contributions on their way to the server, and its verdicts on the way back. */
import type { BatchSummary } from "../../admin/pool/batch-answer.ts";
import type { LineVerdict } from "../../pool/desk.ts";
import type { AdminClient } from "../admin-client.ts";
import { counted, number } from "./layout.ts";
import { EXIT, type Run } from "./subcommand.ts";

/** A million lines are judged before the first verdict comes. */
const TIMEOUT_MS = 600_000;
const LONGEST_VERDICT = 65_536;

export interface BatchOptions {
	readonly member: string | undefined;
	readonly idempotencyKey?: string;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let rest = "";
	for await (const chunk of chunks) {
		const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
		rest = lines.pop() ?? "";
		if (rest.length > LONGEST_VERDICT) throw new Error("its answer has a line without end");
		yield* lines;
	}
	if (rest !== "") yield rest;
}

/** Rejects with NotReachable when the answer breaks off: what became of the batch is not known then. */
export async function sendBatch(
	client: AdminClient,
	lines: AsyncIterable<string | Buffer>,
	{ member, idempotencyKey }: BatchOptions,
	onVerdict: (verdict: LineVerdict) => void,
): Promise<BatchSummary> {
	const query = member === undefined ? "" : `?member=${encodeURIComponent(member)}`;
	const response = await client.open(`/api/v1/contributions${query}`, {
		method: "POST",
		body: lines,
		timeoutMs: TIMEOUT_MS,
		headers: {
			"content-type": "application/x-ndjson",
			accept: "application/x-ndjson",
			...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
		},
	});
	try {
		for await (const line of linesOf(response)) {
			const said = JSON.parse(line) as LineVerdict & { readonly summary?: BatchSummary };
			if (said.summary !== undefined) return said.summary;
			onVerdict(said);
		}
	} catch (error) {
		throw client.brokenOff(error);
	}
	throw client.brokenOff(new Error("its answer was cut off"));
}

/** What became of the batch, in one line. */
export function summaryLine({ status, counts }: BatchSummary): string {
	const { lines, ...each } = counts;
	const parts = Object.entries(each)
		.filter(([, count]) => count > 0)
		.map(([word, count]) => `${number(count)} ${word}`);
	const would = status === "held" ? "held; it would be: " : "";
	return `${counted(lines, "line")}: ${would}${parts.join(", ")}`;
}

/** Tells that a batch waits. */
export function noteHeld({ status, held = "", reason = "" }: BatchSummary, { note }: Run): void {
	if (status !== "held") return;
	note(`held: ${reason}`);
	note(`Nothing of it is in the pool yet. An admin lets it in with: cordon pool approve ${held}`);
}

export function exitCode({ status, counts }: BatchSummary): number {
	if (status === "held") return EXIT.held;
	if (counts.refused > 0) return EXIT.refused;
	return counts.pending > 0 ? EXIT.held : EXIT.done;
}

export const BATCH_EXIT =
	"0 all was taken, 1 wrong usage or not allowed, 2 the server or the pool cannot be reached, 3 some was refused, " +
	"4 it waits for people to approve it";
