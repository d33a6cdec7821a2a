/** What records are stored as, and what becomes of values that were tampered with. */
import { test } from "tap";
import { BASES, POOL_CATEGORIES } from "../../src/config/vocabulary.ts";
import {
	decodeApproval,
	decodeContribution,
	decodeDecision,
	decodeDispute,
	decodeMember,
	encodeApproval,
	encodeContribution,
	encodeDecision,
	encodeDispute,
	encodeMember,
	validFromOf,
	validUntilOf,
} from "../../src/pool/codec.ts";
import type { Contribution } from "../../src/pool/contribution.ts";
import { TLPS } from "../../src/pool/contribution.ts";
import {
	approvalKey,
	contributionKey,
	decisionKey,
	disputeKey,
	memberKey,
} from "../../src/pool/record-key.ts";
import { contribution } from "./store-contract/pool.ts";

const KEY = contributionKey("a.example", "cert");
const FULL = contribution({
	domain: "a.example",
	scope: "exact",
	category: "legal",
	confidence: 100,
	tlp: "red",
	basis: "request",
	reason: 'says "no"\n\u2028\u{1f480}',
	reference: "https://cert.example/7?a=[1,2]",
	validFrom: 0,
	validUntil: 8.64e15,
	created: 1,
	modified: 2,
	approvalsNeeded: 2,
});

test("a contribution comes back as it was, in few bytes", (t) => {
	t.strictSame(decodeContribution(KEY, encodeContribution(FULL)), FULL);
	for (const category of POOL_CATEGORIES) {
		for (const basis of BASES) {
			for (const tlp of TLPS) {
				const c = contribution({ domain: "a.example", category, basis, tlp });
				t.strictSame(decodeContribution(KEY, encodeContribution(c)), c);
			}
		}
	}
	const plain = encodeContribution(contribution({ domain: "a.example" }));
	t.ok(plain.length <= 130, `${plain.length} bytes`);
	t.end();
});

test("the places of words in stored values never change", (t) => {
	t.equal(
		encodeContribution({ ...FULL, reason: "r", reference: "f", id: "i", validFrom: 5, validUntil: 6 }),
		'[1,5,6,100,1,5,4,2,2,1,2,"i","r","f"]',
	);
	const words = (value: string): Partial<Contribution> => {
		const { scope, category, tlp, basis } = decodeContribution(KEY, value) ?? {};
		return { scope, category, tlp, basis } as Partial<Contribution>;
	};
	const value = (scope: number, category: number, tlp: number, basis: number) =>
		`[1,5,6,50,${scope},${category},${tlp},${basis},0,1,2,"i","",""]`;
	t.same(words(value(0, 0, 0, 0)), { scope: "subtree", category: "malware", tlp: "clear", basis: "policy" });
	t.same(words(value(1, 1, 1, 1)), { scope: "exact", category: "phishing", tlp: "green", basis: "law" });
	t.same(words(value(0, 2, 2, 2)), { scope: "subtree", category: "c2", tlp: "amber", basis: "request" });
	t.same(words(value(0, 3, 3, 0)), {
		scope: "subtree",
		category: "botnet",
		tlp: "amber+strict",
		basis: "policy",
	});
	t.same(words(value(0, 4, 4, 0)), { scope: "subtree", category: "fraud", tlp: "red", basis: "policy" });
	t.same(words(value(0, 6, 0, 0)), { scope: "subtree", category: "other", tlp: "clear", basis: "policy" });
	t.end();
});

test("validity is read without decoding", (t) => {
	const value = encodeContribution(FULL);
	t.equal(validFromOf(value), 0);
	t.equal(validUntilOf(value), 8.64e15);
	for (const bad of [
		"",
		"[1,",
		"[1,5",
		"[2,5,6,",
		"[1,x,6,",
		"[1,-5,6,",
		"[1,,6,",
		"[1, 5,6,",
		"[1,8640000000000001,1,",
	]) {
		t.ok(Number.isNaN(validFromOf(bad)), `from of ${bad}`);
	}
	for (const bad of [
		"",
		"[1,5",
		"[1,5,",
		"[1,5,6",
		"[2,5,6,",
		"[1,5,,",
		"[1,5,1e3,",
		"[1,5,99999999999999999999,",
	]) {
		t.ok(Number.isNaN(validUntilOf(bad)), `until of ${bad}`);
	}
	t.end();
});

test("contributions that mean nothing", (t) => {
	const good: readonly unknown[] = JSON.parse(encodeContribution(FULL));
	const hostile: readonly (readonly [number, unknown])[] = [
		[0, 2],
		[0, "1"],
		[1, -1],
		[1, 1.5],
		[1, "5"],
		[1, 8.64e15 + 1],
		[2, null],
		[2, 1e300],
		[3, -1],
		[3, 101],
		[3, 50.5],
		[3, "80"],
		[3, true],
		[4, 2],
		[4, -1],
		[4, "length"],
		[4, "__proto__"],
		[5, 7],
		[5, "map"],
		[5, 0.5],
		[6, 5],
		[7, 3],
		[7, {}],
		[8, -1],
		[8, 1000],
		[9, "now"],
		[10, -1],
		[10, [1]],
		[11, ""],
		[11, 5],
		[11, null],
		[12, 5],
		[12, "x".repeat(10_000)],
		[13, null],
		[13, { toString: 1 }],
	];
	for (const [at, value] of hostile) {
		const bad = JSON.stringify(good.map((v, i) => (i === at ? value : v)));
		t.equal(decodeContribution(KEY, bad), undefined, bad.slice(0, 100));
	}
	const text = JSON.stringify(good);
	const rest = [
		JSON.stringify([...good, 1]),
		JSON.stringify(good.slice(0, -1)),
		text.slice(0, -1),
		`${text}]`,
		` ${text}`,
	];
	for (const bad of ["", "null", "{}", "[]", "[1,]", "\0", "[1", ...rest, text.replace("[1,0,", "[1,0e0,")]) {
		t.equal(decodeContribution(KEY, bad), undefined, bad.slice(0, 100));
	}
	t.ok(decodeContribution(KEY, text) !== undefined);
	for (const key of [
		"",
		"a.example",
		"a.example\tc\t",
		disputeKey("a.example", "cert"),
		memberKey("cert"),
		"\tc\tcert",
	]) {
		t.equal(decodeContribution(key, text), undefined, JSON.stringify(key));
	}
	t.end();
});

test("the other records come back as they were", (t) => {
	const dispute = { domain: "a.example", member: "isp-b", reason: "it is ours \u{1f480}", created: 5 };
	t.strictSame(decodeDispute(disputeKey("a.example", "isp-b"), encodeDispute(dispute)), dispute);
	const approval = { domain: "a.example", member: "cert", contribution: "id", by: "operator", at: 6 };
	t.strictSame(
		decodeApproval(approvalKey("a.example", "cert", "operator"), encodeApproval(approval)),
		approval,
	);
	for (const verdict of ["block", "release"] as const) {
		const decision = { domain: "a.example", verdict, by: "operator", at: 7, reason: "" };
		t.strictSame(decodeDecision(decisionKey("a.example"), encodeDecision(decision)), decision);
	}
	const member = { name: "cert", role: "admin", tokenHash: "0".repeat(64), created: 8 } as const;
	t.strictSame(decodeMember(memberKey("cert"), encodeMember(member)), member);
	const revoked = { ...member, tokenHash: "", revoked: 9 };
	t.strictSame(decodeMember(memberKey("cert"), encodeMember(revoked)), revoked);
	t.end();
});

test("other records that mean nothing", (t) => {
	const dispute = { domain: "a.example", member: "b", reason: "", created: 5 };
	const approval = { domain: "a.example", member: "b", contribution: "id", by: "c", at: 6 };
	const decision = { domain: "a.example", verdict: "block", by: "c", at: 7, reason: "" };
	const member = { name: "b", role: "reader", tokenHash: "", created: 8 };
	const cases = [
		[
			decodeDispute,
			disputeKey("a.example", "b"),
			dispute,
			{ domain: "x.example", member: "c", reason: 5, created: -1 },
		],
		[
			decodeApproval,
			approvalKey("a.example", "b", "c"),
			approval,
			{ domain: "x.example", member: "c", contribution: null, by: "b", at: "6" },
		],
		[
			decodeDecision,
			decisionKey("a.example"),
			decision,
			{ domain: "", verdict: "allow", by: "", at: 1.5, reason: {} },
		],
		[decodeMember, memberKey("b"), member, { name: "c", role: "root", tokenHash: "XYZ", created: null }],
	] as const;
	for (const [decode, key, good, bad] of cases) {
		t.ok(decode(key, JSON.stringify(good)) !== undefined, key);
		t.ok(decode(key, JSON.stringify({ ...good, surplus: 1 })) !== undefined, "a later version may say more");
		for (const [field, value] of Object.entries(bad)) {
			t.equal(decode(key, JSON.stringify({ ...good, [field]: value })), undefined, `${field} ${value}`);
			t.equal(decode(key, JSON.stringify({ ...good, [field]: undefined })), undefined, `no ${field}`);
		}
		for (const text of ["", "null", "5", '"x"', "[]", "{", JSON.stringify([good])]) {
			t.equal(decode(key, text), undefined, text);
		}
		t.equal(decode(KEY, JSON.stringify(good)), undefined, "the key of a contribution");
		t.equal(decode("", JSON.stringify(good)), undefined);
	}
	t.end();
});

test("a member that is revoked in whatever way stays revoked", (t) => {
	const member = { name: "b", role: "reader", tokenHash: "", created: 8 };
	for (const revoked of [true, "yes", -1, null, {}, 1e300]) {
		const decoded = decodeMember(memberKey("b"), JSON.stringify({ ...member, revoked }));
		t.equal(decoded?.revoked, 0, JSON.stringify(revoked));
	}
	t.end();
});
