import { test } from "tap";
import { DomainName, hashSuffixes, nameFromText } from "../../src/wire/name.ts";
import { SuffixTable } from "../../src/wire/suffix-table.ts";

function wireOf(text: string): Uint8Array {
	return nameFromText(text) ?? new Uint8Array(1);
}

function nameOf(text: string, seed: number): DomainName {
	const name = new DomainName();
	name.assign(wireOf(text));
	hashSuffixes(name, seed);
	return name;
}

const NAMES = ["home.arpa", "10.in-addr.arpa", "1.10.in-addr.arpa", "test", "mask.icloud.example"];

test("the longest of the names that a name is, or is below of", (t) => {
	const table: readonly [string, string | undefined][] = [
		["home.arpa", "home.arpa"],
		["a.b.home.arpa", "home.arpa"],
		["ahome.arpa", undefined],
		["arpa", undefined],
		["in-addr.arpa", undefined],
		["9.10.in-addr.arpa", "10.in-addr.arpa"],
		["1.10.in-addr.arpa", "1.10.in-addr.arpa"],
		["7.1.10.in-addr.arpa", "1.10.in-addr.arpa"],
		["TEST", "test"],
		["x.test", "test"],
		["tes", undefined],
		["testt", undefined],
		["icloud.example", undefined],
		["mask.icloud.example", "mask.icloud.example"],
		["unmask.icloud.example", undefined],
		[".", undefined],
		["home.arpa.example", undefined],
	];
	for (const seed of [0, 1, -1, 4711, 0x7fff_ffff]) {
		const names = new SuffixTable(NAMES.map(wireOf), seed);
		for (const [text, found] of table)
			t.equal(NAMES[names.find(nameOf(text, seed))], found, `${text} under seed ${seed}`);
	}
	t.end();
});

test("from a later label on: what is above a name", (t) => {
	const names = new SuffixTable(NAMES.map(wireOf), 1);
	t.equal(NAMES[names.find(nameOf("1.10.in-addr.arpa", 1), 1)], "10.in-addr.arpa");
	t.equal(names.find(nameOf("home.arpa", 1), 1), -1);
	t.equal(NAMES[names.find(nameOf("a.home.arpa", 1), 1)], "home.arpa");
	t.end();
});

test("of a name that comes twice the last counts; an empty table finds nothing", (t) => {
	t.equal(
		new SuffixTable(["a.example", "b.example", "a.example"].map(wireOf), 1).find(nameOf("a.example", 1)),
		2,
	);
	t.equal(new SuffixTable([], 1).find(nameOf("a.example", 1)), -1);
	t.end();
});

test("equal hashes do not make equal names", (t) => {
	const names = new SuffixTable([wireOf("wanted.example")], 7);
	const other = nameOf("hunted.example", 7);
	other.hashes.set(nameOf("wanted.example", 7).hashes);
	t.equal(names.find(other), -1);
	const longer = nameOf("wanted.examples", 7);
	longer.hashes.set(nameOf("wanted.example", 7).hashes);
	t.equal(names.find(longer), -1);
	t.end();
});

test("many names, some of the longest there are", (t) => {
	const long = (i: number) =>
		`${i}.${Array.from({ length: 100 }, (_, label) => label % 10).join(".")}.x${i % 7}`;
	const texts = Array.from({ length: 3000 }, (_, i) => long(i));
	const names = new SuffixTable(texts.map(wireOf), 99);
	for (const [i, text] of texts.entries()) {
		if (names.find(nameOf(`www.${text}`, 99)) !== i) t.fail(text);
		if (names.find(nameOf(text, 99), 1) !== -1) t.fail(`above ${text}`);
	}
	t.end();
});
