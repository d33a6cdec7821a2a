/** Whether an answer can be made out in what an upstream sent. */
import type { Counters, WorkerNumber } from "../observe/counters.ts";
import { type ChainFault, followChain } from "../wire/chain.ts";
import { RCODE } from "../wire/codes.ts";
import type { Response } from "../wire/response.ts";

const UNUSABLE: Readonly<Record<ChainFault, WorkerNumber>> = {
	loop: "unusableLoop",
	long: "unusableLong",
	aliases: "unusableAliases",
	class: "unusableClass",
	large: "unusableLarge",
};

/** Selects what answers the question, and counts why nothing does. Failures need no answer. */
export function isUsable(response: Response, counters: Counters): boolean {
	if (response.rcode !== RCODE.NOERROR && response.rcode !== RCODE.NXDOMAIN) return true;
	const fault = followChain(response);
	if (fault !== undefined) counters.add(UNUSABLE[fault], 1);
	return fault === undefined;
}
