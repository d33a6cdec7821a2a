import { test } from "tap";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { JudgeOptions } from "./judging.ts";
import {
	approved,
	DOMAIN,
	decided,
	disputed,
	guardOf,
	HOUR,
	judgeOf,
	NOW,
	said,
	trusted,
} from "./judging.ts";

function opinion(records: readonly PoolRecord[], options: JudgeOptions = {}) {
	return judgeOf(options).opinion(DOMAIN, records, NOW);
}

test("each statement, what it weighs, and what the sum comes to", async (t) => {
	const { statements, ...rest } = opinion([
		said("cert", { scope: "exact" }),
		said("forum", { confidence: 10 }),
		said("isp", { confidence: 90 }),
		said("stranger"),
	]);
	t.same(
		statements.map(({ contribution, weight, mode, score, discounted }) => [
			contribution.member,
			weight,
			mode,
			score,
			discounted,
		]),
		[
			["cert", 1, "block", 80, undefined],
			["forum", 0.25, "block", 2.5, undefined],
			["isp", 0.5, "block", 45, undefined],
			["stranger", 0, "block", 0, "member without weight"],
		],
	);
	t.same(rest, {
		domain: DOMAIN,
		disputes: [],
		sum: 127.5,
		subtreeSum: 47.5,
		threshold: 50,
		verdict: { exact: { action: "block", category: "malware", basis: "policy" } },
	});
});

test("why a statement does not count", async (t) => {
	const members = [trusted("cert", 1, { categories: { other: "ignore" } })];
	const table: readonly [PoolRecord, string][] = [
		[said("cert", { validUntil: NOW }), "expired"],
		[said("cert", { validFrom: NOW + 1 }), "not yet valid"],
		[said("gone"), "member revoked"],
		[said("cert", { category: "other" }), "category ignored"],
		[said("stranger"), "member without weight"],
		[said("cert", { approvalsNeeded: 2 }), "waits for approval: 1 of 2"],
	];
	for (const [record, why] of table) {
		const options = { trust: { members }, revoked: ["gone"] };
		const { statements, sum } = opinion([record, approved("cert", "alice")], options);
		t.match(statements, [{ score: 0, discounted: why }]);
		t.equal(sum, 0);
	}
	const [released] = opinion([said("cert"), decided("release", NOW - 1)]).statements;
	t.match(released, { score: 0, discounted: "released by operator" });
});

test("who only counts is shown with its weight, and is not in the sum", async (t) => {
	const members = [trusted("cert", 1, { mode: "log-only" })];
	const { statements, sum, subtreeSum, verdict } = opinion([said("cert")], { trust: { members } });
	t.match(statements, [{ mode: "log-only", score: 80 }]);
	t.equal(sum, 0);
	t.equal(subtreeSum, 0);
	t.equal(verdict.subtree?.action, "log-only");
});

test("why nothing follows although the sum would do", async (t) => {
	const because = (records: readonly PoolRecord[], options: JudgeOptions = {}) =>
		opinion(records, options).heldBecause;
	const protect = guardOf({ protect: ["www.bad.example"] });
	const own = guardOf({ ownNames: ["bad.example"] });
	t.equal(because([said("cert")]), undefined, "it is blocked");
	t.equal(because([said("isp"), disputed("operator")]), undefined, "the sum is too small anyway");
	t.match(because([said("cert"), disputed("isp")]), /^disputed by isp: a person has to decide$/);
	t.match(
		because([said("cert"), disputed("isp"), disputed("operator"), disputed("forum")]),
		"disputed by isp, operator: a person",
	);
	t.match(because([said("cert"), decided("release", NOW - 1)]), "released by operator: looked at it");
	t.match(because([said("cert")], { guard: own }), "bad.example is one of this operator's own names");
	t.match(because([said("cert"), disputed("isp")], { guard: own }), "own names");
	t.match(because([said("cert")], { guard: protect }), "bad.example is above www.bad.example");
	t.match(because([said("cert", { approvalsNeeded: 2 })]), "it touches a protected name");
	t.match(because([said("isp"), said("forum", { approvalsNeeded: 2 })]), "it touches a protected name");
});

test("disputes and the decision are told, those that count no longer too", async (t) => {
	const told = opinion([
		said("cert"),
		disputed("isp", NOW - HOUR),
		disputed("forum"),
		decided("block", NOW - 1),
	]);
	t.same(
		told.disputes.map(({ member }) => member),
		["isp", "forum"],
	);
	t.match(told.decision, { verdict: "block", by: "operator" });
	t.equal(told.verdict.subtree?.action, "block");
});

test("nothing is said", async (t) => {
	t.same(opinion([]), {
		domain: DOMAIN,
		statements: [],
		disputes: [],
		sum: 0,
		subtreeSum: 0,
		threshold: 50,
		verdict: {},
	});
});
