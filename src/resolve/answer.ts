/** An answer being made, and where it came from: metrics and log read it from here. */
import { VIAS, type Via } from "../observe/counters.ts";
import { beginReply, Reply } from "../wire/reply.ts";
import type { Asker } from "./query.ts";

/** Indices into VIAS. */
export const VIA = Object.fromEntries(VIAS.map((via, i) => [via, i])) as Readonly<Record<Via, number>>;

export class Answer extends Reply {
	/** Index into VIAS. */
	via: number = VIA.error;
	/** For a blocked answer: index into CATEGORIES, else -1. */
	category = -1;
	/** For a blocked answer: index into BLOCK_ACTIONS. */
	action = 0;
}

/** The way back to whoever asked: a listener's own business. */
export interface ReturnPath {
	/** The same way, but able to outlive the packet it was made for. */
	keep(): ReturnPath;
	/** An empty answer to write to; taken back by the next `open`. */
	open(): Answer;
	/** Sends what was written to the answer that `open` gave last. */
	commit(asker: Asker, answer: Answer): void;
}

/** An answer of nothing but an rcode. */
export function answerRcode(answer: Answer, asker: Asker, rcode: number, via: number): void {
	beginReply(answer, asker, rcode);
	answer.via = via;
}
