/** `cordon pool add` and `withdraw`. */
import type { LineVerdict } from "../../pool/desk.ts";
import { BATCH_EXIT, exitCode, noteHeld, sendBatch } from "./batch.ts";
import { DRAFT_HELP, DRAFT_OPTIONS, draftFields } from "./draft-options.ts";
import type { Run, Subcommand } from "./subcommand.ts";

async function* written(drafts: readonly unknown[]): AsyncGenerator<string> {
	for (const draft of drafts) yield `${JSON.stringify(draft)}\n`;
}

function tell({ status, domain, reason }: LineVerdict, asked: string, { say, note }: Run): void {
	const name = domain ?? asked;
	if (status === "refused") note(`refused ${name}: ${reason ?? "the server does not say why"}`);
	else if (status === "pending") note(`waits ${name}: ${reason ?? "people have to approve it"}`);
	else say(`${status} ${name}`);
}

async function contribute(run: Run, drafts: readonly unknown[]): Promise<number> {
	const { typed, json } = run;
	const client = await run.connect();
	const verdicts: LineVerdict[] = [];
	const options = { member: typed.text("member") };
	const summary = await sendBatch(client, written(drafts), options, (one) => verdicts.push(one));
	if (typed.isSet("json")) json({ ...summary, lines: verdicts });
	else {
		for (const verdict of verdicts) {
			// Of a held batch nothing was added; what is refused in it is refused all the same.
			if (summary.status === "held" && verdict.status !== "refused") continue;
			tell(verdict, typed.words[verdict.line - 1] ?? "", run);
		}
		noteHeld(summary, run);
	}
	return exitCode(summary);
}

const MEMBER_HELP = `
  --member M         in whose name, when you are an admin
`;

export const add: Subcommand = {
	arguments: "DOMAIN... [OPTIONS]",
	help: `Says that domains are malicious. Each replaces what you said of the domain before.
${DRAFT_HELP.trimEnd()}${MEMBER_HELP.trimEnd()}`,
	exit: BATCH_EXIT,
	options: { ...DRAFT_OPTIONS, member: { type: "string" } },
	words: [1, Number.POSITIVE_INFINITY],
	run(run) {
		const fields = draftFields(run.typed);
		return contribute(
			run,
			run.typed.words.map((domain) => ({ domain, ...fields })),
		);
	},
};

export const withdraw: Subcommand = {
	arguments: "DOMAIN... [--member M]",
	help: `Takes back what you said of domains.\n${MEMBER_HELP}`,
	exit: BATCH_EXIT,
	options: { member: { type: "string" } },
	words: [1, Number.POSITIVE_INFINITY],
	run: (run) =>
		contribute(
			run,
			run.typed.words.map((domain) => ({ op: "withdraw", domain })),
		),
};
