// What expressions on one node are made of.
import { NODES } from "./dashboard.mjs";

export const rate = (metric, more = "") => `rate(${metric}{${NODES}${more}}[$__rate_interval])`;
export const quantile = (q, metric, by = "", more = "") =>
	`histogram_quantile(${q}, sum by (${by}le) (${rate(`${metric}_bucket`, more)}))`;
export const RESPONSES = "cordon_responses_total";
export const DURATION = "cordon_response_duration_seconds";
export const share = (part, whole) => `sum(${part}) / (sum(${whole}) > 0)`;
