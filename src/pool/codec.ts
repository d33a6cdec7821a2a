/**
 * The values of records. A contribution is a JSON array that begins with a version and its validity: there are millions
 * of them, and the key says the domain and the member already. The others are JSON objects.
 *
 * What is decoded may come from anybody: a value that is malformed, of a later version, or at odds with its key means
 * nothing, and decodes to undefined.
 */
import { BASES, type Basis, type PoolCategory } from "../config/vocabulary.ts";
import type { Approval, Contribution, Decision, Dispute, Member, PoolScope, Tlp } from "./contribution.ts";
import { ROLES, TLPS } from "./contribution.ts";
import { approverOf, domainOf, kindOf, memberOf } from "./record-key.ts";

const VERSION = 1;
const START = `[${VERSION},`;

/** Their places are what is stored: add at the end, and change none. */
const SCOPES: readonly PoolScope[] = ["subtree", "exact"];
const CATEGORIES: readonly PoolCategory[] = [
	"malware",
	"phishing",
	"c2",
	"botnet",
	"fraud",
	"legal",
	"other",
];
const STORED_TLPS: readonly Tlp[] = TLPS;
const STORED_BASES: readonly Basis[] = BASES;

/** The last moment that a Date can hold. */
const LAST_MOMENT = 8.64e15;
const MOST_TEXT = 8192;
const MOST_APPROVALS = 100;

/** The domain and the member are not in it: they are in the key. */
export function encodeContribution(c: Contribution): string {
	return JSON.stringify([
		VERSION,
		c.validFrom,
		c.validUntil,
		c.confidence,
		SCOPES.indexOf(c.scope),
		CATEGORIES.indexOf(c.category),
		STORED_TLPS.indexOf(c.tlp),
		STORED_BASES.indexOf(c.basis),
		c.approvalsNeeded,
		c.created,
		c.modified,
		c.id,
		c.reason,
		c.reference,
	]);
}

export function decodeContribution(key: string, value: string): Contribution | undefined {
	const member = memberOf(key);
	if (kindOf(key) !== "contribution" || member === undefined || !value.startsWith(START)) return undefined;
	const parts: unknown = parsed(value);
	if (!Array.isArray(parts) || parts.length !== 14) return undefined;
	const [, validFrom, validUntil, confidence, scopeAt, categoryAt, tlpAt, basisAt, approvalsNeeded, created] =
		parts;
	const [modified, id, reason, reference] = parts.slice(10);
	const scope = entry(SCOPES, scopeAt);
	const category = entry(CATEGORIES, categoryAt);
	const tlp = entry(STORED_TLPS, tlpAt);
	const basis = entry(STORED_BASES, basisAt);
	if (scope === undefined || category === undefined || tlp === undefined || basis === undefined)
		return undefined;
	// Written so that it can be read without decoding, or not at all: both ways have to come to the same.
	if (validFrom !== validFromOf(value) || validUntil !== validUntilOf(value)) return undefined;
	if (!isMoment(created) || !isMoment(modified)) return undefined;
	if (!isCount(confidence, 100) || !isCount(approvalsNeeded, MOST_APPROVALS)) return undefined;
	if (!isText(id) || id === "" || !isText(reason) || !isText(reference)) return undefined;
	return {
		domain: domainOf(key),
		scope,
		member,
		category,
		confidence,
		tlp,
		basis,
		reason,
		reference,
		validFrom,
		validUntil,
		created,
		modified,
		id,
		approvalsNeeded,
	};
}

/** Of a contribution's value, without decoding it; NaN when it has none. */
export function validFromOf(value: string): number {
	return value.startsWith(START) ? digits(value, START.length) : Number.NaN;
}

/** Of a contribution's value, without decoding it; NaN when it has none. */
export function validUntilOf(value: string): number {
	if (!value.startsWith(START)) return Number.NaN;
	const comma = value.indexOf(",", START.length);
	return comma < 0 ? Number.NaN : digits(value, comma + 1);
}

/** The number that begins at `at` and ends at a comma. */
function digits(value: string, at: number): number {
	let sum = 0;
	for (let i = at; i < at + 17; i++) {
		const code = value.charCodeAt(i);
		if (code === 0x2c && i > at) return sum <= LAST_MOMENT ? sum : Number.NaN;
		if (!(code >= 0x30 && code <= 0x39)) return Number.NaN;
		sum = sum * 10 + code - 0x30;
	}
	return Number.NaN;
}

export function encodeDispute({ domain, member, reason, created }: Dispute): string {
	return JSON.stringify({ domain, member, reason, created });
}

export function decodeDispute(key: string, value: string): Dispute | undefined {
	if (kindOf(key) !== "dispute") return undefined;
	const { domain, member, reason, created } = fields(value);
	if (domain !== domainOf(key) || member !== memberOf(key) || typeof member !== "string") return undefined;
	if (!isText(reason) || !isMoment(created)) return undefined;
	return { domain: domainOf(key), member, reason, created };
}

export function encodeApproval({ domain, member, contribution, by, at }: Approval): string {
	return JSON.stringify({ domain, member, contribution, by, at });
}

export function decodeApproval(key: string, value: string): Approval | undefined {
	if (kindOf(key) !== "approval") return undefined;
	const { domain, member, contribution, by, at } = fields(value);
	if (domain !== domainOf(key) || member !== memberOf(key) || by !== approverOf(key)) return undefined;
	if (typeof member !== "string" || typeof by !== "string") return undefined;
	if (!isText(contribution) || !isMoment(at)) return undefined;
	return { domain: domainOf(key), member, contribution, by, at };
}

export function encodeDecision({ domain, verdict, by, at, reason }: Decision): string {
	return JSON.stringify({ domain, verdict, by, at, reason });
}

export function decodeDecision(key: string, value: string): Decision | undefined {
	if (kindOf(key) !== "decision") return undefined;
	const { domain, verdict, by, at, reason } = fields(value);
	if (domain !== domainOf(key) || (verdict !== "block" && verdict !== "release")) return undefined;
	if (!isText(by) || by === "" || !isMoment(at) || !isText(reason)) return undefined;
	return { domain: domainOf(key), verdict, by, at, reason };
}

export function encodeMember({ name, role, tokenHash, created, revoked }: Member): string {
	return JSON.stringify({ name, role, tokenHash, created, revoked });
}

export function decodeMember(key: string, value: string): Member | undefined {
	if (kindOf(key) !== "member") return undefined;
	const { name, role, tokenHash, created, revoked } = fields(value);
	const known = ROLES.find((r) => r === role);
	if (typeof name !== "string" || name !== memberOf(key) || known === undefined) return undefined;
	if (typeof tokenHash !== "string" || !/^([0-9a-f]{64})?$/.test(tokenHash) || !isMoment(created))
		return undefined;
	if (revoked === undefined) return { name, role: known, tokenHash, created };
	// One that says that it is revoked in a way we cannot read must not come to life again.
	return { name, role: known, tokenHash, created, revoked: isMoment(revoked) ? revoked : 0 };
}

function entry<T>(list: readonly T[], at: unknown): T | undefined {
	return typeof at === "number" ? list[at] : undefined;
}

function parsed(value: string): unknown {
	try {
		return JSON.parse(value);
	} catch {
		return undefined;
	}
}

function fields(value: string): Readonly<Record<string, unknown>> {
	const all = parsed(value);
	return typeof all === "object" && all !== null ? { ...all } : {};
}

function isMoment(value: unknown): value is number {
	return isCount(value, LAST_MOMENT);
}

function isCount(value: unknown, most: number): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most;
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value.length <= MOST_TEXT;
}
