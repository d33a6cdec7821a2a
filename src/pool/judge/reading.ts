/** What somebody wrote about a domain, as a contribution; or every fault that it has. */
import type { PoolSettings } from "../../config/pool-settings.ts";
import { BASES, MEMBER_NAME_RULE, POOL_CATEGORIES, type PoolCategory } from "../../config/vocabulary.ts";
import { type Contribution, type PoolScope, TLPS } from "../contribution.ts";
import type { Guard } from "../judging.ts";
import { Fields, shown } from "./fields.ts";
import { formatMoment } from "./moment.ts";
import { nameDomain } from "./named-domain.ts";

const DAY_MS = 86_400_000;
const MOST_AHEAD_DAYS = 30;
/** In characters, of reason and reference. */
const LONGEST_TEXT = 500;
const CONFIDENCE = 80;
const SCOPES: readonly PoolScope[] = ["subtree", "exact"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const KNOWN = [
	"op",
	"domain",
	"scope",
	"member",
	"category",
	"confidence",
	"tlp",
	"basis",
	"reason",
	"reference",
	"validFrom",
	"validUntil",
	"validFor",
	"id",
	"created",
	"modified",
	"approvalsNeeded",
] as const;

export interface ReadingParts {
	readonly validity: PoolSettings["validity"];
	readonly guard: Guard;
	readonly newId: () => string;
}

function readDomain(fields: Fields, guard: Guard): { domain: string; approvalsNeeded: number } | undefined {
	const value = fields.get("domain");
	if (typeof value !== "string") {
		return fields.fault("domain", value === undefined ? "is missing" : "must be text, a domain name");
	}
	const named = nameDomain(value);
	const word = "fault" in named ? undefined : guard.check(named.domain);
	if ("fault" in named) fields.faults.push(`domain ${named.fault}`);
	else if (word?.kind === "refused") fields.faults.push(`domain ${word.reason}`);
	else
		return { domain: named.domain, approvalsNeeded: word?.kind === "protected" ? word.approvalsNeeded : 0 };
	return undefined;
}

/** Undefined when a fault was found. */
function readValidity(
	fields: Fields,
	category: PoolCategory | undefined,
	validity: PoolSettings["validity"],
	now: number,
): { validFrom: number; validUntil: number } | undefined {
	const before = fields.faults.length;
	const validFrom = fields.moment("validFrom") ?? now;
	const start = Math.max(validFrom, now);
	if (validFrom > now + MOST_AHEAD_DAYS * DAY_MS) {
		fields.fault("validFrom", `must not be more than ${MOST_AHEAD_DAYS} days ahead`);
	}
	const until = fields.moment("validUntil");
	const length = fields.duration("validFor");
	if (fields.has("validUntil") && fields.has("validFor")) {
		fields.faults.push("validFor says the same as validUntil: give one of the two");
	}
	if (until !== undefined && until <= now) fields.fault("validUntil", "must not be past");
	else if (until !== undefined && until <= validFrom) fields.fault("validUntil", "must be after validFrom");
	if (category === undefined) return undefined;
	const { defaultMs, maxMs } = validity[category];
	const field = fields.has("validUntil") ? "validUntil" : "validFor";
	const validUntil = until ?? start + (length ?? defaultMs);
	if (validUntil > start + maxMs) {
		const days = Number((maxMs / DAY_MS).toFixed(2));
		const last = formatMoment(start + maxMs);
		fields.fault(field, `must not be more than ${days} days for ${category}, which is until ${last}`);
	}
	return fields.faults.length === before ? { validFrom, validUntil } : undefined;
}

/** What the pool itself gives: an export can be read again, and gets its own anew. */
function checkGiven(fields: Fields): void {
	const id = fields.get("id");
	if (id !== undefined && !(typeof id === "string" && UUID.test(id))) fields.fault("id", "must be a UUID");
	fields.moment("created");
	fields.moment("modified");
	fields.whole("approvalsNeeded", 0, 100, 0);
}

function checkMember(fields: Fields, member: string): void {
	const value = fields.get("member");
	if (value === undefined || value === member) return;
	if (typeof value !== "string") fields.fault("member", MEMBER_NAME_RULE);
	else fields.fault("member", `must be ${member}, who brings it in, or be left out`);
}

/** `member` brings it in; nothing that comes from outside makes this throw. */
export function readContribution(
	value: unknown,
	member: string,
	now: number,
	{ validity, guard, newId }: ReadingParts,
): Contribution | readonly string[] {
	if (value instanceof Error) return [value.message];
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		const example = `{"domain": "evil.example", "category": "phishing"}`;
		return [`a contribution must be a JSON object such as ${example}; it is ${shown(value)}`];
	}
	const fields = new Fields(value);
	fields.refuseOthers(KNOWN);
	fields.word("op", ["add"], "add");
	const about = readDomain(fields, guard);
	const scope = fields.word("scope", SCOPES, "subtree");
	checkMember(fields, member);
	const category = fields.word("category", POOL_CATEGORIES);
	const confidence = fields.whole("confidence", 0, 100, CONFIDENCE);
	const tlp = fields.word("tlp", TLPS, "green");
	const basis = fields.word("basis", BASES, "policy");
	const reason = fields.line("reason", LONGEST_TEXT);
	const reference = fields.line("reference", LONGEST_TEXT);
	const valid = readValidity(fields, category, validity, now);
	checkGiven(fields);
	if (fields.faults.length > 0) return fields.faults;
	if (!about || !scope || !category || !tlp || !basis || !valid) {
		throw new TypeError("a field without fault has no value");
	}
	return {
		domain: about.domain,
		scope,
		member,
		category,
		confidence,
		tlp,
		basis,
		reason,
		reference,
		...valid,
		created: now,
		modified: now,
		id: newId(),
		approvalsNeeded: about.approvalsNeeded,
	};
}
