import { test } from "tap";
import type { RefreshOutcome } from "../../src/feeds/refresh.ts";
import type { StoredList } from "../../src/librarian/job.ts";
import { ListBooks } from "../../src/supervisor/books.ts";
import { configOf, keptLog } from "./parts.ts";

const A = { name: "a", url: "https://user:secret@lists.example/a?token=x", category: "phishing" };
const B = { name: "b", file: "/lists/b" };

function books(...lists: object[]) {
	const own = new ListBooks();
	own.use(configOf({ lists }));
	const { log, said } = keptLog();
	return {
		books: own,
		said,
		stored: (...all: StoredList[]) => own.hear({ kind: "stored", lists: all }, log),
		settled: (outcome: Partial<RefreshOutcome> & Pick<RefreshOutcome, "name" | "state">) =>
			own.hear({ kind: "settled", outcome: { startedAt: 1, finishedAt: 2, ...outcome } }, log),
		read: (name: string, bad: number) =>
			own.hear(
				{
					kind: "read",
					name,
					report: {
						format: "hosts",
						lines: 9,
						rules: 1,
						skipped: 0,
						bad,
						badLines: Array.from({ length: bad }, (_, i) => ({ line: i + 1, text: "x", reason: "no name" })),
						html: false,
					},
				},
				log,
			),
	};
}

const about = (rules: number) => ({
	recipe: "r",
	compiledAt: 1000,
	lists: [
		{ name: "config", rules: 1, skipped: 0, bad: 0 },
		{ name: "a", format: "hosts" as const, rules, skipped: 2, bad: 3 },
	],
});

test("a list before anything is known, and its secrets", async (t) => {
	const { books: own } = books(A, B);
	const [a, b] = own.status();
	t.match(a, { name: "a", kind: "block", category: "phishing", state: "loading", domains: 0, rejected: {} });
	t.notMatch(JSON.stringify(a), /secret|token=x/);
	t.match(b, { source: "/lists/b" });
	t.same(own.waiting, ["a", "b"]);
	t.same(own.attempt("a"), { triedAt: undefined, failed: false });
	t.same(own.attempt("unheard-of"), { triedAt: undefined, failed: false });
});

test("the way of a list that comes", async (t) => {
	const { books: own, settled, stored, said } = books(A);
	settled({ name: "a", state: "fresh", finishedAt: 77 });
	stored({ name: "a", hasCopy: true, checkedAt: 70 });
	own.compiled(about(5));
	t.match(own.status(), [
		{ state: "fresh", domains: 5, skippedLines: 2, badLines: 3, format: "hosts", lastSuccess: 70 },
	]);
	t.notMatch(own.status()[0], { problem: /./ });
	t.same(own.attempt("a"), { triedAt: 77, failed: false });
	t.same(own.waiting, []);
	t.same(
		said.map(({ level }) => level),
		["debug"],
	);
});

test("a snapshot of an earlier run is enough to serve", async (t) => {
	const { books: own } = books(A);
	own.compiled(about(5));
	t.match(own.status(), [{ state: "fresh", lastSuccess: 1000, domains: 5 }]);
	t.same(own.waiting, []);
	const { books: without } = books(A);
	without.compiled({ recipe: "r", compiledAt: 1, lists: [{ name: "a", rules: 0, skipped: 0, bad: 0 }] });
	t.same(without.waiting, ["a"], "a list that had no copy then still waits");
});

test("a refresh that fails: the reason is counted, told, and gone with the next success", async (t) => {
	const { books: own, settled, stored, said } = books(A);
	const problem = { hasCopy: true, checkedAt: 5, problem: "no route" };
	for (const _ of [1, 2])
		settled({ name: "a", state: "failed", reason: "network", message: "no route", path: "/copy" });
	settled({ name: "a", state: "failed", reason: "timeout", message: "too slow", path: "/copy" });
	stored({ name: "a", ...problem });
	t.match(own.status(), [
		{ state: "stale", problem: "no route", rejected: { network: 2, timeout: 1 }, lastSuccess: 5 },
	]);
	t.equal(own.attempt("a").failed, true);
	t.match(said.at(-1), { level: "warn", message: /last good copy stays in use/ });
	stored({ name: "a", hasCopy: false, problem: "no route" });
	t.match(own.status(), [{ state: "failed" }]);
	settled({ name: "a", state: "unchanged" });
	stored({ name: "a", hasCopy: true, checkedAt: 9 });
	t.match(own.status(), [{ state: "fresh", lastSuccess: 9, rejected: { network: 2 } }]);
	t.equal(own.status()[0]?.problem, undefined);
	t.equal(own.attempt("a").failed, false);
});

test("a worse version is held, and the last good one stays", async (t) => {
	const { books: own, settled, stored } = books(A);
	settled({ name: "a", state: "held", reason: "shrunk", message: "half of it is gone", path: "/copy" });
	stored({ name: "a", hasCopy: true, held: "half of it is gone" });
	t.match(own.status(), [{ state: "held", problem: "half of it is gone", rejected: { shrunk: 1 } }]);
	t.equal(own.attempt("a").failed, true);
});

test("a local file that is not there", async (t) => {
	const { books: own, settled, said } = books(B);
	settled({ name: "b", state: "missing", reason: "internal", message: "no such file" });
	t.match(own.status(), [{ state: "failed", problem: "no such file" }]);
	t.match(said, [{ level: "warn", message: /no earlier copy/, fields: { list: "b" } }]);
	settled({ name: "b", state: "missing", message: "no such file", path: "/copy" });
	t.match(own.status(), [{ state: "stale" }]);
});

test("bad lines are told, a few of them", async (t) => {
	const { read, said } = books(A);
	read("a", 0);
	t.same(said, []);
	read("a", 9);
	t.match(said, [{ level: "info", fields: { list: "a", bad: 9, first: ["line 1: x: no name", /2/, /3/] } }]);
});

test("another configuration keeps what is known of the lists that stay", async (t) => {
	const { books: own, settled, stored } = books(A, B);
	settled({ name: "a", state: "fresh" });
	stored({ name: "a", hasCopy: true }, { name: "b", hasCopy: true }, { name: "unheard-of", hasCopy: true });
	own.use(
		configOf({
			lists: [
				{ ...A, category: "ads" },
				{ ...B, file: "/lists/other" },
			],
		}),
	);
	t.match(own.status(), [
		{ name: "a", state: "fresh", category: "ads" },
		{ name: "b", state: "loading" },
	]);
	own.use(configOf({ lists: [] }));
	t.same(own.status(), []);
	settled({ name: "a", state: "fresh" });
	own.compiled(about(1));
	t.same(own.status(), []);
});
