import { readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { importLines } from "../../src/commands/pool/import-lines.ts";
import type { SubmitOptions } from "../../src/pool/desk.ts";
import { CERT, READER } from "../admin/fake-desk.ts";
import { until } from "../admin/pool-server.ts";
import { node, run } from "./pool-terminal.ts";

function keyOf(asked: unknown[] | undefined): string | undefined {
	return (asked?.[2] as SubmitOptions | undefined)?.idempotencyKey;
}

const LIST =
	'# a list\n\nbad.example\n  worse.example  # why\r\na..b\n{"domain":"c.example","category":"c2"}\n';

test("a plain list, with the options as defaults; refused lines have the file's numbers", async (t) => {
	const { pool, file, desk } = await node(t);
	const path = file("list.txt", LIST);
	const ran = await pool("import", path, "--category", "malware", "--confidence", "70", "--tlp", "clear");
	t.same(ran, { code: 3, out: "4 lines: 3 added, 1 refused\n", err: 'line 5: "a..b" is no name\n' });
	t.match(
		[...desk.kept.values()],
		[
			{ domain: "bad.example", category: "malware", confidence: 70, tlp: "clear" },
			{ domain: "worse.example", category: "malware" },
			{ domain: "c.example", category: "c2", confidence: 70 },
		],
	);
});

test("the same import again is safe: one key for the same content, options and member", async (t) => {
	const { pool, file, desk } = await node(t);
	const path = file("list.txt", LIST);
	const key = async (...argv: string[]) => {
		await pool("import", path, ...argv);
		return keyOf(desk.asked.at(-1));
	};
	const first = await key("--category", "malware");
	t.match(first, /^cordon-import-[0-9a-f]{64}$/);
	t.equal(await key("--category", "malware"), first);
	t.not(await key("--category", "phishing"), first);
	t.not(await key("--category", "malware", "--member", "cert"), first);
	t.equal(await key("--idempotency-key", "mine"), "mine");
	t.match(
		(await pool("import", path, "--idempotency-key", "\u00e9")).err,
		/idempotency-key must be 1 to 200/,
	);
	file("list.txt", `${LIST}more.example\n`);
	t.not(await key("--category", "malware"), first);
});

test("0 all taken, 4 held or waiting, 1 not allowed", async (t) => {
	const { pool, file, desk, config } = await node(t);
	const path = file("list.txt", "bad.example\nworse.example\n");
	t.same(await pool("import", path, "--category", "malware"), {
		code: 0,
		out: "2 lines: 2 added\n",
		err: "",
	});
	const waiting = await pool("import", file("p.txt", "protected.example\n"), "--category", "malware");
	t.same(waiting, {
		code: 4,
		out: "1 line: 1 pending\n",
		err: "line 1: waits: protected.example: 2 people have to approve it\n",
	});
	desk.maxLines = 1;
	const held = await pool("import", path, "--category", "other");
	t.equal(held.code, 4);
	t.equal(held.out, "2 lines: held; it would be: 2 replaced\n");
	t.match(held.err, /^held: the batch has 2 lines.*cordon pool approve batch:b1/s);
	const json = await pool("import", path, "--category", "c2", "--json");
	t.match(JSON.parse(json.out), { status: "held", held: "batch:b2", counts: { lines: 2 }, lines: [] });
	const reader = { env: { CORDON_TOKEN: READER } };
	t.match(await run("pool", ["import", path, "--config", config], reader), {
		code: 1,
		err: /a reader may not/,
	});
	t.match(await pool("import", "/nowhere/list.txt"), {
		code: 1,
		err: /list\.txt cannot be read: there is no such file/,
	});
	t.match(await pool("import", tmpdir()), { code: 1, err: /cannot be read: .*directory/ });
	t.match(await pool("import", file("empty", "")), {
		code: 1,
		err: /the body has no line|the body is missing/,
	});
	t.match(await pool("import", file("none", "# nothing\n")), { code: 1, err: /no line with a contribution/ });
});

test("standard input, which leaves nothing behind", async (t) => {
	const { config, desk } = await node(t);
	const before = new Set(await readdir(tmpdir()));
	const stdin = ["bad.exam", "ple\nworse", ".example"];
	const env = { CORDON_TOKEN: CERT };
	const argv = ["import", "-", "--config", config, "--category", "malware"];
	t.same(await run("pool", argv, { stdin, env }), { code: 0, out: "2 lines: 2 added\n", err: "" });
	t.same([...desk.kept.keys()], ["bad.example\tcert", "worse.example\tcert"]);
	const left = (await readdir(tmpdir())).filter(
		(name) => name.startsWith("cordon-import-") && !before.has(name),
	);
	t.same(left, []);
});

test("50,000 lines", async (t) => {
	const { pool, file, desk } = await node(t);
	const lines = Array.from({ length: 50_000 }, (_, i) => (i % 5000 === 7 ? "a..b" : `d${i}.example`));
	const ran = await pool("import", file("many.txt", lines.join("\n")), "--category", "malware");
	t.equal(ran.code, 3);
	t.equal(ran.out, "50,000 lines: 49,990 added, 10 refused\n");
	t.match(ran.err, /^line 8: "a\.\.b" is no name\nline 5008: /);
	t.equal(desk.kept.size, 49_990);
});

test("a server that goes away in the middle: 2, and what that means", async (t) => {
	const { pool, file, desk, admin } = await node(t);
	const path = file("list.txt", "bad.example\n");
	let open: () => void = () => {};
	desk.before = () =>
		new Promise((resolve) => {
			open = resolve;
		});
	const running = pool("import", path, "--category", "malware");
	await until(() => desk.asked.length === 1, "the batch has begun");
	await admin.close();
	open();
	t.match(await running, { code: 2, err: /cannot ask .*the connection broke off/ });
});

test("an export goes to a file for its owner alone, whole or not at all, and comes in again", async (t) => {
	const { pool, file, desk, folder } = await node(t);
	await pool("import", file("list.txt", "bad.example\nworse.example\n"), "--category", "malware");
	const direct = await pool("export");
	t.match(direct.out, /^\{"scope".*"domain":"bad\.example".*\}\n\{.*\}\n$/s);
	t.same(desk.asked.at(-1), ["export", "amber", "admin"]);
	const path = join(folder, "export.ndjson");
	const ran = await pool("export", "--tlp", "clear", "--output", path);
	t.same(ran, { code: 0, out: "", err: `2 contributions written to ${path}, for readers of TLP:CLEAR\n` });
	t.equal(readFileSync(path, "utf8"), direct.out);
	t.equal(statSync(path).mode & 0o777, 0o600);
	t.match(await pool("import", path), { code: 0, out: "2 lines: 2 replaced\n" });
	const first = [...desk.kept.values()][0];
	desk.export = async function* () {
		for (let i = 0; i < 2000; i++) yield first;
		throw new Error("the replica is broken");
	};
	t.match(await pool("export", "--output", path), { code: 2, err: /the connection broke off/ });
	t.equal(readFileSync(path, "utf8"), direct.out, "what was there is there");
	t.same(
		(await readdir(folder)).filter((name) => name.endsWith(".part")),
		[],
	);
	t.match(await pool("export", "--output", "/nowhere/x"), { code: 1, err: /\/nowhere\/x cannot be written/ });
	t.match(await pool("export", "--tlp", "white"), { code: 1, err: /tlp must be one of/ });
});

test("lines keep their numbers, however they are cut into pieces", async (t) => {
	const long = `{"domain":"${"x".repeat(40_000)}`;
	const content = Buffer.from(
		`\ufeffa.example\n\n# c\n{"op":"withdraw","domain":"w.example"}\n${long}\n{"domain":"d.example","category":"c2"}\n{oops\nlast.example`,
	);
	const expected = [
		'{"domain":"a.example","category":"malware"}',
		"",
		"",
		'{"op":"withdraw","domain":"w.example"}',
		long,
		'{"category":"c2","domain":"d.example"}',
		"{oops",
		'{"domain":"last.example","category":"malware"}',
		"",
	];
	for (const size of [1, 7, 1000, 16_384, 100_000]) {
		const pieces: Buffer[] = [];
		for (let i = 0; i < content.length; i += size) pieces.push(content.subarray(i, i + size));
		const out: Buffer[] = [];
		for await (const piece of importLines(
			(async function* () {
				yield* pieces;
			})(),
			{ category: "malware" },
		))
			out.push(piece);
		t.same(Buffer.concat(out).toString().split("\n"), expected, `pieces of ${size}`);
	}
});
