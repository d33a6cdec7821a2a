/** Records of the pool: what is said is what is read, and what anybody wrote into the store is read right or not at all. */
import fc from "fast-check";
import { test } from "tap";
import { BASES, POOL_CATEGORIES } from "../../src/config/vocabulary.ts";
import {
	decodeApproval,
	decodeContribution,
	decodeDecision,
	decodeDispute,
	decodeMember,
	encodeContribution,
	encodeDispute,
	validFromOf,
	validUntilOf,
} from "../../src/pool/codec.ts";
import type { Contribution } from "../../src/pool/contribution.ts";
import { TLPS } from "../../src/pool/contribution.ts";
import {
	approverOf,
	contributionKey,
	disputeKey,
	domainOf,
	isRecordKey,
	kindOf,
	memberOf,
} from "../../src/pool/record-key.ts";

const domain = fc.domain();
const member = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
const moment = fc.integer({ min: 0, max: 8.64e15 });
const text = fc.string({ unit: "binary", maxLength: 80 });

const contribution: fc.Arbitrary<Contribution> = fc.record({
	domain,
	scope: fc.constantFrom("subtree" as const, "exact" as const),
	member,
	category: fc.constantFrom(...POOL_CATEGORIES),
	confidence: fc.integer({ min: 0, max: 100 }),
	tlp: fc.constantFrom(...TLPS),
	basis: fc.constantFrom(...BASES),
	reason: text,
	reference: text,
	validFrom: moment,
	validUntil: moment,
	created: moment,
	modified: moment,
	id: fc.uuid(),
	approvalsNeeded: fc.integer({ min: 0, max: 100 }),
});

test("a contribution comes back as it was", (t) => {
	fc.assert(
		fc.property(contribution, (said) => {
			const key = contributionKey(said.domain, said.member);
			const value = encodeContribution(said);
			t.same(decodeContribution(key, value), said);
			return (
				isRecordKey(key) &&
				kindOf(key) === "contribution" &&
				domainOf(key) === said.domain &&
				memberOf(key) === said.member &&
				validFromOf(value) === said.validFrom &&
				validUntilOf(value) === said.validUntil
			);
		}),
	);
	t.end();
});

test("a dispute comes back as it was", (t) => {
	fc.assert(
		fc.property(domain, member, text, moment, (name, who, reason, created) => {
			const dispute = { domain: name, member: who, reason, created };
			t.same(decodeDispute(disputeKey(name, who), encodeDispute(dispute)), dispute);
		}),
	);
	t.end();
});

const DECODERS = [decodeContribution, decodeDispute, decodeApproval, decodeDecision, decodeMember];

test("what somebody else wrote: any text, and ours with something else in one place", (t) => {
	const json = fc.oneof(
		fc.json(),
		fc.string({ unit: "binary" }),
		fc.jsonValue().map((value) => JSON.stringify(value)),
	);
	const key = fc.oneof(
		fc.string({ unit: "binary" }),
		fc
			.tuple(domain, fc.constantFrom("c", "d", "a", "r", "m", "x"), fc.array(member, { maxLength: 3 }))
			.map((parts) => parts.flat().join("\t")),
	);
	fc.assert(
		fc.property(key, json, (where, value) => {
			for (const decode of DECODERS) decode(where, value);
			isRecordKey(where);
			approverOf(where);
			return true;
		}),
		{ numRuns: 2000 },
	);
	fc.assert(
		fc.property(contribution, fc.nat(), fc.jsonValue(), (said, place, other) => {
			const parts: unknown[] = JSON.parse(encodeContribution(said));
			const at = place % parts.length;
			parts[at] = other;
			const value = JSON.stringify(parts);
			const read = decodeContribution(contributionKey(said.domain, said.member), value);
			if (read === undefined) return true;
			// What is accepted has to mean what is stored.
			t.same(JSON.parse(encodeContribution(read)), parts);
			return true;
		}),
		{ numRuns: 2000 },
	);
	t.end();
});
