import { test } from "tap";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { Regions } from "../../src/blocklist/regions.ts";
import { filled, joined, verdict } from "./compiled.ts";

function regions(): { readonly regions: Regions; readonly released: SharedArrayBuffer[] } {
	const released: SharedArrayBuffer[] = [];
	return { regions: new Regions(async (region) => void released.push(region)), released };
}

test("a region given back is used again, its pages released in between", async (t) => {
	const { regions: memory, released } = regions();
	const first = memory.acquire(10_000);
	t.ok(first.byteLength >= 10_000);
	const second = memory.acquire(10_000);
	t.not(first, second);
	t.same(released, []);
	await memory.giveBack(first);
	t.same(released, [first]);
	t.equal(memory.acquire(9000), first);
	t.not(memory.acquire(9000), first, "once only");
});

test("there is room for the next index to be somewhat larger", async (t) => {
	for (const bytes of [0, 1, 4096, 100_000, 10_000_000]) {
		const { regions: memory } = regions();
		const region = memory.acquire(bytes);
		t.equal(region.byteLength % 4096, 0);
		t.ok(region.byteLength >= bytes * 1.125);
		t.ok(region.byteLength <= bytes * 1.125 + 4096);
		await memory.giveBack(region);
		t.equal(memory.acquire(Math.floor(bytes * 1.1)), region);
	}
});

test("one that is too small is let go", async (t) => {
	const { regions: memory } = regions();
	const small = memory.acquire(4096);
	await memory.giveBack(small);
	const large = memory.acquire(1_000_000);
	t.ok(large.byteLength >= 1_000_000);
	t.not(memory.acquire(4096), small);
});

test("two indices take turns in two regions", async (t) => {
	const { regions: memory } = regions();
	const seen = new Set<SharedArrayBuffer>();
	let old: SharedArrayBuffer | undefined;
	for (let round = 0; round < 10; round++) {
		const bytes = new Uint8Array(joined(filled([{ rules: [`||n${round}.test^`] }]).finish()));
		const region = memory.acquire(bytes.length);
		new Uint8Array(region).set(bytes);
		const index = new BlocklistIndex(region);
		t.equal(verdict(index, `n${round}.test`), `block 0 n${round}.test`);
		t.equal(verdict(index, `n${round - 1}.test`), "-", "nothing is left of the one before");
		if (old !== undefined) await memory.giveBack(old);
		old = region;
		seen.add(region);
	}
	t.equal(seen.size, 2);
});

test("memory that holds no index is refused", async (t) => {
	t.throws(() => new BlocklistIndex(new SharedArrayBuffer(4096)), /no compiled blocklist/);
	const memory = joined(filled([]).finish());
	new Uint32Array(memory)[1]++;
	t.throws(() => new BlocklistIndex(memory), /no compiled blocklist of this version/);
});
