/** What the pool in memory makes of one line. */
import type { Contribution } from "../../src/pool/contribution.ts";
import type { DraftLine, LineVerdict } from "../../src/pool/desk.ts";
import { domainName } from "../../src/wire/domain.ts";

export const MOMENT = Date.UTC(2026, 10, 23, 12);

export function judgeLine(
	{ line, value }: DraftLine,
	member: string,
	staged: Map<string, Contribution>,
): LineVerdict {
	if (value instanceof Error) return { line, status: "refused", reason: value.message };
	const fields = value as Partial<Contribution> & { op?: string };
	if (typeof fields !== "object" || fields === null || typeof fields.domain !== "string") {
		return { line, status: "refused", reason: "domain is missing" };
	}
	const domain = domainName(fields.domain);
	if (domain === undefined) return { line, status: "refused", reason: `"${fields.domain}" is no name` };
	const key = `${domain}\t${member}`;
	if (fields.op === "withdraw") return { line, status: staged.delete(key) ? "withdrawn" : "absent", domain };
	if (fields.category === undefined) {
		return { line, status: "refused", domain, reason: "category is missing; it must be malware or other" };
	}
	const status = staged.has(key) ? "replaced" : "added";
	const waits = domain === "protected.example";
	staged.set(key, {
		scope: "subtree",
		confidence: 80,
		tlp: "green",
		basis: "policy",
		reason: "",
		reference: "",
		validFrom: MOMENT,
		validUntil: MOMENT + 86_400_000,
		...fields,
		category: fields.category,
		domain,
		member,
		created: MOMENT,
		modified: MOMENT,
		id: "00000000-0000-4000-8000-000000000000",
		approvalsNeeded: waits ? 2 : 0,
	});
	return waits
		? { line, status: "pending", domain, reason: "2 people have to approve it" }
		: { line, status, domain };
}
