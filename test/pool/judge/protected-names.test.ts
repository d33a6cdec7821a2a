import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { test } from "tap";
import { ProtectedNames } from "../../../src/pool/judge/protected-names.ts";

test("a name, and what is above it", async (t) => {
	const names = ProtectedNames.from(["a.b.example.org", "WWW.Shop.test.", "bücher.example", "b.example.org"]);
	for (const name of [
		"a.b.example.org",
		"b.example.org",
		"example.org",
		"www.shop.test",
		"shop.test",
		"xn--bcher-kva.example",
	]) {
		t.ok(names.has(name), name);
	}
	for (const name of [
		"x.a.b.example.org",
		"c.example.org",
		"org",
		"test",
		"hop.test",
		"",
		"bücher.example",
	]) {
		t.notOk(names.has(name), name);
	}
	t.equal(names.size, 6, "each once");
});

test("public suffixes and single labels are not among them, what is above a suffix is", async (t) => {
	const names = ProtectedNames.from(["co.uk", "bbc.co.uk", "s3.amazonaws.com", "com"]);
	t.notOk(names.has("co.uk"));
	t.notOk(names.has("s3.amazonaws.com"));
	t.notOk(names.has("com"));
	t.ok(names.has("bbc.co.uk"));
	t.ok(names.has("amazonaws.com"));
});

test("what is no name is passed over", async (t) => {
	const names = ProtectedNames.from(["", "192.0.2.1", "no name", "a..b", "*.example.org", "good.example"]);
	t.equal(names.size, 1);
	t.ok(names.has("good.example"));
});

test("none", async (t) => {
	const none = ProtectedNames.from([]);
	t.equal(none.size, 0);
	t.notOk(none.has("a.example"));
	t.equal(none.memory.byteLength, 8);
});

test("another thread sees the same set in the same memory", async (t) => {
	const names = ProtectedNames.from(["popular.example"]);
	const source = `
		const { parentPort, workerData } = require("node:worker_threads");
		import(workerData.module).then(({ ProtectedNames }) => {
			const names = new ProtectedNames(workerData.memory);
			parentPort.postMessage([names.has("popular.example"), names.has("other.example"), names.size]);
		});`;
	const module = new URL("../../../src/pool/judge/protected-names.js", import.meta.url).href;
	const worker = new Worker(source, { eval: true, workerData: { module, memory: names.memory } });
	t.teardown(() => worker.terminate());
	const answer = await new Promise((resolve, reject) => {
		worker.once("message", resolve);
		worker.once("error", reject);
	});
	t.same(answer, [true, false, 1]);
});

test("a hundred thousand names take less than two megabytes, and none is lost", async (t) => {
	const all = Array.from({ length: 100_000 }, (_, i) => `www.site-${i}.example`);
	const names = ProtectedNames.from(all);
	t.equal(names.size, 200_000);
	t.ok(names.memory.byteLength < 2_000_000);
	t.ok(all.every((name) => names.has(name)));
	t.notOk(all.some((_, i) => names.has(`other-${i}.example`)));
});

test("as a set of strings would say, whatever the seed", async (t) => {
	const label = fc.stringMatching(/^[a-c]{1,2}$/);
	const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => [...labels, "test"].join("."));
	t.doesNotThrow(() =>
		fc.assert(
			fc.property(fc.array(name), name, fc.nat(0xffff_ffff), (known, asked, seed) => {
				const names = ProtectedNames.from(known, seed);
				return names.has(asked) === known.some((one) => one === asked || one.endsWith(`.${asked}`));
			}),
		),
	);
});
