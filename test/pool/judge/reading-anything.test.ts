import fc from "fast-check";
import { test } from "tap";
import { BASES, POOL_CATEGORIES } from "../../../src/config/vocabulary.ts";
import { decodeContribution, encodeContribution } from "../../../src/pool/codec.ts";
import { TLPS } from "../../../src/pool/contribution.ts";
import { contributionKey, isRecordKey } from "../../../src/pool/record-key.ts";
import { DAY, judgeOf, NOW } from "./judging.ts";

const judge = judgeOf();

/** A contribution comes back from its record as it was; faults are sentences for people. */
function isAnswer(value: unknown): boolean {
	const outcome = judge.read(value, "cert", NOW);
	if (!("domain" in outcome)) {
		return outcome.length > 0 && outcome.every((fault) => fault.length < 400 && !/\p{Cc}/u.test(fault));
	}
	const key = contributionKey(outcome.domain, outcome.member);
	const back = decodeContribution(key, encodeContribution(outcome));
	return isRecordKey(key) && JSON.stringify(back) === JSON.stringify(outcome);
}

test("any JSON is a contribution or has faults, and never throws", async (t) => {
	t.doesNotThrow(() => fc.assert(fc.property(fc.jsonValue(), isAnswer), { numRuns: 500 }));
});

test("any values in the fields that there are", async (t) => {
	const words = fc.constantFrom("subtree", "exact", "malware", "legal", "green", "law", "add", "cert", "7d");
	const moments = fc.constantFrom(
		NOW + 1,
		253_402_300_799_999,
		"2027-01-16T00:00:00Z",
		"2027-02-01T00:00:00+14:00",
		"9999-12-31T23:59:59Z",
	);
	const names = fc.oneof(
		fc.domain(),
		fc.constantFrom("bad.example", "a.test.", "BÜ.example", "http://x.test/"),
	);
	const anything = fc.oneof(words, moments, names, fc.integer({ min: -5, max: 105 }), fc.jsonValue());
	const value = fc.record(
		{
			op: anything,
			domain: fc.oneof(names, anything),
			scope: anything,
			member: anything,
			category: fc.oneof(words, anything),
			confidence: anything,
			tlp: anything,
			basis: anything,
			reason: fc.oneof(fc.string({ unit: "binary" }), anything),
			reference: anything,
			validFrom: fc.oneof(moments, anything),
			validUntil: fc.oneof(moments, anything),
			validFor: fc.oneof(words, anything),
			id: anything,
			created: anything,
		},
		{ requiredKeys: [] },
	);
	t.doesNotThrow(() => fc.assert(fc.property(value, isAnswer), { numRuns: 2000 }));
});

test("any text as a domain", async (t) => {
	const text = fc.oneof(
		fc.string({ unit: "binary", maxLength: 300 }),
		fc.string({ unit: fc.constantFrom(..."a.:/@[]*-0x%\\?# ü。") }),
		fc.webUrl(),
		fc.ipV6(),
		fc.ipV4Extended(),
	);
	t.doesNotThrow(() =>
		fc.assert(
			fc.property(text, (domain) => isAnswer({ domain, category: "malware" })),
			{ numRuns: 3000 },
		),
	);
});

test("what is right in every field is taken as it is", async (t) => {
	const one = fc.record({
		// Labels of any letters might by chance be an A-label that means nothing.
		domain: fc
			.array(fc.stringMatching(/^[a-z0-9]{1,9}(-[a-z0-9]{1,9})?$/), { minLength: 1, maxLength: 5 })
			.map((labels) => `${labels.join(".")}.bad.example`),
		scope: fc.constantFrom("subtree", "exact"),
		category: fc.constantFrom(...POOL_CATEGORIES),
		confidence: fc.integer({ min: 0, max: 100 }),
		tlp: fc.constantFrom(...TLPS),
		basis: fc.constantFrom(...BASES),
		reason: fc.string({ unit: "grapheme", maxLength: 60 }),
		reference: fc.webUrl(),
		validUntil: fc.integer({ min: 1, max: 90 * DAY }).map((ms) => new Date(NOW + ms).toISOString()),
	});
	t.doesNotThrow(() =>
		fc.assert(
			fc.property(one, (value) => {
				const { validUntil, ...rest } = value;
				const outcome = judge.read(value, "cert", NOW);
				if (!("domain" in outcome)) return value.domain.length > 253;
				const kept = Object.entries(rest).every(([key, said]) =>
					Object.entries(outcome).some(([k, v]) => k === key && v === said),
				);
				return kept && outcome.validUntil === Date.parse(validUntil) && isAnswer(value);
			}),
			{ numRuns: 1000 },
		),
	);
});
