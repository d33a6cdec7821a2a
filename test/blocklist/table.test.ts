import { test } from "tap";
import { firstSlot } from "../../src/blocklist/layout.ts";
import { ChainTable } from "../../src/blocklist/table.ts";
import { seededRandom } from "../bench/domains.ts";

/** The entry that a probe of the packed table finds. */
function probe(slots: Uint32Array, hash: number): number {
	const count = slots.length / 2;
	let slot = firstSlot(hash, count);
	for (let tried = 0; tried < count; tried++) {
		if (slots[slot * 2 + 1] === 0) return 0;
		if (slots[slot * 2] === hash) return slots[slot * 2 + 1];
		if (++slot === count) slot = 0;
	}
	return 0;
}

function filled(hashes: readonly number[]): ChainTable {
	const table = new ChainTable();
	for (const [i, hash] of hashes.entries())
		table.insert(
			table.find(hash, () => false),
			hash,
			i + 1,
		);
	return table;
}

test("packing in place loses nothing, whatever the hashes are", (t) => {
	const random = seededRandom(7);
	for (let round = 0; round < 60; round++) {
		const hashes = new Set<number>();
		const size = 1 + Math.floor(random() * 4000);
		// Some tables crowd at their end, where chains begin anew at slot 0.
		const low = round % 3 === 0 ? 0.97 : 0;
		while (hashes.size < size) hashes.add(Math.floor((low + (1 - low) * random()) * 2 ** 32));
		const all = [...hashes];
		const table = filled(all);
		const gone = new Set(all.filter(() => random() < 0.05));
		for (const hash of gone)
			table.replace(
				table.find(hash, () => true),
				0,
			);
		const slots = table.packed();
		const wrong = all.filter((hash, i) => probe(slots, hash) !== (gone.has(hash) ? 0 : i + 1));
		t.same(wrong, [], `${size} names, ${gone.size} taken out`);
		const used = slots.filter((entry, at) => at % 2 === 1 && entry !== 0).length;
		t.equal(used, size - gone.size, "and nothing is there twice");
	}
	t.end();
});

test("an empty table packs to free slots", (t) => {
	t.ok(new ChainTable().packed().every((word) => word === 0));
	t.end();
});
