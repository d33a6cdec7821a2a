/** The metrics of the upstreams; `upstream` is the server as the configuration names it. */
import { MAX_UPSTREAMS, type UpstreamNumber, type WorkerNumber } from "./counters.ts";
import type { Family, NumberFamily, Reading } from "./family.ts";

const FAILURES: readonly (readonly [UpstreamNumber, string])[] = [
	["timeouts", "timeout"],
	["networkErrors", "network"],
	["serverFailures", "server-failure"],
];

const SUSPICIONS: readonly (readonly [UpstreamNumber, string])[] = [
	["wrongIds", "id"],
	["wrongQuestions", "question"],
	["wrongCases", "case"],
	["wrongCookies", "cookie"],
	["wrongSubnets", "subnet"],
];

const UNUSABLE: readonly (readonly [WorkerNumber, string])[] = [
	["unusableLoop", "loop"],
	["unusableLong", "long"],
	["unusableAliases", "aliases"],
	["unusableClass", "class"],
	["unusableLarge", "large"],
];

function upstreams({ status }: Reading) {
	return status.upstreams.slice(0, MAX_UPSTREAMS);
}

function total(name: string, number: UpstreamNumber, help: string): NumberFamily {
	return {
		type: "counter",
		name,
		help,
		labels: ["upstream"],
		read: (reading) =>
			upstreams(reading).map(
				(one) => [{ upstream: one.name }, reading.tally.upstream(one.slot, number)] as const,
			),
	};
}

function byReason(
	name: string,
	reasons: readonly (readonly [UpstreamNumber, string])[],
	help: string,
): NumberFamily {
	return {
		type: "counter",
		name,
		help,
		labels: ["upstream", "reason"],
		read: (reading) =>
			upstreams(reading).flatMap((one) =>
				reasons.map(
					([number, reason]) =>
						[{ upstream: one.name, reason }, reading.tally.upstream(one.slot, number)] as const,
				),
			),
	};
}

export const UPSTREAM_METRICS: readonly Family[] = [
	total("cordon_upstream_queries_total", "queries", "Questions sent, every try counted."),
	total("cordon_upstream_answers_total", "answers", "Answers that matched a question and could be used."),
	byReason(
		"cordon_upstream_failures_total",
		FAILURES,
		"Tries that brought no usable answer: timeout, network (unreachable, refused) or server-failure (SERVFAIL, REFUSED, malformed).",
	),
	{
		type: "counter",
		name: "cordon_upstream_unusable_total",
		help: "Answers that no records can be taken from: loop and long are chains of aliases, aliases several at one name, class records of another class, large more records than are taken. They also count as server-failure.",
		labels: ["reason"],
		read: ({ tally }) => UNUSABLE.map(([number, reason]) => [{ reason }, tally.number(number)] as const),
	},
	total(
		"cordon_upstream_strangers_total",
		"strangers",
		"Replies that matched no open question; many may be an attempt at spoofing.",
	),
	byReason(
		"cordon_upstream_suspicions_total",
		SUSPICIONS,
		"Questions asked again over TCP because a reply looked like a forgery: the right question under another id, the right id with another question, the name in another case, our DNS cookie not brought back, or not the client subnet that was sent.",
	),
	total(
		"cordon_upstream_case_exemptions_total",
		"caseExemptions",
		"Times that a worker found the upstream not to keep the case of questions, and stopped asking it in random case for a day.",
	),
	total(
		"cordon_upstream_bad_cookies_total",
		"badCookies",
		"Answers that only brought a new DNS cookie (BADCOOKIE); the question was asked again with it.",
	),
	total(
		"cordon_upstream_tcp_retries_total",
		"tcpRetries",
		"Truncated answers that were asked for again over TCP.",
	),
	{
		type: "histogram",
		name: "cordon_upstream_response_duration_seconds",
		help: "Time from sending a question to its answer.",
		labels: ["upstream"],
		read: (reading) =>
			upstreams(reading).map(
				(one) => [{ upstream: one.name }, reading.tally.upstreamDurations(one.slot)] as const,
			),
	},
	{
		type: "gauge",
		name: "cordon_upstream_up",
		help: "1 while at least one worker takes it for healthy, else 0.",
		labels: ["upstream"],
		read: (reading) => upstreams(reading).map((one) => [{ upstream: one.name }, one.up ? 1 : 0] as const),
	},
];
