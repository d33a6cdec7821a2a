import { test } from "tap";
import type { PoolRecord } from "../../../src/pool/record.ts";
import type { JudgeOptions } from "./judging.ts";
import { DOMAIN, decided, disputed, HOUR, judgeOf, NOW, said, trusted } from "./judging.ts";

const TOLD = NOW - HOUR;
const LATER = NOW - 1000;

function isBlocked(records: readonly PoolRecord[], options: JudgeOptions = {}): boolean {
	return judgeOf(options).verdict(DOMAIN, records, NOW).subtree?.action === "block";
}

test("a dispute by a trusted member holds the domain, whatever the sum", async (t) => {
	t.notOk(isBlocked([said("cert"), disputed("isp")]), "weight 0.5 is enough");
	t.notOk(isBlocked([said("cert"), said("operator"), disputed("isp")]));
	t.ok(isBlocked([said("cert"), disputed("forum")]), "0.25 is not");
	t.ok(isBlocked([said("cert"), disputed("stranger")]));
	t.notOk(isBlocked([said("cert"), disputed("operator")]));
	t.notOk(isBlocked([said("cert"), disputed("cert")]), "even one's own");
	t.ok(isBlocked([said("cert"), disputed("isp")], { revoked: ["isp"] }));
	t.ok(isBlocked([said("cert"), disputed("isp")], { trust: { disputeWeight: 0.51 } }));
	t.notOk(isBlocked([said("cert"), disputed("stranger")], { trust: { disputeWeight: 0 } }));
});

test("a member that is only counted may dispute all the same", async (t) => {
	const members = [trusted("cert"), trusted("isp", 1, { mode: "log-only" })];
	t.notOk(isBlocked([said("cert"), disputed("isp")], { trust: { members } }));
});

test("a person turns the disputes down, until there is another", async (t) => {
	t.ok(isBlocked([said("cert"), disputed("isp", TOLD), decided("block", LATER)]));
	t.ok(isBlocked([said("cert"), disputed("isp", LATER), decided("block", LATER)]), "in the same moment");
	t.notOk(isBlocked([said("cert"), disputed("isp", LATER + 1), decided("block", LATER)]));
	t.notOk(isBlocked([said("cert"), disputed("isp", TOLD), disputed("operator"), decided("block", TOLD)]));
	t.notOk(
		isBlocked([said("isp"), disputed("isp", TOLD), decided("block", LATER)]),
		"it adds nothing to the sum",
	);
});

test("a person lets the domain go, until somebody states it anew", async (t) => {
	t.notOk(isBlocked([said("cert"), disputed("isp", TOLD), decided("release", LATER)]));
	t.notOk(isBlocked([said("cert"), decided("release", LATER)]), "without any dispute");
	t.notOk(
		isBlocked([said("cert", { modified: NOW }), decided("release", LATER)]),
		"a renewal does not undo it",
	);
	t.notOk(isBlocked([said("cert", { created: LATER }), decided("release", LATER)]), "in the same moment");
	t.ok(isBlocked([said("cert", { created: LATER + 1 }), disputed("isp", TOLD), decided("release", LATER)]));
	t.notOk(
		isBlocked([said("cert"), said("stranger", { created: NOW }), decided("release", LATER)]),
		"a newcomer does not bring back what others had said",
	);
	t.notOk(isBlocked([said("cert"), said("isp", { created: NOW }), decided("release", LATER)]), "40 alone");
	t.notOk(
		isBlocked([said("cert", { created: NOW }), disputed("isp", NOW), decided("release", LATER)]),
		"a dispute after the decision holds it again",
	);
});
