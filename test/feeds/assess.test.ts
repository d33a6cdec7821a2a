import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { type AssessOptions, assess, type Baseline, type ReadList } from "../../src/feeds/assess.ts";
import { countingReader, report } from "./counting-reader.ts";

function candidate(t: Test, body: string) {
	const path = join(t.testdir({ "last-good": "a\nb\nc\nd\n" }), "candidate");
	writeFileSync(path, body);
	return {
		name: "a-list",
		shown: "https://lists.example.org/a",
		path,
		format: "auto" as const,
		hostsMatch: "exact" as const,
	};
}

function options(given: Partial<AssessOptions> = {}): AssessOptions {
	return { maxBytes: 1024, maxShrink: 0.25, readList: countingReader, ...given };
}

test("shrinking", async (t) => {
	const cases: readonly (readonly [number, number | undefined, number, string])[] = [
		[1, undefined, 0.25, "good"],
		[100, 100, 0.25, "good"],
		[5000, 100, 0.25, "good"],
		[75, 100, 0.25, "good"],
		[74, 100, 0.25, "shrunk"],
		[99, 100, 0, "shrunk"],
		[100, 100, 0, "good"],
		[1, 100, 1, "good"],
		[0, 100, 1, "empty"],
		[0, undefined, 0.25, "empty"],
		[0, 0, 0.25, "good"],
		[3, 0, 0.25, "good"],
	];
	for (const [rules, before, maxShrink, expected] of cases) {
		const readList: ReadList = async () => report({ rules });
		const baseline: Baseline | undefined =
			before === undefined ? undefined : { path: "/nowhere", rules: before };
		const verdict = await assess(candidate(t, "x"), baseline, options({ maxShrink, readList }));
		const got = verdict.kind === "good" ? "good" : verdict.reason;
		t.equal(got, expected, `${rules} after ${before}, maxShrink ${maxShrink}`);
	}
});

test("messages name the list, the numbers and the way out", async (t) => {
	const shrunk = await assess(candidate(t, "a\n"), { path: "/nowhere", rules: 4 }, options());
	t.match(shrunk, {
		kind: "refused",
		reason: "shrunk",
		report: { rules: 1 },
		message:
			"list a-list: https://lists.example.org/a: has 1 rules, 75 % fewer than the 4 before, which is more than blocking.maxShrink (0.25) lets pass; the last good copy stays; if it is meant, run: cordon lists accept a-list",
	});
	const empty = await assess(candidate(t, "# nothing\n"), undefined, options());
	t.match(empty, { reason: "empty", message: /has no rule in its 1 lines.*there is no earlier copy/ });
	const html = await assess(candidate(t, "<!DOCTYPE html>\n<title>secret</title>\n"), undefined, options());
	t.match(html, { reason: "html", message: /is a web page, not a list/ });
	t.notMatch(html, { message: /secret/ });
});

test("a web page is refused even where it seems to hold rules", async (t) => {
	const readList: ReadList = async () => report({ rules: 10, html: true });
	t.match(await assess(candidate(t, "x"), undefined, options({ readList })), {
		kind: "refused",
		reason: "html",
	});
});

test("what cannot be read", async (t) => {
	const asked = candidate(t, "x");
	const failing =
		(error: unknown): ReadList =>
		async () => {
			throw error;
		};
	const damaged = failing(new Error(`${asked.path} is a damaged gzip file`));
	t.match(await assess(asked, undefined, options({ readList: damaged })), {
		kind: "unreadable",
		reason: "unreadable",
		message: "list a-list: https://lists.example.org/a: cannot be read: it is a damaged gzip file",
	});
	const big = failing(Object.assign(new Error("too large"), { reason: "too-big" }));
	t.match(await assess(asked, undefined, options({ readList: big })), { reason: "too-big" });
	t.match(await assess(asked, undefined, options({ readList: failing("odd") })), { message: /odd/ });
});

test("a last good copy whose record was lost is counted", async (t) => {
	const asked = candidate(t, "a\n");
	const path = join(asked.path, "..", "last-good");
	t.match(await assess(asked, { path }, options()), { reason: "shrunk", message: /the 4 before/ });
	t.match(await assess(asked, { path: `${path}-gone` }, options()), { kind: "good" });
});
