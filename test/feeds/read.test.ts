import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Test, test } from "tap";
import type { Rule } from "../../src/blocklist/rule.ts";
import { ListError } from "../../src/feeds/list-error.ts";
import { type ReadOptions, readList } from "../../src/feeds/read.ts";

const AUTO: ReadOptions = { format: "auto", hostsMatch: "exact", maxBytes: 1 << 20 };

function fileWith(t: Test, content: string | Uint8Array): string {
	const path = join(t.testdir(), "list");
	mkdirSync(join(path, ".."), { recursive: true });
	writeFileSync(path, content);
	return path;
}

async function read(t: Test, content: string | Uint8Array, options: Partial<ReadOptions> = {}) {
	const rules: string[] = [];
	const onRule = (rule: Rule, line: number) => rules.push(`${line} ${rule.scope} ${rule.name}`);
	return { report: await readList(fileWith(t, content), { ...AUTO, ...options }, onRule), rules };
}

test("rules come in order, with their lines", async (t) => {
	const { report, rules } = await read(t, "# names\n\na.example\nb.example");
	t.strictSame(rules, ["3 exact a.example", "4 exact b.example"]);
	t.strictSame(report, {
		format: "domains",
		lines: 4,
		rules: 2,
		skipped: 0,
		bad: 0,
		badLines: [],
		html: false,
	});
});

test("bad lines are counted, the first are shown, and nothing else is lost", async (t) => {
	const lines = Array.from({ length: 30 }, (_, i) => `bad\u001b[31m${i}\n`).join("");
	const { report, rules } = await read(t, `a.example\n192.0.2.1\n${lines}b.example\n`);
	t.strictSame(rules, ["1 exact a.example", "33 exact b.example"]);
	t.equal(report.bad, 30);
	t.equal(report.skipped, 1);
	t.equal(report.badLines.length, 20);
	t.equal(report.badLines[0].line, 3);
	t.equal(report.badLines[0].text, "bad\\x1b[31m0");
	t.match(report.badLines[0].reason, /cannot stand/);
});

test("byte order mark, CRLF and CR", async (t) => {
	const { rules } = await read(t, "\ufeffa.example\r\nb.example\rc.example\r\n");
	t.strictSame(rules, ["1 exact a.example", "2 exact b.example", "3 exact c.example"]);
});

test("gzip is known by its first bytes", async (t) => {
	const { report, rules } = await read(t, gzipSync("||a.example^\n||b.example^\n"));
	t.equal(report.format, "adblock");
	t.strictSame(rules, ["1 subtree a.example", "2 subtree b.example"]);
	const two = Buffer.concat([gzipSync("a.example\n"), gzipSync("b.example\n")]);
	t.equal((await read(t, two)).report.rules, 2, "several members in one file are one list");
});

test("damaged gzip files are told as such", async (t) => {
	const packed = gzipSync(Array.from({ length: 5000 }, (_, i) => `a${i * 7919}.example\n`).join(""));
	await t.rejects(read(t, packed.subarray(0, packed.length >> 1)), {
		reason: "unreadable",
		message: /ends too early/,
	});
	const damaged = Buffer.from(packed);
	damaged.fill(0xff, 40, 60);
	await t.rejects(read(t, damaged), { reason: "unreadable", message: /damaged gzip/ });
	await t.rejects(read(t, Buffer.of(0x1f, 0x8b)), { reason: "unreadable", message: /ends too early/ });
});

test("a list larger than the cap is refused, packed or not", async (t) => {
	const big = "a.example\n".repeat(10_000);
	for (const content of [big, gzipSync(big)]) {
		const error = await read(t, content, { maxBytes: 99_999 }).then(
			() => undefined,
			(e: unknown) => e,
		);
		t.type(error, ListError);
		t.match(error, {
			reason: "too-big",
			message: /list is larger than 99999 bytes.*blocking\.downloads\.maxSize/,
		});
	}
	t.equal((await read(t, big, { maxBytes: 100_000 })).report.rules, 10_000);
});

test("a file that is not there is told with its path", async (t) => {
	await t.rejects(
		readList(join(t.testdir(), "gone"), AUTO, () => {}),
		{
			reason: "unreadable",
			message: /cannot read .*gone.*ENOENT/,
		},
	);
	await t.rejects(
		readList(t.testdir(), AUTO, () => {}),
		{ reason: "unreadable", message: /EISDIR/ },
	);
});

test("a web page is no list", async (t) => {
	const page = `<!DOCTYPE html>\n<html>\n${"a.example\n".repeat(300)}`;
	for (const format of ["auto", "hosts"] as const) {
		const { report, rules } = await read(t, `\n${page}`, { format });
		t.ok(report.html);
		t.equal(report.format, format === "auto" ? "domains" : format);
		t.strictSame(rules, []);
	}
	t.ok((await read(t, "<html>")).report.html);
	t.ok((await read(t, `<html>${"x".repeat(10_000)}`)).report.html, "all on one line");
});

test("long lines and binary do no harm", async (t) => {
	const { report, rules } = await read(t, `${"x".repeat(700_000)}\na.example\n`);
	t.strictSame(rules, ["2 exact a.example"]);
	t.match(report.badLines[0], { line: 1, reason: /longer than 4096 bytes/ });
	t.ok((report.badLines[0]?.text.length ?? 0) < 200);
	const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255));
	t.equal(
		(await read(t, Buffer.concat([noise, Buffer.from("\na.example\n")]), { format: "domains" })).rules.length,
		1,
	);
	t.strictSame((await read(t, "")).report.lines, 0);
});

test("a zone that ends within parentheses says so", async (t) => {
	const { report } = await read(t, "a.example CNAME .\nb.example CNAME (\n", { format: "rpz" });
	t.equal(report.rules, 1);
	t.match(report.badLines, [{ line: 2, reason: /ends within parentheses/ }]);
});

test("the meaning of plain names is handed on", async (t) => {
	const { rules } = await read(t, "0.0.0.0 a.example\n", { hostsMatch: "subtree" });
	t.strictSame(rules, ["1 subtree a.example"]);
});

test("what onRule throws ends the reading", async (t) => {
	const path = fileWith(t, gzipSync("a.example\n".repeat(1000)));
	const full = () => {
		throw new Error("full");
	};
	await t.rejects(readList(path, AUTO, full), { message: "full" });
});
