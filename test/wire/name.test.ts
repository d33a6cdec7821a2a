import { test } from "tap";
import {
	DomainName,
	hashSuffixes,
	nameFromText,
	nameToText,
	readName,
	skipName,
} from "../../src/wire/name.ts";
import { wire } from "./message.ts";

const name = new DomainName();

function read(bytes: Uint8Array, at = 0, pointers = true, end = bytes.length): string | number {
	const after = readName(bytes, at, end, name, pointers);
	return after < 0 ? after : `${nameToText(name.copy())} ${after}`;
}

test("a name is read in lower case, with where each label begins", (t) => {
	t.equal(read(wire("WWW.Example.TEST")), "www.example.test 18");
	t.equal(name.labels, 3);
	t.equal(name.length, 18);
	t.strictSame(Array.from(name.starts.subarray(0, 3)), [0, 4, 12]);
	t.equal(read(Buffer.of(0)), ". 1", "the root");
	t.equal(name.labels, 0);
	t.equal(read(Buffer.of(2, 0x40, 0x5b, 0)), "@[ 4", "only letters change case");
	t.end();
});

test("a label of 64 bytes or of a kind nobody knows is malformed", (t) => {
	t.equal(read(wire("a".repeat(63))), `${"a".repeat(63)} 65`);
	for (const kind of [0x40, 0x41, 0x7f, 0x80, 0xbf]) {
		t.equal(read(Buffer.concat([Buffer.of(kind), Buffer.alloc(300)])), -1, `0x${kind.toString(16)}`);
		t.equal(skipName(Buffer.concat([Buffer.of(kind), Buffer.alloc(300)]), 0, 301), -1);
	}
	t.end();
});

test("255 bytes are a name, 256 are not", (t) => {
	const most = [63, 63, 63, 61].map((size) => "x".repeat(size)).join(".");
	const over = [63, 63, 63, 62].map((size) => "x".repeat(size)).join(".");
	t.equal(wire(most).length, 255);
	t.equal(read(wire(most)), `${most} 255`);
	t.equal(read(wire(over)), -1);
	t.equal(nameFromText(most)?.length, 255);
	t.equal(nameFromText(`${most}.`)?.length, 255);
	t.equal(nameFromText(over), undefined);
	t.equal(nameFromText(`${over}.`), undefined);
	const labels = Array.from({ length: 127 }, () => "l").join(".");
	t.equal(read(wire(labels)), `${labels} 255`, "127 labels of one byte");
	t.equal(name.labels, 127);
	t.equal(read(wire(`${labels}.l`)), -1);
	t.equal(nameFromText(labels)?.length, 255);
	t.equal(nameFromText(`${labels}.l`), undefined);
	t.end();
});

test("pointers lead backwards, and only where they are allowed", (t) => {
	const message = Buffer.concat([
		wire("example.test"),
		Buffer.of(1, 0x77),
		Buffer.of(0xc0, 0),
		Buffer.of(0xc0, 14),
	]);
	t.equal(read(message, 14), "w.example.test 18");
	t.equal(read(message, 18), "w.example.test 20", "through two pointers");
	t.equal(read(message, 14, false), -1);
	t.equal(skipName(message, 14, message.length), 18);
	t.end();
});

test("pointers forward, to themselves or in a circle are malformed", (t) => {
	t.equal(read(Buffer.of(0xc0, 0)), -1, "to itself");
	t.equal(read(Buffer.of(0xc0, 2, 1, 0x61, 0)), -1, "forward");
	t.equal(read(Buffer.of(1, 0x61, 0xc0, 0), 0), -1, "to the beginning of its own name");
	t.equal(read(Buffer.of(1, 0x61, 0xc0, 4, 0xc0, 0), 4), -1, "two in a circle");
	t.equal(read(Buffer.of(1, 0x61, 1, 0x62, 0xc0, 2, 0), 2), -1, "into the name's own first label");
	const chain = Buffer.concat([
		Buffer.of(0),
		...Array.from({ length: 300 }, (_, i) => Buffer.of(0xc0 | (pointee(i) >> 8), pointee(i) & 255)),
	]);
	t.equal(read(chain, chain.length - 2), `. ${chain.length}`, "a long but finite chain");
	t.end();

	function pointee(i: number): number {
		return i === 0 ? 0 : 1 + (i - 1) * 2;
	}
});

test("a name through pointers is no longer than 255 bytes either", (t) => {
	const most = wire([63, 63, 63, 59].map((size) => "x".repeat(size)).join("."));
	t.equal(most.length, 253);
	const fits = Buffer.concat([most, Buffer.of(1, 0x61, 0xc0, 0)]);
	t.type(read(fits, 253), "string");
	t.equal(name.length, 255);
	t.equal(read(Buffer.concat([most, Buffer.of(2, 0x61, 0x61, 0xc0, 0)]), 253), -1);
	t.end();
});

test("nothing is read past the end", (t) => {
	const whole = Buffer.concat([wire("example.test"), Buffer.of(1, 0x61, 0xc0, 0)]);
	for (let end = 14; end < whole.length; end++) {
		t.equal(read(whole, 14, true, end), -1, `name, ${end} bytes`);
		t.equal(skipName(whole, 14, end), -1, `skip, ${end} bytes`);
	}
	for (let end = 0; end < 14; end++) t.equal(read(whole, 0, true, end), -1, `${end} bytes`);
	t.end();
});

test("text and wire form become one another", (t) => {
	const table: readonly (readonly [string, string])[] = [
		["example.test", "example.test"],
		["EXAMPLE.test.", "example.test"],
		[".", "."],
		["", "."],
		["a\\.b.test", "a\\.b.test"],
		["a\\\\b.test", "a\\\\b.test"],
		["a\\\\.test", "a\\\\.test"],
		["a\\\\.", "a\\\\"],
		["a\\.", "a\\."],
		["\\097\\065.test", "aa.test"],
		["\\000\\032\\255.test", "\\000\\032\\255.test"],
		["\\q.test", "q.test"],
		["_dns.\u00e9.test", "_dns.\\233.test"],
	];
	for (const [text, canonical] of table) {
		const bytes = nameFromText(text);
		t.not(bytes, undefined, text);
		if (bytes === undefined) continue;
		t.equal(nameToText(bytes), canonical, text);
		t.equal(readName(bytes, 0, bytes.length, name, false), bytes.length, "the wire form reads as a name");
	}
	t.equal(nameToText(Buffer.concat([Buffer.of(9, 9), wire("b.test")]), 2), "b.test", "from within");
	t.end();
});

test("text that is no name gives none", (t) => {
	const bad = [
		"..",
		".a",
		"a..b",
		"a..",
		`${"a".repeat(64)}.test`,
		"\\256.test",
		"\\999",
		"a\\",
		"\u4e2d.test",
		"\\\u4e2d",
	];
	for (const text of bad) t.equal(nameFromText(text), undefined, JSON.stringify(text));
	t.end();
});

test("a suffix has the same hash in every name, under one seed", (t) => {
	const other = new DomainName();
	name.assign(wire("www.example.test"));
	other.assign(wire("a.b.example.test"));
	hashSuffixes(name, 7);
	hashSuffixes(other, 7);
	t.equal(name.hashes[1], other.hashes[2]);
	t.equal(name.hashes[3], other.hashes[4], "the root's");
	t.not(name.hashes[0], other.hashes[0]);
	const before = name.hashes[0];
	hashSuffixes(name, 8);
	t.not(name.hashes[0], before, "another seed");
	name.assign(wire("ab.test"));
	other.assign(wire("a.b.test"));
	hashSuffixes(name, 7);
	hashSuffixes(other, 7);
	t.not(name.hashes[0], other.hashes[0], "where labels end counts");
	t.ok(name.equals(wire("ab.test")));
	t.notOk(name.equals(wire("ac.test")));
	t.notOk(name.equals(wire("ab.tes")));
	t.end();
});
