import { test } from "tap";
import type { Contribution } from "../../../src/pool/contribution.ts";
import { DAY, guardOf, HOUR, judgeOf, NOW } from "./judging.ts";

const GOOD = { domain: "bad.example", category: "phishing" };
const judge = judgeOf({
	guard: guardOf({
		ownNames: ["isp.example"],
		protect: ["bank.example"],
		infrastructure: ["lists.example.net"],
	}),
});

function read(value: unknown): Contribution | readonly string[] {
	return judge.read(value, "cert", NOW);
}

function faultsOf(value: unknown): readonly string[] {
	const outcome = read(value);
	return "domain" in outcome ? [] : outcome;
}

test("the defaults", async (t) => {
	const { id, ...contribution } = read(GOOD) as Contribution;
	t.same(contribution, {
		domain: "bad.example",
		scope: "subtree",
		member: "cert",
		category: "phishing",
		confidence: 80,
		tlp: "green",
		basis: "policy",
		reason: "",
		reference: "",
		validFrom: NOW,
		validUntil: NOW + 14 * DAY,
		created: NOW,
		modified: NOW,
		approvalsNeeded: 0,
	});
	t.match(id, /^[0-9a-f-]{36}$/);
	t.not((read(GOOD) as Contribution).id, id, "each gets an id of its own");
});

test("all that can be said", async (t) => {
	const contribution = read({
		op: "add",
		domain: " BÜCHER.example. ",
		scope: "exact",
		member: "cert",
		category: "legal",
		confidence: 0,
		tlp: "amber+strict",
		basis: "law",
		reason: "décision n° 7, 日本語 🙂",
		reference: "https://court.example/7",
		validFrom: "2027-01-20T00:00:00+01:00",
		validUntil: "2027-03-01T00:00:00Z",
		id: "6F9619FF-8B86-4011-B42D-00C04FC964FF",
		created: "2020-01-01T00:00:00Z",
		modified: "2020-01-01T00:00:00Z",
		approvalsNeeded: 2,
	});
	t.match(contribution, {
		domain: "xn--bcher-kva.example",
		scope: "exact",
		confidence: 0,
		tlp: "amber+strict",
		basis: "law",
		reason: "décision n° 7, 日本語 🙂",
		validFrom: Date.UTC(2027, 0, 19, 23),
		validUntil: Date.UTC(2027, 2, 1),
	});
	t.match(
		contribution,
		{ created: NOW, modified: NOW, approvalsNeeded: 0 },
		"what the pool gives is given anew",
	);
	t.not((contribution as Contribution).id, "6F9619FF-8B86-4011-B42D-00C04FC964FF");
});

test("a field that is wrong is named, with what it is and what is allowed", async (t) => {
	const long = "a".repeat(501);
	const table: readonly [more: Readonly<Record<string, unknown>>, fault: string | RegExp][] = [
		[{ domain: undefined }, "domain is missing"],
		[{ domain: 7 }, "domain must be text, a domain name; it is 7"],
		[{ domain: null }, "domain must be text, a domain name; it is null"],
		[{ domain: ["bad.example"] }, "domain must be text, a domain name; it is a list"],
		[{ domain: "" }, "domain must be a domain name; it is empty"],
		[{ domain: "192.0.2.1" }, /^domain "192\.0\.2\.1" is an IP address/],
		[{ domain: "*.bad.example" }, /^domain "\*\.bad\.example" begins with/],
		[{ domain: "com" }, /^domain com is a single label/],
		[{ domain: "co.uk" }, /^domain co\.uk is a public suffix/],
		[{ domain: "x.onion" }, /^domain x\.onion is below onion/],
		[
			{ domain: "mail.isp.example" },
			/^domain mail\.isp\.example is below isp\.example, one of this operator's own/,
		],
		[{ domain: "example.net" }, /^domain example\.net is above lists\.example\.net/],
		[{ scope: "tree" }, 'scope must be subtree or exact; it is "tree"'],
		[{ scope: "Exact" }, /^scope must be subtree or exact; it is "Exact"\. Did you mean exact\?$/],
		[{ scope: true }, "scope must be subtree or exact; it is true"],
		[{ member: "isp" }, 'member must be cert, who brings it in, or be left out; it is "isp"'],
		[{ member: 1 }, /^member must be 1 to 63 lower case letters/],
		[{ category: undefined }, /^category is missing; it must be malware, phishing, .* or other$/],
		[{ category: "ads" }, /^category must be malware, .* or other; it is "ads"/],
		[{ category: "pishing" }, /Did you mean phishing\?$/],
		[{ confidence: "high" }, 'confidence must be a whole number from 0 to 100; it is "high"'],
		[{ confidence: "80" }, /^confidence must be a whole number/],
		[{ confidence: 80.5 }, "confidence must be a whole number from 0 to 100; it is 80.5"],
		[{ confidence: 101 }, /it is 101$/],
		[{ confidence: -1 }, /it is -1$/],
		[{ confidence: Number.POSITIVE_INFINITY }, /it is Infinity$/],
		[{ confidence: null }, /it is null$/],
		[{ tlp: "white" }, /^tlp must be clear, green, amber, amber\+strict or red; it is "white"/],
		[{ tlp: "TLP:RED" }, /^tlp must be/],
		[{ basis: "court" }, /^basis must be policy, law or request; it is "court"/],
		[{ reason: 5 }, "reason must be text of at most 500 characters; it is 5"],
		[{ reason: long }, /^reason must be text of at most 500 characters, and has more; it is "aaa/],
		[{ reason: "🙂".repeat(501) }, /and has more/],
		[
			{ reason: "two\nlines" },
			/^reason must be one line of text without control characters; it is "two\\x0alines"$/,
		],
		[{ reason: "\u001b[2J" }, /without control characters/],
		[{ reason: "a\u202eb" }, /without control characters/],
		[{ reason: "\ud800" }, /without control characters/],
		[{ reference: { url: "x" } }, "reference must be text of at most 500 characters; it is an object"],
		[{ reference: long }, /^reference/],
		[
			{ validFrom: 1_800_000_000 },
			/^validFrom must be a moment .* or milliseconds since 1970; it is 1800000000$/,
		],
		[{ validFrom: 1_800_000_000_000.5 }, /^validFrom must be a moment/],
		[{ validUntil: 8.64e15 }, /^validUntil must be a moment/],
		[{ validFrom: 253_402_300_799_999 }, /^validFrom must not be more than 30 days ahead/],
		[{ validUntil: NOW }, /^validUntil must not be past/],
		[{ validFrom: "2027-02-30T00:00:00Z" }, /^validFrom must be a moment/],
		[{ validFrom: "1960-01-01T00:00:00Z" }, /^validFrom must not be before 1970/],
		[{ validFrom: "2027-02-15T00:00:00Z" }, /^validFrom must not be more than 30 days ahead/],
		[{ validUntil: "soon" }, /^validUntil must be a moment/],
		[{ validUntil: "2027-01-15T12:00:00Z" }, /^validUntil must not be past/],
		[
			{ validFrom: "2027-01-20T00:00:00Z", validUntil: "2027-01-20T00:00:00Z" },
			/^validUntil must be after validFrom/,
		],
		[
			{ validUntil: "2027-04-16T00:00:00Z" },
			'validUntil must not be more than 90 days for phishing, which is until 2027-04-15T12:00:00Z; it is "2027-04-16T00:00:00Z"',
		],
		[{ validFor: "91d" }, /^validFor must not be more than 90 days for phishing/],
		[{ validFor: 7 }, /^validFor must be a duration above zero, such as 12h, 7d or 2w; it is 7$/],
		[{ validFor: "0s" }, /^validFor must be a duration above zero/],
		[{ validFor: "-1d" }, /^validFor must be a duration/],
		[{ validFor: "1d", validUntil: "2027-01-16T12:00:00Z" }, /^validFor says the same as validUntil/],
		[{ confidance: 80 }, '"confidance" is no field of a contribution. Did you mean confidence?'],
		[{ valid_until: "x" }, '"valid_until" is no field of a contribution. Did you mean validUntil?'],
		[{ zzz: 1 }, /^"zzz" is no field of a contribution: there are op, domain, scope/],
		[{ constructor: 1 }, /^"constructor" is no field/],
		[JSON.parse('{"__proto__": {"confidence": 7}}'), /^"__proto__" is no field/],
		[{ "a\u001b[2J": 1 }, /^"a\\x1b\[2J" is no field/],
		[{ op: "remove" }, /^op must be/],
		[{ id: "7" }, 'id must be a UUID; it is "7"'],
		[{ created: 7 }, /^created must be a moment/],
		[{ modified: "never" }, /^modified must be a moment/],
		[{ approvalsNeeded: -1 }, /^approvalsNeeded must be a whole number/],
	];
	for (const [more, fault] of table) {
		const faults = faultsOf({ ...GOOD, ...more });
		t.equal(faults.length, 1, `${JSON.stringify(more).slice(0, 80)}: ${faults.join("; ")}`);
		t.match(faults[0], fault);
		t.notMatch(faults[0], /[\p{Cc}]/u, "nothing that a terminal obeys");
		t.ok((faults[0] ?? "").length < 400);
	}
});

test("what is at its limit is right", async (t) => {
	for (const more of [
		{ confidence: 100 },
		{ reason: "a".repeat(500) },
		{ reason: "🙂".repeat(500) },
		{ reference: "" },
		{ validFrom: "2027-02-14T12:00:00Z" },
		{ validUntil: "2027-04-15T12:00:00Z" },
		{ validFor: "90d" },
		{ validUntil: "2027-01-15T12:00:00.001Z" },
		{ validFrom: "2020-01-01T00:00:00Z" },
		{ validFrom: NOW - DAY, validUntil: NOW + DAY, created: NOW - DAY, modified: NOW - DAY },
	]) {
		t.same(faultsOf({ ...GOOD, ...more }), [], JSON.stringify(more).slice(0, 60));
	}
});

test("all faults are told at once", async (t) => {
	const faults = faultsOf({
		domain: "http://192.0.2.1/",
		category: "evil",
		confidence: 1000,
		tlp: 3,
		reason: 1,
		validUntil: "x",
		extra: 1,
	});
	t.same(
		faults.map((fault) => fault.split(" ", 1)[0]),
		['"extra"', "domain", "category", "confidence", "tlp", "reason", "validUntil"],
	);
});

test("many unknown fields are counted", async (t) => {
	const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`field${i}`, 1]));
	const faults = faultsOf({ ...GOOD, ...many });
	t.equal(faults.length, 11);
	t.equal(faults[10], "4990 more fields are none of a contribution");
});

test("what is no object", async (t) => {
	for (const [value, is] of [
		[undefined, "undefined"],
		[null, "null"],
		[7, "7"],
		["bad.example", '"bad.example"'],
		[[], "a list"],
		[true, "true"],
	] as const) {
		const [fault, ...others] = faultsOf(value);
		t.same(others, []);
		t.match(
			fault,
			`must be a JSON object such as {"domain": "evil.example", "category": "phishing"}; it is ${is}`,
		);
	}
	t.same(faultsOf(new Error("line 3 is no JSON")), ["line 3 is no JSON"]);
});

test("validity: defaults, lengths and ceilings by category", async (t) => {
	const untilOf = (more: object) => (read({ ...GOOD, ...more }) as Contribution).validUntil - NOW;
	for (const [category, days] of [
		["malware", 90],
		["phishing", 14],
		["c2", 90],
		["botnet", 90],
		["fraud", 30],
		["legal", 365],
		["other", 30],
	]) {
		t.equal(untilOf({ category }), Number(days) * DAY, String(category));
	}
	t.equal(untilOf({ validFor: "36h" }), 36 * HOUR);
	t.equal(untilOf({ validFrom: "2027-01-16T12:00:00Z", validFor: "1d" }), 2 * DAY, "from when it begins");
	t.equal(untilOf({ validFrom: "2026-01-16T12:00:00Z" }), 14 * DAY, "but never from the past");
	const shorter = judgeOf({ validity: { phishing: { defaultMs: HOUR, maxMs: 36 * HOUR } } });
	t.match(shorter.read(GOOD, "cert", NOW), { validUntil: NOW + HOUR });
	t.match(shorter.read({ ...GOOD, validFor: "2d" }, "cert", NOW), [
		/^validFor must not be more than 1\.5 days/,
	]);
});

test("what touches a protected name says how many have to approve", async (t) => {
	t.match(read({ ...GOOD, domain: "bank.example" }), { domain: "bank.example", approvalsNeeded: 2 });
	t.match(read({ ...GOOD, domain: "login.bank.example" }), { approvalsNeeded: 0 });
});

test("what the pool gives out can be read again", async (t) => {
	const first = read({ ...GOOD, reason: "seen", reference: "https://cert.example/1" }) as Contribution;
	const again = judge.read(JSON.parse(JSON.stringify(first)), "cert", NOW + HOUR) as Contribution;
	t.same(again, { ...first, created: NOW + HOUR, modified: NOW + HOUR, id: again.id });
});
