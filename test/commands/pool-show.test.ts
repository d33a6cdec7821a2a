import { test } from "tap";
import { opinionLines } from "../../src/commands/pool/show.ts";
import type { Contribution } from "../../src/pool/contribution.ts";
import { FakeDesk } from "../admin/fake-desk.ts";
import { node } from "./pool-terminal.ts";

test("show: every statement, the sum against the threshold, and why", async (t) => {
	const { pool } = await node(t);
	t.match(await pool("show", "bad.example"), {
		code: 0,
		out: "bad.example\n  not blocked by the pool: nobody speaks of it\n",
	});
	await pool(
		"add",
		"bad.example",
		"--category",
		"malware",
		"--confidence",
		"40",
		"--reference",
		"https://cert.example/7",
	);
	const low = (await pool("show", "bad.example")).out;
	t.match(low, /not blocked by the pool: the sum 40 stays below the threshold 50/);
	t.match(
		low,
		/statements \(weight × confidence\), sum 40; the threshold is 50\n {2}admin {2}1 × 40 {2}= 40 {2}malware/,
	);
	t.match(low, /\n {4}\(https:\/\/cert\.example\/7\)\n/);
	await pool("add", "bad.example", "--category", "malware", "--confidence", "90", "--member", "cert");
	t.match(
		(await pool("show", "bad.example")).out,
		/blocked, with all below it: malware, basis policy\n.*sum 130;/,
	);
	await pool("dispute", "bad.example", "--reason", "ours\nForged: blocked");
	const disputed = await pool("show", "bad.example");
	t.match(disputed.err, "", "an API that refuses control characters");
	t.match(await pool("show", "a..b"), { code: 1, err: /"a\.\.b" is no name/ });
	t.match(JSON.parse((await pool("show", "bad.example", "--json")).out), {
		domain: "bad.example",
		threshold: 50,
	});
});

test("show: of a name that is spoken of by a name above it", async (t) => {
	const { pool, desk } = await node(t);
	await pool("add", "bad.example", "--category", "malware");
	const opinion = await desk.opinion("bad.example");
	desk.opinion = async () => opinion;
	t.match(
		(await pool("show", "www.bad.example")).out,
		/^of www\.bad\.example itself nothing is said; above .*\nbad\.example\n/,
	);
	t.match((await pool("show", "BAD.example.")).out, /^bad\.example\n/);
});

test("an opinion with everything in it", async (t) => {
	const desk = new FakeDesk();
	const opinion = await desk.opinion("bad.example");
	const contribution: Contribution = {
		domain: "bad.example",
		scope: "exact",
		member: "cert",
		category: "c2",
		confidence: 80,
		tlp: "red",
		basis: "law",
		reason: "why",
		reference: "",
		validFrom: 0,
		validUntil: 86_400_000,
		created: 0,
		modified: 0,
		id: "00000000-0000-4000-8000-000000000000",
		approvalsNeeded: 0,
	};
	const lines = opinionLines({
		...opinion,
		statements: [
			{ contribution, weight: 0.5, mode: "block", score: 40 },
			{ contribution: { ...contribution, member: "isp" }, weight: 1, mode: "log-only", score: 80 },
			{
				contribution: { ...contribution, member: "old" },
				weight: 1,
				mode: "block",
				score: 0,
				discounted: "expired",
			},
		],
		disputes: [{ domain: "bad.example", member: "isp-b", reason: "ours", created: 0 }],
		decision: { domain: "bad.example", verdict: "block", by: "operator", at: 0, reason: "it is not" },
		sum: 40,
		subtreeSum: 0,
		threshold: 30,
		heldBecause: "disputed",
		verdict: {
			exact: { action: "log-only", category: "c2", basis: "law" },
			subtree: { action: "block", category: "malware", basis: "policy" },
		},
	});
	t.same(lines, [
		"bad.example",
		"  blocked, with all below it: malware, basis policy",
		"  not blocked, only counted (log-only), this name alone: c2, basis law",
		"  held: disputed",
		"statements (weight × confidence), sum 40, of them 0 for all below it; the threshold is 30",
		"  cert  0.5 × 80  = 40                     c2  exact  tlp:red  1970-01-01 00:00Z to 1970-01-02 00:00Z",
		"    why",
		"  isp   1 × 80    = 80, log-only           c2  exact  tlp:red  1970-01-01 00:00Z to 1970-01-02 00:00Z",
		"    why",
		"  old   1 × 80    does not count: expired  c2  exact  tlp:red  1970-01-01 00:00Z to 1970-01-02 00:00Z",
		"    why",
		"disputes",
		"  isp-b, 1970-01-01 00:00Z: ours",
		"decision",
		"  operator, 1970-01-01 00:00Z: block, it is not",
	]);
});
