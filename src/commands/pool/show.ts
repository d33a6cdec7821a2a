/** `cordon pool show`: all that is said about a name, and what this node makes of it. */
import type { DomainOpinion, WeighedStatement } from "../../pool/desk.ts";
import type { Ruling } from "../../pool/verdict.ts";
import { domainName } from "../../wire/domain.ts";
import { table } from "../table.ts";
import { moment, number } from "./layout.ts";
import type { Subcommand } from "./subcommand.ts";

function ruled({ action, category, basis }: Ruling, reach: string): string {
	const what = action === "block" ? "blocked" : "not blocked, only counted (log-only)";
	return `${what}, ${reach}: ${category}, basis ${basis}`;
}

function verdictLines({ verdict, statements, sum, threshold, heldBecause }: DomainOpinion): string[] {
	const { exact, subtree } = verdict;
	const lines = [
		...(subtree === undefined ? [] : [ruled(subtree, "with all below it")]),
		...(exact === undefined ? [] : [ruled(exact, "this name alone")]),
	];
	if (heldBecause !== undefined) lines.push(`held: ${heldBecause}`);
	if (lines.length > 0) return lines;
	if (statements.length === 0) return ["not blocked by the pool: nobody speaks of it"];
	if (sum >= threshold) return ["not blocked by the pool"];
	return [`not blocked by the pool: the sum ${number(sum)} stays below the threshold ${number(threshold)}`];
}

/** What stands in the column of what a statement is worth. */
function worth({ score, discounted, mode }: WeighedStatement): string {
	if (discounted !== undefined) return `does not count: ${discounted}`;
	return mode === "block" ? `= ${number(score)}` : `= ${number(score)}, ${mode}`;
}

function statementRows(statements: readonly WeighedStatement[]): string[] {
	const rows = table(
		statements.map((one) => [
			one.contribution.member,
			`${number(one.weight)} × ${one.contribution.confidence}`,
			worth(one),
			one.contribution.category,
			one.contribution.scope,
			`tlp:${one.contribution.tlp}`,
			`${moment(one.contribution.validFrom)} to ${moment(one.contribution.validUntil)}`,
		]),
	);
	return rows.flatMap((row, i) => {
		const { reason, reference } = statements[i].contribution;
		const why = [reason, reference === "" ? "" : `(${reference})`].filter((part) => part !== "").join(" ");
		return why === "" ? [row] : [row, `    ${why}`];
	});
}

/** For people. */
export function opinionLines(opinion: DomainOpinion): string[] {
	const { domain, statements, disputes, decision, sum, subtreeSum, threshold } = opinion;
	const below = subtreeSum === sum ? "" : `, of them ${number(subtreeSum)} for all below it`;
	return [
		domain,
		...verdictLines(opinion).map((line) => `  ${line}`),
		...(statements.length === 0
			? []
			: [
					`statements (weight × confidence), sum ${number(sum)}${below}; the threshold is ${number(threshold)}`,
					...statementRows(statements),
				]),
		...(disputes.length === 0 ? [] : ["disputes"]),
		...disputes.map(({ member, created, reason }) => `  ${member}, ${moment(created)}: ${reason}`),
		...(decision === undefined
			? []
			: [
					"decision",
					`  ${decision.by}, ${moment(decision.at)}: ${decision.verdict}${decision.reason === "" ? "" : `, ${decision.reason}`}`,
				]),
	];
}

export const show: Subcommand = {
	arguments: "NAME",
	help: "Shows what each member says about a name, what its word is worth here, and why the name is or is not blocked.",
	options: {},
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [name] = typed.words;
		const client = await connect();
		const answer = await client.get(`/api/v1/opinion?name=${encodeURIComponent(name)}`);
		const opinion = answer as unknown as DomainOpinion;
		if (typed.isSet("json")) json(opinion);
		else {
			if (domainName(name) !== opinion.domain) say(`of ${name} itself nothing is said; above it stands:`);
			for (const line of opinionLines(opinion)) say(line);
		}
		return 0;
	},
};
