/** Keys of records, built and taken apart. */
import { test } from "tap";
import {
	approvalKey,
	approverOf,
	contributionKey,
	decisionKey,
	disputeKey,
	domainOf,
	isRecordKey,
	kindOf,
	memberKey,
	memberOf,
} from "../../src/pool/record-key.ts";

test("keys say what they are about", (t) => {
	const cases = [
		[
			contributionKey("a.example", "cert"),
			"a.example\tc\tcert",
			"contribution",
			"a.example",
			"cert",
			undefined,
		],
		[disputeKey("a.example", "isp-b"), "a.example\td\tisp-b", "dispute", "a.example", "isp-b", undefined],
		[approvalKey("a.example", "cert", "al"), "a.example\ta\tcert\tal", "approval", "a.example", "cert", "al"],
		[decisionKey("a.example"), "a.example\tr", "decision", "a.example", undefined, undefined],
		[memberKey("cert"), "\tm\tcert", "member", "", "cert", undefined],
	] as const;
	for (const [key, text, kind, domain, member, by] of cases) {
		t.equal(key, text);
		t.equal(kindOf(key), kind);
		t.equal(domainOf(key), domain);
		t.equal(memberOf(key), member);
		t.equal(approverOf(key), by);
		t.equal(isRecordKey(key), true);
	}
	t.end();
});

test("keys in order are domains in order, and members stand before them", (t) => {
	const keys = [
		memberKey("z"),
		contributionKey("a.example", "z"),
		decisionKey("a.example"),
		contributionKey("a.example-b.test", "a"),
		contributionKey("a.example.test", "a"),
	];
	t.strictSame([...keys].sort(), keys);
	t.end();
});

test("what is no key", (t) => {
	const none = [
		"",
		"\t",
		"\t\t",
		"a",
		"a.example",
		"a.example\t",
		"a.example\tx\tcert",
		"\tc\tcert",
		"\tr",
		"\td\tx",
		"\ta\tb\tc",
	];
	const odd = [
		"a.example\tm\tcert",
		"a.example\trr",
		"a.example\tr\t",
		"a.example\tcc\tx",
		"a.example\tc",
		"\tmcert",
	];
	for (const key of [...none, ...odd]) {
		t.equal(kindOf(key), undefined, JSON.stringify(key));
		t.equal(isRecordKey(key), false, JSON.stringify(key));
	}
	const malformed = [
		"a.example\tc\t",
		"a.example\tc\ta\tb",
		"a.example\ta\tb",
		"a.example\ta\tb\t",
		"a.example\ta\t\tb",
		"a.example\ta\tb\tc\td",
		"\tm\t",
		"\tm\ta\tb",
		"ä.example\tc\tcert",
		"a.example\tc\tce\u0000rt",
		"a.example\tc\tcert\n",
		`${"a".repeat(254)}\tc\tcert`,
		`a.example\tc\t${"m".repeat(64)}`,
	];
	for (const key of malformed) t.equal(isRecordKey(key), false, JSON.stringify(key));
	for (const key of [undefined, null, 5, {}, ["a\tr"]]) t.equal(isRecordKey(key), false, JSON.stringify(key));
	t.equal(isRecordKey(`${"a".repeat(253)}\ta\t${"m".repeat(63)}\t${"m".repeat(63)}`), true);
	t.equal(memberOf("a.example\tc\t"), undefined);
	t.equal(approverOf("a.example\ta\tb\t"), undefined);
	t.end();
});
