import { test } from "tap";
import { NameChunks, RowChunks } from "../../src/blocklist/chunks.ts";
import { asked, filled, indexOf, verdict } from "./compiled.ts";

const CHUNK = 1 << 20;

test("names never lie across two chunks", async (t) => {
	const chunks = new NameChunks();
	const name = new Uint8Array(255).fill(0x61);
	const places: [at: number, length: number, mark: number][] = [];
	for (let i = 0; i < 20_000; i++) {
		const length = 1 + ((i * 37) % 255);
		name[0] = i & 255;
		places.push([chunks.add(name, length), length, i & 255]);
	}
	t.ok(chunks.bytes > 2 * CHUNK);
	const whole = Buffer.concat([...chunks.parts()]);
	t.equal(whole.length, chunks.bytes);
	let end = 0;
	for (const [at, length, mark] of places) {
		name[0] = mark;
		if (at < end || Math.floor(at / CHUNK) !== Math.floor((at + length - 1) / CHUNK)) t.fail(`at ${at}`);
		if (whole[at] !== mark || !chunks.isAt(at, name, length)) t.fail(`what lies at ${at}`);
		end = at + length;
	}
	name[0] = (places[0]?.[2] ?? 0) + 1;
	t.notOk(chunks.isAt(0, name, 1));
});

test("a name that ends with its chunk, and none at all", async (t) => {
	const chunks = new NameChunks();
	t.equal(chunks.bytes, 0);
	t.same([...chunks.parts()], []);
	const name = new Uint8Array(256).fill(1);
	for (let i = 0; i < CHUNK / 256; i++) chunks.add(name, 256);
	t.equal(chunks.bytes, CHUNK);
	t.equal(chunks.add(name, 1), CHUNK);
	t.equal(chunks.bytes, CHUNK + 1);
	// Longer than what is left of the chunk: not the same, and no fault.
	t.notOk(chunks.isAt(CHUNK - 1, name, 256));
});

test("rows keep their words over chunk boundaries", async (t) => {
	const rows = new RowChunks(4);
	const count = CHUNK / 16 + 3;
	for (let i = 0; i < count; i++) {
		if (rows.add() !== i) t.fail(`row ${i}`);
		if (i % 1000 === 0 || i > count - 6) rows.set(i, 3, i);
	}
	t.equal(rows.count, count);
	t.equal(rows.get(count - 1, 3), count - 1);
	t.equal(rows.get(CHUNK / 16, 3), CHUNK / 16);
	t.equal(rows.get(count - 1, 0), 0);
	t.equal(
		[...rows.parts()].reduce((sum, part) => sum + part.length, 0),
		count * 4,
	);
});

test("a blocklist of several chunks of names and entries", async (t) => {
	const pad = "x".repeat(40);
	const names = Array.from({ length: 80_000 }, (_, i) => `n${i}.${pad}.test`);
	const builder = filled([{ rules: names.map((name) => `||${name}^`) }]);
	const index = indexOf(builder);
	t.equal(index.blockedNames, names.length);
	t.ok(index.bytes > 4 * CHUNK);
	for (const [i, name] of names.entries()) {
		const entry = index.entry(index.find(asked(`a.${name}`)));
		if (entry.name !== name || entry.line !== i + 1) t.fail(`${name}: ${JSON.stringify(entry)}`);
	}
	for (let i = 0; i < 1000; i++)
		if (verdict(index, `m${i}.${pad}.test`) !== "-") t.fail(`m${i} is not listed`);
	t.equal(index.name(index.find(asked(`a.${names[70_000]}`))), names[70_000]);
});
