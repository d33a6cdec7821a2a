/** What people write besides contributions, checked: domains and reasons. */
import { domainFault, domainName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { DeskError } from "../desk.ts";

const LONGEST_REASON = 1000;

/** The domain in its final form; rejects with 400 and why it is none. */
export function askedDomain(text: unknown): string {
	if (typeof text !== "string") throw new DeskError(400, "domain: must be a text such as bad.example.org");
	const name = domainName(text);
	if (name === undefined) throw new DeskError(400, `domain: ${domainFault(text) ?? "is no name"}`);
	return name;
}

/** Rejects with 400 what is no plain text, or too long. */
export function askedReason(text: unknown): string {
	if (typeof text !== "string") throw new DeskError(400, "reason: must be a text");
	if (text.length > LONGEST_REASON) {
		throw new DeskError(400, `reason: has ${text.length} characters, and may have ${LONGEST_REASON}`);
	}
	if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
		throw new DeskError(
			400,
			`reason: "${excerpt(text, 80)}" has control characters; write plain text in one line`,
		);
	}
	return text;
}

/** A whole number of what is to be had at once, from 1 to `most`. */
export function askedLimit(limit: number, most: number): number {
	if (!Number.isFinite(limit) || limit < 1)
		throw new DeskError(400, `limit: ${limit} is not between 1 and ${most}`);
	return Math.min(Math.floor(limit), most);
}
