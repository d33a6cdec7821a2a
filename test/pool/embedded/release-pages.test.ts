/** Memory of pages that were read goes back to the system, and they can be read again. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { openReplica } from "../../../src/pool/embedded/open.ts";
import { put } from "../store-contract/pool.ts";
import { dataFolder } from "./opening.ts";

/** Bytes of the file that are in this process's memory; the mapping of the lock is none of it. */
function resident(file: string): number {
	let sum = 0;
	let ours = false;
	for (const line of readFileSync("/proc/self/smaps", "latin1").split("\n")) {
		if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) ours = line.endsWith(` ${file}`);
		else if (ours && line.startsWith("Rss:")) sum += Number(/\d+/.exec(line)?.[0]) * 1024;
	}
	return sum;
}

test("pages of the replica", { skip: process.platform !== "linux" }, async (t) => {
	const { releaseFilePages } = await import("../../../src/sockets/file-pages.ts");
	const folder = dataFolder(t);
	const link = join(folder, "link");
	symlinkSync(folder, link);
	const released: string[] = [];
	const replica = await openReplica(link, {
		releaseFilePages: (path) => {
			released.push(path);
			releaseFilePages(path);
		},
	});
	t.teardown(() => replica.close());
	const records = Array.from({ length: 20_000 }, (_, i) => put(`d${i}.example`)).map(
		({ key, value = "" }) => ({ key, value }),
	);
	const replacement = replica.replace();
	await replacement.put(records);
	await replacement.finish({ epoch: "e", seq: 1, token: "t" }, 1);

	const file = join(folder, "pool", "data.mdb");
	const before = [...replica.domains()];
	t.equal(before.length, 20_000);
	const read = resident(file);
	t.ok(read > 2_000_000, `${read} bytes of it are in memory`);
	released.length = 0;
	replica.releasePages();
	t.same(released, [file], "as the kernel names it");
	const left = resident(file);
	t.ok(left < read / 10, `${left} of ${read} are left`);

	const walk = replica.domains();
	let count = 0;
	for (const _ of walk) if (++count % 5000 === 0) replica.releasePages();
	t.equal(count, 20_000, "in the middle of a scan, too");
	t.same([...replica.domains()], before);

	released.length = 0;
	for (let i = 0; i < 30; i++) {
		const changes = records
			.slice(i * 100, i * 100 + 100)
			.map((r, k) => ({ ...r, value: "[]", seq: 2 + i * 100 + k }));
		await replica.apply(changes, { epoch: "e", seq: 101 + i * 100, token: "t" });
	}
	t.ok(released.length >= 1, "after many changes by itself");
	releaseFilePages("/nowhere/data.mdb");
});

test("a replica to which nobody gave the means", async (t) => {
	const replica = await openReplica(dataFolder(t));
	replica.releasePages();
	await replica.close();
});
