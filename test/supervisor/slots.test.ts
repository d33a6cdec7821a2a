import { test } from "tap";
import { MAX_UPSTREAMS } from "../../src/observe/counters.ts";
import { UpstreamSlots } from "../../src/supervisor/slots.ts";

const names = (count: number, prefix = "udp://192.0.2.") =>
	Array.from({ length: count }, (_, i) => `${prefix}${i}:53`);

test("an upstream keeps its place over configurations that leave it out", async (t) => {
	const slots = new UpstreamSlots();
	t.same(slots.assign(["a", "b", "c"]), [0, 1, 2]);
	t.same(slots.assign(["c", "d"]), [2, 3]);
	t.same(slots.assign(["b", "a"]), [1, 0], "a and b were not given away while there was room");
	t.same(slots.assign([]), []);
	t.same(slots.assign(["a", "a"]), [0, 0]);
});

test("when all places are taken, those that nobody wants are given away", async (t) => {
	const slots = new UpstreamSlots();
	const first = slots.assign(names(MAX_UPSTREAMS));
	t.equal(new Set(first).size, MAX_UPSTREAMS);
	const kept = names(4);
	const second = slots.assign([...names(MAX_UPSTREAMS - 4, "tcp://192.0.2."), ...kept]);
	t.equal(new Set(second).size, MAX_UPSTREAMS);
	t.same(second.slice(-4), [0, 1, 2, 3], "those that stay keep theirs");
	t.ok(second.every((slot) => slot >= 0 && slot < MAX_UPSTREAMS));
});

test("more than there are places for", async (t) => {
	t.throws(() => new UpstreamSlots().assign(names(MAX_UPSTREAMS + 1)), RangeError);
});
