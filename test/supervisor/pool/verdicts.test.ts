/** From what is said to what is answered: the overlay on the blocklist in use, and the one that comes next. */
import { EventEmitter, once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { type Test, test } from "tap";
import type { BlocklistIndex } from "../../../src/blocklist/index.ts";
import { Overlay } from "../../../src/blocklist/overlay.ts";
import type { SnapshotAbout } from "../../../src/blocklist/snapshot.ts";
import { poolList } from "../../../src/config/vocabulary.ts";
import { memberOf } from "../../../src/pool/record-key.ts";
import { Overlays } from "../../../src/supervisor/pool/overlays.ts";
import { Verdicts } from "../../../src/supervisor/pool/verdicts.ts";
import { compiled, SEED, type TestList, verdict } from "../../blocklist/compiled.ts";
import { at, changes, openOwnReplica } from "../../pool/embedded/opening.ts";
import { HOUR, judgeOf, NOW, said, trusted } from "../../pool/judge/judging.ts";

const MALWARE = poolList("malware", "policy");
const PHISHING = poolList("phishing", "law");

/** A node that has answered from an empty blocklist so far. */
async function node(t: Test, lists: readonly TestList[] = []) {
	const replica = await openOwnReplica(t);
	const state = {
		now: NOW,
		judge: judgeOf(),
		recompiled: 0,
		compiling: new EventEmitter(),
		laid: 0,
		index: compiled(lists),
		seq: 0,
	};
	const overlays = new Overlays(
		() => SEED,
		(memory) => {
			state.laid++;
			state.index.overlay = new Overlay(memory);
		},
	);
	const verdicts = new Verdicts({
		replica,
		judge: () => state.judge,
		now: () => state.now,
		overlays,
		index: () => state.index,
		recompile: async () => {
			state.recompiled++;
			state.compiling.emit("compile");
		},
	});
	t.teardown(() => verdicts.close());
	const adopt = (index: BlocklistIndex): void => {
		overlays.adopt();
		verdicts.adopted();
		const { memory } = overlays;
		if (memory !== undefined) index.overlay = new Overlay(memory);
		state.index = index;
	};
	overlays.begin();
	adopt(state.index);
	return {
		state,
		overlays,
		verdicts,
		replica,
		adopt,
		/** Into the replica alone. */
		store: async (...records: ReturnType<typeof said>[]) => {
			const all = changes(records, state.seq);
			state.seq += records.length;
			return await replica.apply(all, at(state.seq));
		},
	};
}

test("what is touched is judged anew and answered so at once", async (t) => {
	const { state, verdicts, store } = await node(t);
	await verdicts.touched(
		await store(
			said("cert"),
			said("forum", { domain: "weak.example" }),
			said("cert", { domain: "exact.example", scope: "exact", category: "phishing", basis: "law" }),
		),
	);
	t.equal(verdict(state.index, "www.bad.example"), `block ${MALWARE} bad.example`);
	t.equal(verdict(state.index, "weak.example"), "-", "25 % of 80 is below the threshold");
	t.equal(verdict(state.index, "exact.example"), `block ${PHISHING} exact.example`);
	t.equal(verdict(state.index, "www.exact.example"), "-");
	t.same(verdicts.counts, { block: 2, logOnly: 0 });

	state.now += 48 * HOUR;
	await verdicts.touched(["bad.example"]);
	t.equal(verdict(state.index, "bad.example"), "-", "it has ended to count");
	t.same(verdicts.counts, { block: 1, logOnly: 0 });
});

test("log-only is counted apart, and a domain moves from one count to the other", async (t) => {
	const { state, verdicts, store } = await node(t);
	state.judge = judgeOf({ trust: { members: [trusted("cert", 1, { mode: "log-only" })] } });
	const domains = await store(said("cert"));
	await verdicts.touched(domains);
	t.same(verdicts.counts, { block: 0, logOnly: 1 });
	t.equal(verdict(state.index, "bad.example"), `log-only ${MALWARE} bad.example`);
	state.judge = judgeOf();
	await verdicts.touched(domains);
	t.same(verdicts.counts, { block: 1, logOnly: 0 });
	await verdicts.touched(domains);
	t.same(verdicts.counts, { block: 1, logOnly: 0 }, "saying it again changes nothing");
});

test("a member is no longer trusted: all it spoke of is judged anew, and nothing else", async (t) => {
	const { state, verdicts, store, overlays } = await node(t);
	const own = Array.from({ length: 1500 }, (_, i) => said("cert", { domain: `c${i}.example` }));
	await verdicts.touched(await store(...own, said("isp", { domain: "isp.example", confidence: 100 })));
	t.same(verdicts.counts, { block: 1501, logOnly: 0 });
	state.judge = judgeOf({ revoked: ["cert"] });
	overlays.begin();
	const revision = overlays.next?.revision ?? 0;
	await verdicts.spokenOfBy((records) => records.some(({ key }) => memberOf(key) === "cert"));
	t.same(verdicts.counts, { block: 1, logOnly: 0 });
	t.equal(verdict(state.index, "c1499.example"), "-");
	t.equal(verdict(state.index, "isp.example"), `block ${MALWARE} isp.example`);
	t.equal((overlays.next?.revision ?? 0) - revision, 1500);
});

test("a full overlay gives way to a larger one that says all it did", async (t) => {
	const { state, verdicts, store } = await node(t);
	const many = Array.from({ length: 5000 }, (_, i) => said("cert", { domain: `m${i}.example` }));
	await verdicts.touched(await store(...many));
	t.equal(state.laid, 1);
	for (const name of ["m0.example", "m4095.example", "m4999.example"])
		t.equal(verdict(state.index, name), `block ${MALWARE} ${name}`);
	t.equal(state.recompiled, 0);
});

test("what changes while a blocklist is compiled is in the overlay that it comes with", async (t) => {
	const { state, verdicts, store, overlays, adopt, replica } = await node(t);
	await verdicts.touched(await store(said("cert", { domain: "early.example" })));
	// The librarian has read so far, at this moment.
	const about: SnapshotAbout = {
		recipe: "r",
		compiledAt: NOW,
		lists: [],
		pool: { seq: 1, judgedAt: NOW, block: 1, logOnly: 0 },
	};
	const next = compiled([{ list: MALWARE, rules: ["||early.example^"] }]);
	await verdicts.touched(await store(said("cert", { domain: "late.example" })));
	const sink = overlays.begin();
	await verdicts.fill(sink, about, next);
	await verdicts.touched(await store(said("cert", { domain: "last.example" })));
	adopt(next);
	for (const name of ["early.example", "late.example", "last.example"])
		t.equal(verdict(state.index, name), `block ${MALWARE} ${name}`);
	t.equal(overlays.size, 2, "what was compiled is not in it");
	t.same(verdicts.counts, { block: 3, logOnly: 0 });

	await replica.settled(3);
	const after = compiled([
		{ list: MALWARE, rules: ["||early.example^", "||late.example^", "||last.example^"] },
	]);
	await verdicts.fill(
		overlays.begin(),
		{ ...about, pool: { seq: 3, judgedAt: NOW, block: 3, logOnly: 0 } },
		after,
	);
	adopt(after);
	t.equal(overlays.size, 0);
	t.same(verdicts.counts, { block: 3, logOnly: 0 });
});

test("what begins or ends to count between judging and use is in it too", async (t) => {
	const { state, verdicts, store, overlays, adopt } = await node(t);
	await store(
		said("cert", { domain: "ending.example", validUntil: NOW + HOUR }),
		said("cert", { domain: "beginning.example", validFrom: NOW + HOUR }),
		said("cert", { domain: "staying.example" }),
	);
	const next = compiled([{ list: MALWARE, rules: ["||ending.example^", "||staying.example^"] }]);
	state.now = NOW + 2 * HOUR;
	await verdicts.fill(
		overlays.begin(),
		{ recipe: "r", compiledAt: NOW, lists: [], pool: { seq: 3, judgedAt: NOW, block: 2, logOnly: 0 } },
		next,
	);
	adopt(next);
	t.equal(verdict(state.index, "ending.example"), "-");
	t.equal(verdict(state.index, "beginning.example"), `block ${MALWARE} beginning.example`);
	t.equal(verdict(state.index, "staying.example"), `block ${MALWARE} staying.example`);
	t.equal(overlays.size, 2);
	t.same(verdicts.counts, { block: 2, logOnly: 0 });
});

test("20,000 names beside the blocklist have it compiled anew, once", async (t) => {
	const { state, verdicts, store } = await node(t);
	const many = Array.from({ length: 20_001 }, (_, i) => said("cert", { domain: `m${i}.example` }));
	const domains = await store(...many);
	await verdicts.touched(domains.slice(0, 20_000));
	t.equal(state.laid, 2);
	await setImmediate();
	t.equal(state.recompiled, 0);
	// The timer that it waits for keeps no process alive.
	const alive = setInterval(() => {}, 1000);
	t.teardown(() => clearInterval(alive));
	const compiledAnew = once(state.compiling, "compile");
	await verdicts.touched(domains.slice(20_000));
	await verdicts.touched(domains.slice(0, 1));
	await compiledAnew;
	await setImmediate();
	t.equal(state.recompiled, 1);
});
