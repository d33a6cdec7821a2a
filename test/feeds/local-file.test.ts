import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "tap";
import { bringLocalFile } from "../../src/feeds/local-file.ts";
import { bench, body, content, listOf } from "./refresh-bench.ts";

test("files of this machine go through the same checks", async (t) => {
	const { refresh, directory } = await bench(t);
	const file = join(directory, "own.txt");
	const list = listOf({ file: "own.txt" });
	const missing = await refresh(list);
	t.match(missing, { state: "missing", reason: "missing", message: /own\.txt: is not there/ });
	t.equal(missing.path, undefined);

	writeFileSync(file, body(8));
	const first = await refresh(list);
	t.match(first, { state: "fresh", report: { rules: 8 } });
	t.not(first.path, file, "a copy is used, not the file");
	t.match(await refresh(list), { state: "unchanged" });
	writeFileSync(file, "");
	t.match(await refresh(list), { state: "held", reason: "empty", path: first.path });
	writeFileSync(file, body(3));
	t.match(await refresh(list), { state: "held", reason: "shrunk" });
	t.equal(content(first), body(8));
	rmSync(file);
	t.match(await refresh(list), { state: "missing", path: first.path });
	writeFileSync(file, body(7));
	t.match(await refresh(list), { state: "fresh" });

	writeFileSync(file, body(8));
	t.match(await refresh(list, { maxBytes: 20 }), { state: "failed", reason: "too-big", path: first.path });
	rmSync(file);
	mkdirSync(file);
	t.match(await refresh(list), { state: "failed", reason: "unreadable", message: /not a regular file/ });
});

test("a file that changes while it is copied is copied again", async (t) => {
	const directory = t.testdir({ file: body(8) });
	const [file, path] = [join(directory, "file"), join(directory, "copy")];
	let writes = 0;
	let pauses = 0;
	const copy = (attempts: number, changes: number) => {
		writes = 0;
		return bringLocalFile(
			{ name: "a", file, path },
			{
				maxBytes: 10_000,
				attempts,
				cooldownMs: 1,
				pause: async () => {
					pauses++;
				},
				stat: async (of) => {
					const before = await stat(of);
					if (writes++ < changes) appendFileSync(of, "z.example.org\n");
					return before;
				},
			},
		);
	};
	await t.rejects(copy(2, 9), { reason: "truncated", message: /kept changing.*rename it into place/ });
	t.equal(pauses, 1);
	t.match(await copy(3, 1), { path, stored: { bytes: readFileSync(file).length } });
	t.same(readFileSync(path), readFileSync(file));
	t.equal(pauses, 2);
});
