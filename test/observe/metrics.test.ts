import { test } from "tap";
import { BLOCK_ACTIONS, BLOCK_REASONS, DURATION_BOUNDS, VIAS } from "../../src/observe/counters.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { FAMILIES } from "../../src/observe/registry.ts";
import { parseExposition, sampleValue } from "./exposition.ts";
import { FakeNode, STATUS } from "./fake-node.ts";

const BLOCKED = VIAS.indexOf("blocked");
const UPSTREAM = VIAS.indexOf("upstream");

async function scrape(node: FakeNode, process = false) {
	const { body } = await createMetrics({ view: node, process }).scrape();
	return parseExposition(body);
}

test("sums the counters of all workers", async (t) => {
	const node = new FakeNode();
	const [one, two] = node.workers;
	one.query(0, 1);
	one.query(0, 1);
	two.query(0, 1);
	two.query(1, 28);
	two.query(1, 4711);
	one.response(BLOCKED, 0);
	two.response(BLOCKED, 0);
	two.response(UPSTREAM, -1);
	one.blocked(1, BLOCK_ACTIONS.indexOf("nxdomain"), BLOCK_REASONS.indexOf("name"));
	two.blocked(1, BLOCK_ACTIONS.indexOf("nxdomain"), BLOCK_REASONS.indexOf("hint"));
	one.add("packetsReceived", 5);
	two.add("packetsReceived", 7);
	one.set("cacheEntries", 100);
	two.set("cacheEntries", 50);
	one.upstreamAdd(1, "queries");
	two.upstreamAdd(1, "queries");
	two.upstreamAdd(1, "timeouts");
	const families = await scrape(node);
	for (const [name, labels, value] of [
		["cordon_queries_total", { transport: "udp", qtype: "A" }, 3],
		["cordon_queries_total", { transport: "tcp", qtype: "AAAA" }, 1],
		["cordon_queries_total", { transport: "tcp", qtype: "other" }, 1],
		["cordon_queries_total", { transport: "udp", qtype: "HTTPS" }, 0],
		["cordon_responses_total", { via: "blocked", rcode: "NOERROR" }, 2],
		["cordon_responses_total", { via: "upstream", rcode: "dropped" }, 1],
		["cordon_responses_total", { via: "error", rcode: "SERVFAIL" }, 0],
		["cordon_responses_total", { via: "error", rcode: "NXDOMAIN" }, undefined],
		["cordon_blocked_total", { category: "phishing", action: "nxdomain" }, 2],
		["cordon_blocked_total", { category: "ads", action: "zero-ip" }, 0],
		["cordon_blocked_reason_total", { reason: "name" }, 1],
		["cordon_blocked_reason_total", { reason: "hint" }, 1],
		["cordon_blocked_reason_total", { reason: "rebinding" }, 0],
		["cordon_packets_received_total", {}, 12],
		["cordon_cache_entries", {}, 150],
		["cordon_upstream_queries_total", { upstream: "udp://192.0.2.1:53" }, 0],
		["cordon_upstream_queries_total", { upstream: "udp://192.0.2.2:53" }, 2],
		["cordon_upstream_failures_total", { upstream: "udp://192.0.2.2:53", reason: "timeout" }, 1],
		["cordon_upstream_failures_total", { upstream: "udp://192.0.2.2:53", reason: "network" }, 0],
	] as const) {
		t.equal(sampleValue(families, name, labels), value, `${name} ${JSON.stringify(labels)}`);
	}
});

test("exports what the status says", async (t) => {
	const families = await scrape(new FakeNode());
	for (const [name, labels, value] of [
		["cordon_build_info", { version: "0.1.0" }, 1],
		["cordon_ready", {}, 1],
		["cordon_blocklist_domains", { list: "malicious" }, 1_000_000],
		["cordon_blocklist_domains", { list: "ours" }, undefined],
		["cordon_allowlist_domains", { list: "ours" }, 12],
		["cordon_index_domains", { kind: "block" }, 1_000_123],
		["cordon_index_networks", {}, 3],
		["cordon_blocklist_bytes", {}, 33_554_432],
		["cordon_blocklist_compiled_timestamp_seconds", {}, Date.UTC(2026, 10, 23, 12, 0, 1) / 1000],
		["cordon_list_state", { list: "malicious", state: "held" }, 1],
		["cordon_list_state", { list: "malicious", state: "fresh" }, 0],
		["cordon_list_last_success_timestamp_seconds", { list: "malicious" }, Date.UTC(2026, 10, 23, 9) / 1000],
		["cordon_list_last_success_timestamp_seconds", { list: "ours" }, undefined],
		["cordon_list_refresh_seconds", { list: "malicious" }, 21_600],
		["cordon_config_last_reload_successful", {}, 1],
		["cordon_config_last_reload_success_timestamp_seconds", {}, Date.UTC(2026, 10, 23, 13) / 1000],
		["cordon_memory_limit_bytes", {}, 268_435_456],
		["cordon_list_rejected_total", { list: "malicious", reason: "shrunk" }, 2],
		["cordon_list_rejected_total", { list: "malicious", reason: "other" }, 1],
		["cordon_list_rejected_total", { list: "ours", reason: "html" }, 0],
		["cordon_upstream_up", { upstream: "udp://192.0.2.1:53" }, 1],
		["cordon_upstream_up", { upstream: "udp://192.0.2.2:53" }, 0],
		["cordon_worker_up", { worker: "1" }, 0],
		["cordon_worker_restarts_total", { worker: "1" }, 2],
	] as const) {
		t.equal(sampleValue(families, name, labels), value, `${name} ${JSON.stringify(labels)}`);
	}
});

test("a list that left the configuration leaves the metrics; a second scrape counts nothing twice", async (t) => {
	const node = new FakeNode();
	const metrics = createMetrics({ view: node, process: false });
	node.workers[0].query(0, 1);
	await metrics.scrape();
	node.current = { ...STATUS, ready: false, lists: [] };
	const families = parseExposition((await metrics.scrape()).body);
	t.equal(sampleValue(families, "cordon_queries_total", { transport: "udp", qtype: "A" }), 1);
	t.equal(sampleValue(families, "cordon_ready"), 0);
	t.same(families.get("cordon_list_state")?.samples, []);
});

test("histogram buckets are cumulative and end in their count", async (t) => {
	const node = new FakeNode();
	const [one, two] = node.workers;
	one.duration(UPSTREAM, 0.0001, 1);
	one.duration(UPSTREAM, 0.0002, 2);
	two.duration(UPSTREAM, 0.02, 3);
	two.duration(UPSTREAM, 60, 4);
	two.upstreamDuration(0, 0.003);
	const families = await scrape(node);
	const name = "cordon_response_duration_seconds";
	const buckets = [...DURATION_BOUNDS.map(String), "+Inf"].map((le) =>
		sampleValue(families, `${name}_bucket`, { via: "upstream", le }),
	);
	t.same(buckets, [1, 3, 3, 3, 3, 3, 3, 6, 6, 6, 6, 6, 6, 6, 6, 10]);
	t.equal(sampleValue(families, `${name}_count`, { via: "upstream" }), 10);
	t.match(sampleValue(families, `${name}_sum`, { via: "upstream" })?.toFixed(4), "240.0605");
	t.equal(sampleValue(families, `${name}_count`, { via: "local" }), 0, "a zero series for each kind");
	t.equal(
		sampleValue(families, "cordon_upstream_response_duration_seconds_bucket", {
			upstream: "udp://192.0.2.1:53",
			le: "0.005",
		}),
		1,
	);
});

test("a worker that is gone leaves its counts, but nothing open", async (t) => {
	const node = new FakeNode();
	const [one, two] = node.workers;
	for (const worker of node.workers) {
		worker.add("tcpOpen", 2);
		worker.add("tcpAccepted", 2);
		worker.set("cacheBytes", 1000);
		worker.upstreamUp(0, true);
	}
	two.retire();
	const families = await scrape(node);
	t.equal(sampleValue(families, "cordon_tcp_connections"), 2);
	t.equal(sampleValue(families, "cordon_tcp_connections_accepted_total"), 4);
	t.equal(sampleValue(families, "cordon_cache_bytes"), 1000);
	t.equal(one.readUpstream(0, "up"), 1);
	t.equal(two.readUpstream(0, "up"), 0);
});

test("metrics of the process on demand; two nodes in one process do not meet", async (t) => {
	const [first, second] = await Promise.all([scrape(new FakeNode(), true), scrape(new FakeNode(), true)]);
	t.ok(sampleValue(first, "process_resident_memory_bytes"));
	t.ok(second.has("nodejs_eventloop_lag_seconds"));
	t.notOk([...(await scrape(new FakeNode())).keys()].some((name) => !name.startsWith("cordon_")));
});

test("every metric follows the rules of naming", async (t) => {
	const bounded = new Set(
		"transport qtype via rcode category action limit list state reason upstream worker kind version result store".split(
			" ",
		),
	);
	for (const { name, type, help, labels } of FAMILIES) {
		t.match(name, /^cordon_[a-z][a-z0-9]*(_[a-z0-9]+)*$/, name);
		t.equal(name.endsWith("_total"), type === "counter", `${name}: only counters end in _total`);
		if (type === "histogram") t.match(name, /_seconds$/, name);
		t.notMatch(
			name,
			/(_ms|milli|micro|minutes|hours|_kb|_mb|mebi|percent|_(count|sum|bucket)$)/,
			`${name}: base units`,
		);
		if (/timestamp|duration|age/.test(name)) t.match(name, /_seconds(_total)?$/, `${name}: in seconds`);
		t.match(help, /^[0-9A-Z].*\.$/, `${name}: help is a sentence`);
		t.notMatch(help, /[|\n]/, `${name}: help fits into a table`);
		for (const label of labels) t.ok(bounded.has(label), `${name}: ${label} is bounded`);
	}
	t.equal(new Set(FAMILIES.map(({ name }) => name)).size, FAMILIES.length, "no name twice");
});
