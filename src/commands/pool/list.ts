/** `cordon pool list`: contributions, as many as are asked for. */
import type { Contribution } from "../../pool/contribution.ts";
import type { ContributionPage } from "../../pool/desk.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { contributionRow, counted } from "./layout.ts";
import type { Subcommand } from "./subcommand.ts";

const PAGE = 1000;

/** A whole number from 1; throws UsageError. */
export function limitOf(text: string | undefined, fallback: number): number {
	if (text === undefined) return fallback;
	const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
	if (limit === 0) throw new UsageError(`--limit must be a whole number from 1, and is "${text}"`);
	return limit;
}

export const list: Subcommand = {
	arguments: "[DOMAIN] [OPTIONS]",
	help: `Shows contributions, in the order of domains.

  --member M         of this member alone
  --category C       of this category alone
  --limit N          how many at most, 100 by default`,
	options: { member: { type: "string" }, category: { type: "string" }, limit: { type: "string" } },
	words: [0, 1],
	async run({ typed, connect, say, note, json }) {
		const limit = limitOf(typed.text("limit"), 100);
		const query = new URLSearchParams();
		for (const name of ["member", "category"]) {
			const value = typed.text(name);
			if (value !== undefined) query.set(name, value);
		}
		if (typed.words[0] !== undefined) query.set("domain", typed.words[0]);
		const client = await connect();
		const found: Contribution[] = [];
		let next: string | undefined;
		do {
			query.set("limit", String(Math.min(PAGE, limit - found.length)));
			if (next !== undefined) query.set("after", next);
			const page = (await client.get(`/api/v1/contributions?${query}`)) as unknown as ContributionPage;
			found.push(...page.contributions);
			next = page.next;
		} while (next !== undefined && found.length < limit);
		if (typed.isSet("json")) json(found);
		else for (const row of table(found.map(contributionRow))) say(row);
		if (found.length === 0) note("there are no such contributions");
		if (next !== undefined)
			note(`only the first ${counted(found.length, "contribution")}; --limit shows more`);
		return 0;
	},
};
