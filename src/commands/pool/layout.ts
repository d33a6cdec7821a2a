/** How the pool's things look on a terminal. */
import type { Contribution } from "../../pool/contribution.ts";
import type { HeldEntry } from "../../pool/desk.ts";

const NUMBER = new Intl.NumberFormat("en");

export function number(value: number): string {
	return NUMBER.format(value);
}

/** `1 line`, `2 lines`. */
export function counted(count: number, one: string, many = `${one}s`): string {
	return `${number(count)} ${count === 1 ? one : many}`;
}

/** To the minute, in UTC: nodes and members are in many places. */
export function moment(ms: number): string {
	return Number.isFinite(ms) && Math.abs(ms) < 8.64e15
		? `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")}Z`
		: "?";
}

export function contributionRow(one: Contribution): string[] {
	return [
		one.domain,
		one.scope === "exact" ? "exact" : "",
		one.member,
		one.category,
		String(one.confidence),
		`tlp:${one.tlp}`,
		`until ${moment(one.validUntil)}`,
		one.reason,
	];
}

export function heldLines(entry: HeldEntry): string[] {
	const { id, reason, since, approvals, approvalsNeeded, batch } = entry;
	const who = approvals.length === 0 ? "" : ` (${approvals.join(", ")})`;
	return [
		id,
		`  ${reason}`,
		...(batch === undefined
			? []
			: [`  of ${batch.member}: ${number(batch.puts)} added or changed, ${number(batch.deletes)} removed`]),
		`  since ${moment(since)}, approved by ${approvals.length} of ${approvalsNeeded}${who}`,
	];
}
