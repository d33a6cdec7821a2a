import { test } from "tap";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { Verdict } from "../../../src/pool/verdict.ts";
import type { JudgeOptions } from "./judging.ts";
import { approved, DAY, DOMAIN, guardOf, HOUR, judgeOf, NOW, said, trusted } from "./judging.ts";

const MALWARE: Verdict = { subtree: { action: "block", category: "malware", basis: "policy" } };

function verdict(records: readonly PoolRecord[], options: JudgeOptions = {}, now = NOW): Verdict {
	return judgeOf(options).verdict(DOMAIN, records, now);
}

/** `block`, `log-only` or `none`, for the name itself and for what is below it. */
function actions(records: readonly PoolRecord[], options: JudgeOptions = {}): string {
	const { exact, subtree } = verdict(records, options);
	return `${(exact ?? subtree)?.action ?? "none"} ${subtree?.action ?? "none"}`;
}

test("one trusted member suffices, several weak ones add up", async (t) => {
	t.same(verdict([]), {});
	t.same(verdict([said("cert")]), MALWARE);
	t.same(verdict([said("isp")]), {}, "0.5 × 80 = 40");
	t.same(verdict([said("forum"), said("isp")]), MALWARE, "0.25 × 80 + 0.5 × 80 = 60");
	t.same(verdict([said("forum", { confidence: 60 }), said("isp", { confidence: 70 })]), MALWARE, "just 50");
	t.same(verdict([said("forum", { confidence: 60 }), said("isp", { confidence: 69 })]), {}, "49.5");
	t.same(verdict([said("cert", { confidence: 49 })]), {});
	t.same(verdict([said("stranger", { confidence: 100 })]), {}, "not named, and trust.weight is 0");
	t.same(verdict([said("stranger")], { trust: { weight: 0.7 } }), MALWARE);
	t.same(verdict([said("operator")]), MALWARE, "the operator has weight 1");
	t.same(verdict([said("operator")], { trust: { members: [trusted("operator", 0.1)] } }), {});
});

test("sums of fractions reach what they should", async (t) => {
	t.ok(0.29 * 100 < 29 && 0.1 * 3 + 0.7 * 3 + 0.2 * 3 < 3, "doubles alone do not");
	const one = [trusted("a", 0.29)];
	t.same(verdict([said("a", { confidence: 100 })], { trust: { members: one, threshold: 29 } }), MALWARE);
	const three = [trusted("a", 0.1), trusted("b", 0.7), trusted("c", 0.2)];
	const records = three.map(({ name }) => said(name, { confidence: 3 }));
	t.same(verdict(records, { trust: { members: three, threshold: 3 } }), MALWARE);
	t.same(verdict(records, { trust: { members: three, threshold: 3.01 } }), {});
});

test("time: from the beginning on, and no longer at the end", async (t) => {
	const records = [said("cert", { validFrom: NOW, validUntil: NOW + HOUR })];
	t.same(verdict(records, {}, NOW - 1), {});
	t.same(verdict(records, {}, NOW), MALWARE);
	t.same(verdict(records, {}, NOW + HOUR - 1), MALWARE);
	t.same(verdict(records, {}, NOW + HOUR), {});
	const mixed = [said("isp"), said("forum", { validUntil: NOW - DAY })];
	t.same(verdict(mixed), {}, "one that is over adds nothing");
});

test("revoked members count nothing", async (t) => {
	t.same(verdict([said("cert")], { revoked: ["cert"] }), {});
	t.same(verdict([said("cert"), said("isp")], { revoked: ["cert"] }), {});
});

test("log-only and ignore, by member, by category, by both", async (t) => {
	const trust = (member: Parameters<typeof trusted>[2], categories = {}) => ({
		trust: { categories, members: [trusted("cert", 1, member)] },
	});
	const table: readonly [options: JudgeOptions, actions: string][] = [
		[trust({}), "block block"],
		[trust({ mode: "log-only" }), "log-only log-only"],
		[trust({ categories: { malware: "log-only" } }), "log-only log-only"],
		[trust({ categories: { malware: "ignore" } }), "none none"],
		[trust({ categories: { phishing: "ignore" } }), "block block"],
		[trust({}, { malware: "ignore" }), "none none"],
		[trust({}, { malware: "log-only" }), "log-only log-only"],
		[trust({ categories: { malware: "block" } }, { malware: "ignore" }), "block block"],
		[trust({ categories: { malware: "block" } }, { malware: "log-only" }), "block block"],
		[trust({ mode: "log-only", categories: { malware: "block" } }), "log-only log-only"],
		[trust({ mode: "log-only", categories: { malware: "ignore" } }), "none none"],
	];
	for (const [options, expected] of table)
		t.equal(actions([said("cert")], options), expected, JSON.stringify(options));
});

test("what blocks alone blocks; else log-only adds up with it", async (t) => {
	const members = [trusted("a", 0.5), trusted("b", 0.5, { mode: "log-only" }), trusted("c", 1)];
	const trust = { members };
	t.equal(actions([said("a"), said("b")], { trust }), "log-only log-only", "40 + 40");
	t.equal(
		actions([said("a"), said("b"), said("c")], { trust }),
		"block block",
		"40 + 80 of those that block",
	);
	t.equal(actions([said("b")], { trust }), "none none");
});

test("scope: what is said about the domain alone says nothing of what is below", async (t) => {
	const MALWARE_RULING = { action: "block", category: "malware", basis: "policy" };
	t.same(verdict([said("cert", { scope: "exact" })]), { exact: MALWARE_RULING });
	t.same(verdict([said("cert"), said("isp", { scope: "exact" })]), MALWARE, "no exact that says the same");
	t.equal(actions([said("forum"), said("isp", { scope: "exact" })]), "block none");
	t.same(
		verdict([said("cert"), said("isp", { scope: "exact", category: "phishing", confidence: 100 })]),
		MALWARE,
		"80 weighs more than 50",
	);
	t.same(verdict([said("cert", { scope: "exact", category: "c2", confidence: 90 }), said("operator")]), {
		exact: { action: "block", category: "c2", basis: "policy" },
		subtree: MALWARE_RULING,
	});
	const trust = { members: [trusted("cert"), trusted("watch", 1, { mode: "log-only" })] };
	t.equal(actions([said("cert", { scope: "exact" }), said("watch")], { trust }), "block log-only");
});

test("category and basis are those of the heaviest", async (t) => {
	const ruling = (records: readonly PoolRecord[]) => {
		const { category, basis } = verdict(records).subtree ?? {};
		return `${category} ${basis}`;
	};
	const cert = said("cert", { category: "phishing" });
	t.equal(ruling([cert, said("isp", { category: "c2" })]), "phishing policy");
	t.equal(ruling([said("operator", { confidence: 81, category: "c2" }), cert]), "c2 policy");
	t.equal(
		ruling([cert, said("operator", { category: "malware" })]),
		"malware policy",
		"equal: the first category",
	);
	t.equal(
		ruling([cert, said("operator", { category: "legal", basis: "law" })]),
		"legal law",
		"equal: the law",
	);
	t.equal(ruling([cert, said("operator", { category: "other", basis: "request" })]), "other request");
	t.equal(ruling([said("operator", { basis: "law" }), said("cert", { basis: "request" })]), "malware law");
	const trust = { members: [trusted("cert", 0.7), trusted("watch", 5, { mode: "log-only" })] };
	const blocked = verdict([said("cert"), said("watch", { category: "c2" })], { trust });
	t.equal(blocked.subtree?.category, "malware", "who does not block does not name the block either");
});

test("what the guard refuses is never blocked, whoever says so", async (t) => {
	const guard = guardOf({ ownNames: ["shop.bad.example"] });
	t.same(verdict([said("cert"), said("operator")], { guard }), {});
	t.same(judgeOf().verdict("com", [said("cert", { domain: "com" })], NOW), {});
	t.same(judgeOf().verdict("github.io", [said("cert", { domain: "github.io" })], NOW), {});
	t.same(judgeOf().verdict("192.0.2.1", [said("cert", { domain: "192.0.2.1" })], NOW), {});
});

test("protected: two people other than who brought it in", async (t) => {
	const waiting = said("cert", { approvalsNeeded: 2 });
	const [alice, bob] = [approved("cert", "alice"), approved("cert", "bob")];
	t.same(verdict([waiting]), {});
	t.same(verdict([waiting, alice]), {});
	t.same(verdict([waiting, alice, bob]), MALWARE);
	t.same(verdict([waiting, alice, alice]), {}, "the same person twice");
	t.same(verdict([waiting, alice, approved("cert", "cert")]), {}, "the member itself");
	t.same(verdict([waiting, alice, approved("isp", "bob")]), {}, "of another's contribution");
	t.same(
		verdict([waiting, alice, approved("cert", "bob", { contribution: "older" })]),
		{},
		"of an earlier one",
	);
	t.same(verdict([waiting, alice, bob], { revoked: ["bob"] }), {}, "by somebody who is out");
	t.same(verdict([waiting, said("operator")]), MALWARE, "it keeps others from nothing");
});

test("protected by this node's own guard alone", async (t) => {
	const guard = guardOf({ protect: ["www.bad.example"] });
	t.same(verdict([said("cert")], { guard }), {});
	t.same(verdict([said("cert"), said("operator")], { guard }), {}, "each needs its own approvals");
	t.same(verdict([said("cert"), approved("cert", "alice"), approved("cert", "bob")], { guard }), MALWARE);
});

test("what cannot be read is as if it were not there", async (t) => {
	const broken: PoolRecord[] = [
		{ key: `${DOMAIN}\tc\tisp`, value: "{" },
		{ key: `${DOMAIN}\tc\tforum`, value: '[2,0,9999999999999,100,0,0,0,0,0,0,0,"x","",""]' },
		{ key: `${DOMAIN}\tz\tforum`, value: "[]" },
		{ key: `${DOMAIN}\tr`, value: "null" },
		{ key: `${DOMAIN}\td\tcert`, value: "[]" },
		{ key: "", value: "" },
	];
	t.same(verdict([...broken, said("cert")]), MALWARE);
	t.same(verdict(broken), {});
});

test("verdicts that are the same share their memory", async (t) => {
	const judge = judgeOf();
	const one = judge.verdict("a.example", [said("cert", { domain: "a.example" })], NOW);
	t.equal(judge.verdict("b.example", [said("operator", { domain: "b.example" })], NOW), one);
});
