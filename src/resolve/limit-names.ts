/** Limits, and what they do, as the counters number them. */
import { LIMIT_ACTIONS, LIMITS, type Limit, type LimitAction } from "../observe/counters.ts";
import { LIMIT_REASONS } from "../observe/record.ts";

export const LIMIT = Object.fromEntries(LIMITS.map((limit, i) => [limit, i])) as Readonly<
	Record<Limit, number>
>;
export const LIMIT_ACTION = Object.fromEntries(LIMIT_ACTIONS.map((action, i) => [action, i])) as Readonly<
	Record<LimitAction, number>
>;
/** A question that is not sent on, whoever asks it: too many are in flight. Index into LIMIT_REASONS. */
export const OVERLOAD = LIMIT_REASONS.indexOf("overload");
