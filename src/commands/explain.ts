/** `cordon explain NAME|ADDRESS`: whether a name, or an answer with an address, is blocked, by which entry of which list, and what would un-block it. */
import { parseArgs } from "node:util";
import { BlocklistIndex } from "../blocklist/index.ts";
import { readSnapshot, snapshotPath } from "../blocklist/snapshot.ts";
import { loadConfig } from "../config/load.ts";
import { toSettings } from "../config/settings.ts";
import { printable } from "../observe/printable.ts";
import type { Explanation, PoolExplanation } from "../observe/status.ts";
import { explain as explainName } from "../supervisor/explain.ts";
import { recipeOf } from "../supervisor/recipe.ts";
import { openPoolView } from "./explain/pool-view.ts";
import type { Output } from "./output.ts";

const USAGE = `usage: cordon explain NAME|ADDRESS|PREFIX... [--config FILE] [--json]

Of an address or a prefix it tells what happens to answers that hold it.
Reads the compiled blocklist on disk; the server need not run.
Exit code 0: allowed or not spoken of, 2: blocked, 1: it cannot be told.
`;
const BLOCKED = 2;

/** What members of the pool say, and what it comes to. */
function printPool({ domain, sum, threshold, heldBecause, statements, disputes }: PoolExplanation): string[] {
	return [
		`  pool: ${printable(domain)} has ${sum} of the ${threshold} that are needed${heldBecause === undefined ? "" : `, held: ${printable(heldBecause)}`}`,
		...statements.map((said) => {
			const counts = said.discounted === undefined ? `= ${said.score}` : `does not count: ${said.discounted}`;
			const until = new Date(said.validUntil).toISOString();
			const why = said.reason === "" ? "" : `: ${said.reason}`;
			return printable(
				`    ${said.member} says ${said.category} (${said.scope}), weight ${said.weight} × confidence ${said.confidence} ${counts}, until ${until}${why}`,
			);
		}),
		...disputes.map(({ member, reason }) => printable(`    ${member} disputes it: ${reason}`)),
	];
}

function print({ name, blocked, answer, rules, advice, special, zone, pool }: Explanation): string {
	const verdict = verdictOf();
	const rows = rules.map((rule) => {
		const scope =
			rule.scope === "exact" || rule.scope === "network"
				? rule.entry
				: rule.scope === "below"
					? `below ${rule.entry}`
					: `${rule.entry} and below`;
		const action = rule.action === rule.kind ? rule.kind : `${rule.kind} (${rule.action})`;
		const where = rule.line === 0 ? `the ${rule.list}` : `list ${rule.list}, line ${rule.line}`;
		return `  ${rule.decides ? "→" : " "} ${action}${rule.important ? " important" : ""}: ${scope}, ${where}`;
	});
	const lines = [
		`${name}: ${verdict}`,
		...rows,
		...(pool === undefined ? [] : printPool(pool)),
		...(zone === undefined
			? []
			: [`  asked for at ${zone.servers.join(", ")}: upstreams.zones has ${zone.name}`]),
		`  ${advice}`,
	];
	return `${lines.join("\n")}\n`;

	function verdictOf(): string {
		if (special !== undefined) return `answered here with ${special.answer}, as a special name`;
		if (blocked) return `blocked, answered with ${answer}`;
		return rules.length > 0 ? "allowed" : "not blocked";
	}
}

export async function explain(argv: readonly string[], output: Output = process): Promise<number> {
	const { values, positionals } = parseArgs({
		args: [...argv],
		allowPositionals: true,
		options: { config: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
	});
	if (values.help || positionals.length === 0) {
		(values.help ? output.stdout : output.stderr).write(USAGE);
		return values.help ? 0 : 1;
	}
	const { config } = await loadConfig({ path: values.config });
	const path = snapshotPath(config.dataDir);
	const snapshot = readSnapshot(path, (bytes) => new SharedArrayBuffer(bytes));
	if (snapshot === undefined) {
		output.stderr.write(
			`there is no compiled blocklist at ${path} yet: start the server once, or correct dataDir\n`,
		);
		return 1;
	}
	if (snapshot.about.recipe !== recipeOf(config)) {
		output.stderr.write(
			"note: the lists in the configuration have changed since the blocklist was compiled; reload the server to take them over\n",
		);
	}
	const index = new BlocklistIndex(snapshot.memory);
	const pool = await openPoolView(config, index, snapshot.about);
	const settings = toSettings(config);
	const explanations = positionals.map((name) =>
		explainName(name, index, settings.blocking, (domain) => pool?.explain(domain), settings),
	);
	await pool?.close();
	if (values.json)
		output.stdout.write(
			`${JSON.stringify(explanations.length === 1 ? explanations[0] : explanations, null, 2)}\n`,
		);
	else for (const explanation of explanations) output.stdout.write(print(explanation));
	return explanations.some((explanation) => explanation.blocked) ? BLOCKED : 0;
}
