/** Limits, and what they do, as the counters number them. */
import { LIMIT_ACTIONS, LIMITS, type Limit, type LimitAction } from "../observe/counters.ts";

export const LIMIT = Object.fromEntries(LIMITS.map((limit, i) => [limit, i])) as Readonly<
	Record<Limit, number>
>;
export const LIMIT_ACTION = Object.fromEntries(LIMIT_ACTIONS.map((action, i) => [action, i])) as Readonly<
	Record<LimitAction, number>
>;
