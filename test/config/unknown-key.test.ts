import { test } from "tap";
import { nearest } from "../../src/config/nearest.ts";
import { faultsOf } from "./faults-of.ts";

test("an unknown key is told where it stands, with the nearest known one", async (t) => {
	const table: readonly [text: string, place: string, suggestion: string | undefined][] = [
		["lissen: {}", "1:1 lissen", "listen"],
		["upstreams:\n  sevrers: []", "2:3 upstreams.sevrers", "servers"],
		["upstreams:\n  max_in_flight: 20", "2:3 upstreams.max_in_flight", "maxInFlight"],
		["upstreams:\n  MaxInFlight: 20", "2:3 upstreams.MaxInFlight", "maxInFlight"],
		["lists:\n  - name: a\n    url: http://example.org/\n    refrsh: 1h", "4:5 lists[0].refrsh", "refresh"],
		["blocking:\n  answer: { ipv4: 192.0.2.1, ip6: '::1' }", "2:30 blocking.answer.ip6", "ipv6"],
		["maxTtl: 1h", "1:1 maxTtl", "cache.maxTtl"],
		["listen: { answer: drop }", "1:11 listen.answer", "blocking.answer"],
		["listen: { allow: [] }", "1:11 listen.allow", undefined],
		["redis: {}", "1:1 redis", "pool.redis"],
		["'a b': 1", '1:1 ["a b"]', undefined],
		[`${"k".repeat(100)}: 1`, `1:1 ${"k".repeat(60)}…`, undefined],
	];
	for (const [text, place, suggestion] of table) {
		const [fault, ...more] = await faultsOf(text);
		t.same(more, [], text);
		t.equal(`${fault.position?.line}:${fault.position?.column} ${fault.key}`, place);
		t.equal(fault.suggestion, suggestion, text);
	}
});

test("without a near one, the keys that may stand there are named", async (t) => {
	const [fault] = await faultsOf("log: { colour: true }");
	t.equal(fault.message, "is not a known key; here may stand level, format, queries, dnstap");
});

test("nearest", async (t) => {
	const table: readonly [written: string, known: readonly string[], found: string | undefined][] = [
		["timeuot", ["timeout", "attempts"], "timeout"],
		["time-out", ["timeout"], "timeout"],
		["ttl", ["url", "ttl"], "ttl"],
		["a", ["b"], "b"],
		["xyz", ["timeout"], undefined],
		["timeout", [], undefined],
		["", ["timeout"], undefined],
		["x".repeat(65), ["x".repeat(64)], undefined],
	];
	for (const [written, known, found] of table) t.equal(nearest(written, known), found, written);
});
