/** The metrics of queries and answers, from the counters of the workers. */
import { CATEGORIES } from "../config/vocabulary.ts";
import { QTYPES, RCODES } from "./code-slots.ts";
import {
	BLOCK_ACTIONS,
	BLOCK_REASONS,
	LIMIT_ACTIONS,
	LIMITS,
	TRANSPORTS,
	VIAS,
	type WorkerNumber,
} from "./counters.ts";
import { type Family, type Labels, type NumberFamily, single } from "./family.ts";

/** The usual code of each kind of answer: exported as zero from the start, so that a first one is a rise. */
const USUAL_RCODE: Readonly<Record<(typeof VIAS)[number], (typeof RCODES)[number]>> = {
	blocked: "NOERROR",
	cache: "NOERROR",
	stale: "NOERROR",
	upstream: "NOERROR",
	local: "NOERROR",
	refused: "REFUSED",
	limited: "REFUSED",
	error: "SERVFAIL",
};

/** The default of `blocking.answer`, exported as zero for each category. */
const USUAL_ACTION = "zero-ip";

/** What a limit mostly does, exported as zero. */
const USUAL_LIMIT_ACTION: Readonly<Record<(typeof LIMITS)[number], (typeof LIMIT_ACTIONS)[number]>> = {
	client: "refused",
	response: "dropped",
	waiting: "failed",
	late: "dropped",
};
const COOKIE_STATES: readonly (readonly [string, WorkerNumber])[] = [
	["client", "cookiesClient"],
	["valid", "cookiesValid"],
	["bad", "cookiesBad"],
	["malformed", "cookiesMalformed"],
];

/** Every pair that was counted, and those that `always` names; the others would be noise. */
function pairs<A extends string, B extends string>(
	rows: readonly A[],
	columns: readonly B[],
	count: (row: number, column: number) => number,
	labels: (row: A, column: B) => Labels,
	always: (row: A, column: B) => boolean,
): (readonly [Labels, number])[] {
	return rows.flatMap((row, i) =>
		columns.flatMap((column, j) => {
			const value = count(i, j);
			return value > 0 || always(row, column) ? [[labels(row, column), value] as const] : [];
		}),
	);
}

function total(name: string, number: WorkerNumber, help: string): NumberFamily {
	return single("counter", name, help, ({ tally }) => tally.number(number));
}

function level(name: string, number: WorkerNumber, help: string): NumberFamily {
	return single("gauge", name, help, ({ tally }) => tally.number(number));
}

export const ANSWER_METRICS: readonly Family[] = [
	{
		type: "counter",
		name: "cordon_queries_total",
		help: "Questions understood, by the transport they came over and the type of record they asked for.",
		labels: ["transport", "qtype"],
		read: ({ tally }) =>
			pairs(
				TRANSPORTS,
				QTYPES,
				(transport, qtype) => tally.queries(transport, qtype),
				(transport, qtype) => ({ transport, qtype }),
				() => true,
			),
	},
	{
		type: "counter",
		name: "cordon_responses_total",
		help: "Answers, by where they came from and their response code; rcode dropped means that nothing was sent.",
		labels: ["via", "rcode"],
		read: ({ tally }) =>
			pairs(
				VIAS,
				RCODES,
				(via, rcode) => tally.responses(via, rcode),
				(via, rcode) => ({ via, rcode }),
				(via, rcode) => USUAL_RCODE[via] === rcode,
			),
	},
	{
		type: "counter",
		name: "cordon_blocked_total",
		help: "Questions blocked, by the category of the list that decided and by what the client got.",
		labels: ["category", "action"],
		read: ({ tally }) =>
			pairs(
				CATEGORIES,
				BLOCK_ACTIONS,
				(category, action) => tally.blocked(category, action),
				(category, action) => ({ category, action }),
				(_, action) => action === USUAL_ACTION,
			),
	},
	{
		type: "counter",
		name: "cordon_blocked_reason_total",
		help: "Questions blocked, by what gave cause: the name itself, or in its answer an alias (CNAME, DNAME), the target of a service (HTTPS, SVCB), an address hint of one, a listed address, or a private one (rebinding).",
		labels: ["reason"],
		read: ({ tally }) => BLOCK_REASONS.map((reason, i) => [{ reason }, tally.reason(i)] as const),
	},
	{
		type: "counter",
		name: "cordon_log_only_total",
		help: "Questions that would have been blocked, were their category or the member that shared them not log-only.",
		labels: ["category"],
		read: ({ tally }) => CATEGORIES.map((category, i) => [{ category }, tally.logged(i)] as const),
	},
	{
		type: "counter",
		name: "cordon_limited_total",
		help: "Questions and answers that a limit of access met: client is rateLimit, response is responseRateLimit, waiting is maxWaitingPerClient, late is discardAfter. failed means SERVFAIL, sent an error that was sent all the same, logged that nobody was limited.",
		labels: ["limit", "action"],
		read: ({ tally }) =>
			pairs(
				LIMITS,
				LIMIT_ACTIONS,
				(limit, action) => tally.limited(limit, action),
				(limit, action) => ({ limit, action }),
				(limit, action) => USUAL_LIMIT_ACTION[limit] === action,
			),
	},
	{
		type: "histogram",
		name: "cordon_response_duration_seconds",
		help: "Time from reading a question to having its answer ready, by where the answer came from.",
		labels: ["via"],
		read: ({ tally }) => VIAS.map((via, i) => [{ via }, tally.durations(i)] as const),
	},
	{
		type: "counter",
		name: "cordon_cookies_total",
		help: "Cookies that came with questions: client (without a server's part), valid, bad (not ours, or too old) or malformed.",
		labels: ["state"],
		read: ({ tally }) => COOKIE_STATES.map(([state, number]) => [{ state }, tally.number(number)] as const),
	},
	total("cordon_packets_received_total", "packetsReceived", "Datagrams and TCP messages that came in."),
	total(
		"cordon_packets_malformed_total",
		"packetsMalformed",
		"Datagrams and TCP messages that are no well-formed query.",
	),
	total(
		"cordon_replies_unsent_total",
		"repliesUnsent",
		"Replies that the kernel did not take, such as when its send buffer was full.",
	),
	total("cordon_tcp_connections_accepted_total", "tcpAccepted", "DNS connections accepted over TCP."),
	total(
		"cordon_tcp_connections_refused_total",
		"tcpRefused",
		"DNS connections closed at once because listen.tcp.maxConnections or maxConnectionsPerClient was reached.",
	),
	level("cordon_tcp_connections", "tcpOpen", "DNS connections open over TCP."),
	total(
		"cordon_tcp_connections_displaced_total",
		"tcpMadeRoom",
		"Idle DNS connections closed to make room for others, because listen.tcp.maxConnections was near.",
	),
	total(
		"cordon_tcp_connections_overfull_total",
		"tcpOverfull",
		"DNS connections closed because listen.tcp.maxHeld was reached and they held more than their share.",
	),
	level(
		"cordon_tcp_held_bytes",
		"tcpHeldBytes",
		"Bytes held for DNS connections: answers that clients let lie, questions that have to wait.",
	),
	total("cordon_cache_hits_total", "cacheHits", "Questions that the cache could answer."),
	total("cordon_cache_misses_total", "cacheMisses", "Questions that the cache could not answer."),
	total("cordon_cache_inserts_total", "cacheInserts", "Answers put into the cache."),
	total(
		"cordon_cache_evictions_total",
		"cacheEvictions",
		"Answers that left the cache to make room for others; many mean that cache.size is small.",
	),
	total(
		"cordon_cache_prefetches_total",
		"cachePrefetches",
		"Questions asked again before their answers expired, because clients ask for them.",
	),
	level("cordon_cache_entries", "cacheEntries", "Answers in the caches of all workers."),
	level(
		"cordon_cache_bytes",
		"cacheBytes",
		"Bytes that the cached answers take, by the cache's own reckoning.",
	),
	level("cordon_flights", "flightsOpen", "Questions waiting for upstreams."),
	level(
		"cordon_askers_waiting",
		"askersWaiting",
		"Clients' queries that wait for those questions to be answered.",
	),
	total(
		"cordon_flights_joined_total",
		"flightsJoined",
		"Questions that waited for the answer to the same question of another client.",
	),
	total(
		"cordon_flights_shed_total",
		"flightsShed",
		"Questions answered SERVFAIL at once because upstreams.maxInFlight was reached, or too many wait for the same answer.",
	),
];
