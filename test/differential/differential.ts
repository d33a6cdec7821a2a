/**
 * `npm run test:differential`: the same questions to Cordon and to Unbound, both in front of the same authority. Every
 * difference has to be one that a rule explains. Exits with 1 when one is not.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Cleanup } from "../bench/cleanup.ts";
import { cordonMain } from "../bench/cordon-server.ts";
import { installed } from "../bench/program.ts";
import { type Difference, differences } from "./compare.ts";
import { ask } from "./exchange.ts";
import { type Question, questions } from "./questions.ts";
import { type Message, read } from "./reading.ts";
import { type Case, RULES } from "./rules.ts";
import { NEEDED, startAuthority, startCordon, startUnbound } from "./servers.ts";

const USAGE = `npm run test:differential -- [options]
  --questions N  how many (default 20000)
  --seed N       which ones (default 1)
  --show N       unexplained differences shown in full (default 20)`;

const { values } = parseArgs({
	options: {
		questions: { type: "string", default: "20000" },
		seed: { type: "string", default: "1" },
		show: { type: "string", default: "20" },
		help: { type: "boolean", default: false },
	},
});
if (values.help) {
	console.log(USAGE);
	process.exit(0);
}
const missing = NEEDED.filter((file) => installed(file) === undefined);
if (missing.length > 0) {
	console.error(
		`missing: ${missing.join(", ")}; on Debian: apt-get install --no-install-recommends nsd unbound bind9-utils`,
	);
	process.exit(1);
}

const main = cordonMain();
if (main === undefined) throw new Error("Cordon is not built");
const cleanup = new Cleanup();
const directory = mkdtempSync(join(tmpdir(), "cordon-differential-"));
cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
const ground = { cleanup, directory };

const authority = await startAuthority(ground);
const unboundPort = await startUnbound(ground, authority.port);
const cordonPort = await startCordon(ground, main, authority.port);
const all = [...questions(Number(values.questions), Number(values.seed))];
console.log(`asking Cordon and Unbound ${all.length} questions, seed ${values.seed}`);
const [ours, theirs] = await Promise.all([ask(cordonPort, all), ask(unboundPort, all)]);

function parsed(reply: Buffer | undefined): Message | undefined | "malformed" {
	if (reply === undefined) return undefined;
	try {
		return read(reply);
	} catch {
		return "malformed";
	}
}

function compare(question: Question, a: Buffer | undefined, b: Buffer | undefined): [Case, Difference[]] {
	const [cordon, unbound] = [parsed(a), parsed(b)];
	if (cordon === "malformed" || unbound === "malformed") {
		const who =
			cordon === "malformed" ? `Cordon's: ${a?.toString("hex")}` : `Unbound's: ${b?.toString("hex")}`;
		return [{ question, cordon: undefined, unbound: undefined }, [{ kind: "malformed", detail: who }]];
	}
	const about: Case = { question, cordon, unbound };
	if (cordon === undefined && unbound === undefined) return [about, []];
	if (cordon === undefined) return [about, [{ kind: "silence", detail: "Cordon" }]];
	if (unbound === undefined) return [about, [{ kind: "silence", detail: "Unbound" }]];
	return [about, differences(cordon, unbound)];
}

const counts = new Map<string, number>();
const unexplained = new Map<string, { count: number; readonly example: string }>();
let equal = 0;
let explained = 0;
for (const [i, question] of all.entries()) {
	const [about, found] = compare(question, ours[i], theirs[i]);
	if (found.length === 0) equal++;
	let open = false;
	for (const difference of found) {
		const rule = RULES.find((one) => one.explains(difference, about));
		if (rule !== undefined) {
			counts.set(rule.name, (counts.get(rule.name) ?? 0) + 1);
			continue;
		}
		open = true;
		const kind = `${difference.kind}${question.oddity === "" ? "" : ` (${question.oddity})`}`;
		const known = unexplained.get(kind) ?? {
			count: 0,
			example: `${question.text}\n    ${difference.detail}\n    asked ${question.packet.toString("hex")}\n    Cordon ${ours[i]?.toString("hex") ?? "silence"}\n    Unbound ${theirs[i]?.toString("hex") ?? "silence"}`,
		};
		known.count++;
		unexplained.set(kind, known);
	}
	if (found.length > 0 && !open) explained++;
}

for (const [name, count] of [...counts].sort((a, b) => b[1] - a[1]))
	console.log(`${String(count).padStart(7)}  ${name}`);
for (const [kind, { count, example }] of [...unexplained].slice(0, Number(values.show)))
	console.log(`\nNOT EXPLAINED, ${count} times: ${kind}\n  for example ${example}`);
const bad = all.length - equal - explained;
console.log(
	`\n${all.length} asked: ${equal} answered alike, ${explained} differ as docs/conformance.md explains, ${bad} differ without explanation`,
);
process.exit(bad === 0 ? 0 : 1);
