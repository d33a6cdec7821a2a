/** What the librarian finds changed in a list becomes one batch of the member of the list's name. */
import { test } from "tap";
import type { Actor, BatchOutcome, DraftLine, PoolDesk, SubmitOptions } from "../../../src/pool/desk.ts";
import { PoolUnavailable } from "../../../src/pool/store.ts";
import { Feeds } from "../../../src/supervisor/pool/feeds.ts";
import { keptLog } from "../parts.ts";

interface Submitted {
	readonly lines: readonly DraftLine[];
	readonly actor: Actor;
	readonly options: SubmitOptions | undefined;
}

/** Feeds before a desk that answers in turn what is given. */
function feedsBefore(...answers: (BatchOutcome | Error)[]) {
	const submitted: Submitted[] = [];
	const desk: Pick<PoolDesk, "submit"> = {
		submit: async (lines, actor, options) => {
			const all: DraftLine[] = [];
			for await (const line of lines) all.push(line);
			submitted.push({ lines: all, actor, options });
			const answer = answers.shift() ?? { status: "applied", lines: [] };
			if (answer instanceof Error) throw answer;
			return answer;
		},
	};
	const { log, said } = keptLog();
	return { feeds: new Feeds({ desk: desk as PoolDesk, log }), submitted, said };
}

test("pieces of a list are one batch, its lines counted from 1, in the name of the list", async (t) => {
	const { feeds, submitted, said } = feedsBefore();
	feeds.hear({ kind: "feed", list: "urlhaus", lines: [{ domain: "a.example" }], state: "more" });
	feeds.hear({ kind: "feed", list: "other", lines: [{ domain: "c.example" }], state: "whole" });
	feeds.hear({ kind: "feed", list: "urlhaus", lines: [{ domain: "b.example" }], state: "whole" });
	await feeds.settled();
	t.match(submitted, [
		{ lines: [{ line: 1, value: { domain: "c.example" } }], options: { member: "other" } },
		{
			lines: [
				{ line: 1, value: { domain: "a.example" } },
				{ line: 2, value: { domain: "b.example" } },
			],
			actor: { name: "cordon", role: "admin", from: "list" },
			options: { member: "urlhaus" },
		},
	]);
	t.match(said, [
		{ level: "info", message: "a list's changes are in the pool", fields: { list: "other", changes: 1 } },
		{ level: "info", fields: { list: "urlhaus", changes: 2, refused: 0 } },
	]);
});

test("a list that broke off, or brings nothing, changes nothing", async (t) => {
	const { feeds, submitted, said } = feedsBefore();
	feeds.hear({ kind: "feed", list: "half", lines: [{ domain: "a.example" }], state: "more" });
	feeds.hear({ kind: "feed", list: "half", lines: [], state: "broken" });
	feeds.hear({ kind: "feed", list: "same", lines: [], state: "whole" });
	feeds.hear({ kind: "feed", list: "half", lines: [{ domain: "b.example" }], state: "whole" });
	await feeds.settled();
	t.match(submitted, [{ lines: [{ line: 1, value: { domain: "b.example" } }] }]);
	t.equal(submitted.length, 1, "and what came before it broke off is forgotten");
	t.equal(said.length, 1);
});

test("a batch that is held says what to look at", async (t) => {
	const { feeds, said } = feedsBefore({
		status: "held",
		held: "batch:7",
		reason: "it withdraws 40 of 100",
		lines: [],
	});
	feeds.hear({ kind: "feed", list: "urlhaus", lines: [{}], state: "whole" });
	await feeds.settled();
	t.match(said, [
		{
			level: "warn",
			message: /held until a person approves it/,
			fields: { list: "urlhaus", held: "batch:7", why: "it withdraws 40 of 100" },
		},
	]);
});

test("what the guard refused is told, the first three by name", async (t) => {
	const refused = (domain: string) => ({
		line: 1,
		status: "refused" as const,
		domain,
		reason: "is a public suffix",
	});
	const lines = ["com", "org", "net", "info"].map(refused);
	const { feeds, said } = feedsBefore({ status: "applied", lines });
	feeds.hear({ kind: "feed", list: "urlhaus", lines: lines.map(() => ({})), state: "whole" });
	await feeds.settled();
	t.match(said[0]?.fields, { refused: 4 });
	t.same(said[1]?.fields, {
		list: "urlhaus",
		refused: 4,
		first: ["com: is a public suffix", "org: is a public suffix", "net: is a public suffix"],
	});
});

test("a pool that is away: told, and the next list goes on", async (t) => {
	const { feeds, submitted, said } = feedsBefore(new PoolUnavailable("the pool cannot be reached"));
	feeds.hear({ kind: "feed", list: "first", lines: [{}, {}], state: "whole" });
	feeds.hear({ kind: "feed", list: "second", lines: [{}], state: "whole" });
	await feeds.settled();
	t.match(said, [
		{
			level: "warn",
			message: /tried again when the list is next read/,
			fields: { list: "first", changes: 2, why: "the pool cannot be reached" },
		},
		{ level: "info", fields: { list: "second" } },
	]);
	t.equal(submitted.length, 2);
});
