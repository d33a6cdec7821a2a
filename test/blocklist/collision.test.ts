import { test } from "tap";
import { seededRandom } from "../bench/domains.ts";
import { asked, compiled, SEED, verdict } from "./compiled.ts";

/** Pairs of names with the same hash under a seed: among a few hundred thousand random ones there are some. */
function colliding(seed: number, suffix: string): [string, string][] {
	const random = seededRandom(7);
	const seen = new Map<number, string>();
	const pairs: [string, string][] = [];
	for (let i = 0; i < 200_000; i++) {
		let text = "";
		for (let j = 0; j < 10; j++) text += String.fromCharCode(97 + Math.floor(random() * 26));
		text += suffix;
		const hash = asked(text, seed).hashes[0];
		const other = seen.get(hash);
		if (other === undefined) seen.set(hash, text);
		else if (other !== text) pairs.push([other, text]);
	}
	return pairs;
}

const PAIRS = [colliding(SEED, ".test"), colliding(SEED, "")] as const;

for (const [i, pairs] of PAIRS.entries()) {
	test(`a hash alone never blocks: ${i === 0 ? "two labels" : "one label"}`, async (t) => {
		t.ok(pairs.length > 0, `${pairs.length} collisions`);
		for (const [listed, other] of pairs) {
			const index = compiled([{ rules: [`||${listed}^`] }]);
			t.equal(asked(listed).hashes[0], asked(other).hashes[0]);
			t.equal(verdict(index, listed), `block 0 ${listed}`);
			t.equal(verdict(index, other), "-");
			t.equal(verdict(index, `www.${other}`), "-", "nor as a suffix");
		}
	});

	test(`names that share a hash are both found: ${i === 0 ? "two labels" : "one label"}`, async (t) => {
		const index = compiled([
			{ rules: pairs.map(([one]) => `||${one}^`) },
			{ rules: pairs.map(([, other]) => `=${other}`) },
		]);
		t.equal(index.blockedNames, pairs.length * 2);
		for (const [one, other] of pairs) {
			t.equal(verdict(index, `www.${one}`), `block 0 ${one}`);
			t.equal(verdict(index, other), `block 1 ${other}`);
			t.equal(verdict(index, `www.${other}`), "-");
		}
	});
}

test("$badfilter for one of two names that share a hash leaves the other", async (t) => {
	for (const [one, other] of PAIRS[0]) {
		for (const [gone, left] of [
			[one, other],
			[other, one],
		]) {
			const index = compiled([
				{ adblock: true, rules: [`||${one}^`, `||${other}^`, `||${gone}^$badfilter`] },
			]);
			t.equal(verdict(index, gone), "-");
			t.equal(verdict(index, left), `block 0 ${left}`);
		}
	}
});

test("every seed finds the same, those beyond 31 bits too", async (t) => {
	for (const seed of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe]) {
		const index = compiled([{ rules: ["||a.test^", "=b.test"] }], seed);
		t.equal(index.seed, seed | 0);
		t.equal(verdict(index, "x.a.test"), "block 0 a.test");
		t.equal(verdict(index, "b.test"), "block 0 b.test");
		t.equal(verdict(index, "x.b.test"), "-");
	}
});
