/** The examples of docs/pool.md, by the trust of config/community.yaml. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { loadConfig } from "../../../src/config/load.ts";
import { toPoolSettings } from "../../../src/config/pool-settings.ts";
import { POOL_CATEGORIES } from "../../../src/config/vocabulary.ts";
import { createJudge } from "../../../src/pool/judge/judge.ts";
import type { Verdict } from "../../../src/pool/verdict.ts";
import { PROJECT } from "../../config/project-folder.ts";
import { DOMAIN, guardOf, NOW, said } from "./judging.ts";

interface Example {
	readonly statements: string;
	readonly sum: number;
	readonly follows: string;
}

function examples(): readonly Example[] {
	const page = readFileSync(join(PROJECT, "docs", "pool.md"), "utf8");
	const section = page.slice(page.indexOf("### Worked through"), page.indexOf("### How to begin"));
	return Array.from(section.matchAll(/^\| ([^|]*\d[^|]*) \| (\d+) \| ([^|]+) \|$/gm), (row) => ({
		statements: row[1],
		sum: Number(row[2]),
		follows: row[3],
	}));
}

function told({ exact, subtree }: Verdict): string {
	if (subtree !== undefined) return subtree.action;
	return exact === undefined ? "nothing" : `${exact.action} the domain alone`;
}

test("trust, as the page works it through", async (t) => {
	const path = join(PROJECT, "config", "community.yaml");
	const settings = toPoolSettings((await loadConfig({ path, machineAddresses: [] })).config);
	const judge = createJudge(settings, guardOf(), { revoked: () => false });
	const all = examples();
	t.ok(all.length >= 16, "the table is found");
	for (const { statements, sum, follows } of all) {
		const records = statements.split(", ").map((statement) => {
			const [member, confidence, named, scope] = statement.split(" ");
			const category = POOL_CATEGORIES.find((known) => known === named);
			if (category === undefined) throw new Error(`${statement}: no category`);
			return said(member, {
				category,
				confidence: Number(confidence),
				scope: scope === "exact" ? "exact" : "subtree",
			});
		});
		t.equal(told(judge.verdict(DOMAIN, records, NOW)), follows, statements);
		t.equal(judge.opinion(DOMAIN, records, NOW).sum, sum, statements);
	}
	const last = [
		said("national-cert", { category: "c2", confidence: 90, scope: "exact" }),
		said("isp-b", { confidence: 80 }),
		said("isp-c", { confidence: 60 }),
	];
	const verdict = judge.verdict(DOMAIN, last, NOW);
	t.equal(`${verdict.exact?.category} ${verdict.subtree?.category}`, "c2 malware");
});
