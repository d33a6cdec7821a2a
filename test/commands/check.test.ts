import { join } from "node:path";
import { test } from "tap";
import { check } from "../../src/commands/check.ts";
import { Printed } from "./printed.ts";

async function checked(...argv: string[]) {
	const printed = new Printed();
	const code = await check(argv, printed);
	return { code, out: printed.out, err: printed.err };
}

const TWO_LISTS = `
lists:
  - { name: mine, file: mine.txt, format: domains }
  - { name: theirs, url: "https://user:secret@example.org/list.txt" }
dataDir: data
`;

test("all is well", async (t) => {
	const folder = t.testdir({ "c.yaml": TWO_LISTS, "mine.txt": "a.example\nb.example\n" });
	const config = join(folder, "c.yaml");
	const { code, out, err } = await checked("--config", config);
	t.equal(code, 0);
	t.equal(err, "");
	t.match(out, `${config}: no faults\n`);
	t.match(out, `list mine (${join(folder, "mine.txt")}): domains, 2 rules, 0 skipped, 0 bad lines\n`);
	t.match(out, /list theirs \(https:\/\/\S+example\.org\/list\.txt\): not on this disk yet/);
	t.notMatch(out, /secret/);
});

test("faults of the configuration: one line each, exit code 1", async (t) => {
	const config = join(t.testdir({ "c.yaml": "workers: 0\nlisen: {}\n" }), "c.yaml");
	const { code, out, err } = await checked("--config", config);
	t.equal(code, 1);
	t.equal(out, "");
	t.equal(
		err,
		`${config}:1:10: workers must be auto, or a whole number between 1 and 256; it is 0\n` +
			`${config}:2:1: lisen is not a known key. Did you mean listen?\n`,
	);
});

test("an open resolver is a warning", async (t) => {
	const folder = t.testdir({ "c.yaml": "access: { allow: [0.0.0.0/0] }\n" });
	const { code, out } = await checked("--config", join(folder, "c.yaml"));
	t.equal(code, 0);
	t.match(out, /c\.yaml: warning: access\.allow lets everybody ask and no rate is limited/);
	const { out: json } = await checked("--config", join(folder, "c.yaml"), "--json");
	t.match(JSON.parse(json), { ok: true, warnings: [/^access\.allow/] });
});

test("bad lines are warnings, with their numbers", async (t) => {
	const folder = t.testdir({ "c.yaml": TWO_LISTS, "mine.txt": "a.example\n\nb..example\n" });
	const { code, out } = await checked("--config", join(folder, "c.yaml"));
	t.equal(code, 0);
	t.match(out, /domains, 1 rule, 0 skipped, 1 bad line\n/);
	t.match(out, `  ${join(folder, "mine.txt")}:3: `);
});

test("the last good copy of a list by URL is read", async (t) => {
	const lists = { "theirs.list": "a.example\n" };
	const folder = t.testdir({ "c.yaml": TWO_LISTS, "mine.txt": "", data: { lists } });
	const { code, out } = await checked("--config", join(folder, "c.yaml"));
	t.equal(code, 0);
	t.match(out, /list theirs \(.*\): domains, 1 rule, 0 skipped, 0 bad lines\n/);
});

test("a list that cannot be read, or is a web page, is exit code 1", async (t) => {
	const table: readonly [content: string, told: RegExp][] = [
		["<!DOCTYPE html>\n<html><head><title>Not found</title></head></html>\n", /is a web page, not a list/],
		["\u001f\u008b", /list mine .*mine\.txt/],
	];
	for (const [i, [content, told]] of table.entries()) {
		const folder = t.testdir({
			[`${i}`]: { "c.yaml": TWO_LISTS, "mine.txt": Buffer.from(content, "latin1") },
		});
		const { code, out } = await checked("--config", join(folder, `${i}`, "c.yaml"));
		t.equal(code, 1, out);
		t.match(out, told);
	}
});

test("--json prints one object", async (t) => {
	const folder = t.testdir({ "c.yaml": TWO_LISTS, "mine.txt": "a.example\n", "bad.yaml": "workers: 0" });
	const good = await checked("--json", "--config", join(folder, "c.yaml"));
	t.equal(good.code, 0);
	t.match(JSON.parse(good.out), {
		config: join(folder, "c.yaml"),
		ok: true,
		faults: [],
		lists: [
			{ name: "mine", state: "read", format: "domains", rules: 1, bad: 0, badLines: [] },
			{ name: "theirs", state: "absent" },
		],
	});
	const bad = await checked("--json", "--config", join(folder, "bad.yaml"));
	t.equal(bad.code, 1);
	t.equal(bad.err, "");
	t.match(JSON.parse(bad.out), {
		ok: false,
		faults: [{ key: "workers", position: { line: 1, column: 10 }, value: "0" }],
		lists: [],
	});
});

test("usage", async (t) => {
	const help = await checked("--help");
	t.equal(help.code, 0);
	t.match(help.out, /^Usage: cordon check /);
	for (const argv of [["--nonsense"], ["stray"], ["--config"]]) {
		const wrong = await checked(...argv);
		t.equal(wrong.code, 1);
		t.match(wrong.err, /^cordon check: .*\nSee cordon check --help\.\n$/s);
	}
});
