/** An answer being made, and where it came from: metrics and log read it from here. */
import { BLOCK_REASONS, type BlockReason, VIAS, type Via } from "../observe/counters.ts";
import type { Asked } from "../wire/query.ts";
import { beginReply, Reply } from "../wire/reply.ts";

/** Indices into VIAS. */
export const VIA = Object.fromEntries(VIAS.map((via, i) => [via, i])) as Readonly<Record<Via, number>>;

/** Indices into BLOCK_REASONS. */
export const REASON = Object.fromEntries(BLOCK_REASONS.map((reason, i) => [reason, i])) as Readonly<
	Record<BlockReason, number>
>;

export class Answer extends Reply {
	/** Index into VIAS. */
	via: number = VIA.error;
	/** For a blocked answer: index into CATEGORIES, else -1. */
	category = -1;
	/** For a blocked answer: index into BLOCK_ACTIONS. */
	action = 0;
	/** For a blocked answer: index into BLOCK_REASONS. */
	reason = 0;
	/** For a limited answer: index into LIMIT_REASONS. */
	limitedBy = 0;
	/** For a blocked answer: the name of the list that decided, as the lexicon numbers it; -1: none. */
	list = -1;
	/** The slot of the upstream that was asked last for it; -1: none. */
	upstream = -1;
}

/** An answer of nothing but an rcode. */
export function answerRcode(answer: Answer, asked: Asked, rcode: number, via: number): void {
	beginReply(answer, asked, rcode);
	answer.via = via;
}
