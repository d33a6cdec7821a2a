/** One line from outside: what it wants. */
import { domainFault, domainName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import type { Contribution } from "../contribution.ts";
import type { Judge } from "../judging.ts";

export type Draft =
	| { readonly kind: "put"; readonly contribution: Contribution }
	| { readonly kind: "withdraw"; readonly domain: string }
	| { readonly kind: "refused"; readonly reason: string; readonly domain?: string };

const WITHDRAWAL_KEYS = new Set(["op", "domain"]);

/**
 * @param value anything at all; an Error says why the line could not be read.
 * @param now milliseconds since the epoch.
 */
export function readDraft(value: unknown, member: string, now: number, judge: Judge): Draft {
	if (value instanceof Error) return { kind: "refused", reason: value.message };
	if (!isObject(value) || !Object.hasOwn(value, "op")) return addition(value, member, now, judge);
	const { op, ...rest } = value;
	if (op === "add") return addition(rest, member, now, judge);
	if (op === "withdraw") return withdrawal(rest);
	return refused(`op: ${shown(op)} is neither "add" nor "withdraw"`, rest);
}

function addition(value: unknown, member: string, now: number, judge: Judge): Draft {
	const read = judge.read(value, member, now);
	return isFaults(read) ? refused(read.join("; "), value) : { kind: "put", contribution: read };
}

function withdrawal(value: Readonly<Record<string, unknown>>): Draft {
	const unknown = Object.keys(value).find((key) => !WITHDRAWAL_KEYS.has(key));
	if (unknown !== undefined) {
		return refused(`"${excerpt(unknown, 40)}": a withdrawal has only op and domain`, value);
	}
	const { domain } = value;
	if (typeof domain !== "string") return refused("domain: must be a text such as bad.example.org", value);
	const name = domainName(domain);
	return name === undefined
		? refused(`domain: ${domainFault(domain) ?? "is no name"}`, value)
		: { kind: "withdraw", domain: name };
}

function refused(reason: string, value: unknown): Draft {
	const domain = isObject(value) && typeof value.domain === "string" ? domainName(value.domain) : undefined;
	return { kind: "refused", reason, ...(domain === undefined ? {} : { domain }) };
}

function shown(value: unknown): string {
	return typeof value === "string" ? `"${excerpt(value, 40)}"` : `a value of type ${typeof value}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFaults(read: Contribution | readonly string[]): read is readonly string[] {
	return Array.isArray(read);
}
