/** `cordon pool held`, `approve` and `reject`. */
import type { HeldEntry } from "../../pool/desk.ts";
import { heldLines } from "./layout.ts";
import type { Subcommand } from "./subcommand.ts";

/** A large batch is applied before the answer comes. */
const TIMEOUT_MS = 600_000;

export const held: Subcommand = {
	arguments: "",
	help: "Shows what waits for a person: batches that change too much, protected names, disputed domains, a lost pool.",
	options: {},
	words: [0, 0],
	async run({ typed, connect, say, note, json }) {
		const client = await connect();
		const answer = await client.get("/api/v1/held");
		const entries = answer.held as readonly HeldEntry[];
		if (typed.isSet("json")) {
			json(entries);
			return 0;
		}
		for (const line of entries.flatMap(heldLines)) say(line);
		note(
			entries.length === 0
				? "nothing waits"
				: "Let one pass with cordon pool approve ID, or not with cordon pool reject ID",
		);
		return 0;
	},
};

export const approve: Subcommand = {
	arguments: "ID",
	help: `Lets what waits pass, as far as it is yours to say: nobody approves twice, nor what they brought in themself.
ID is as cordon pool held shows it.`,
	exit: "0 it passed, 1 refused or wrong usage, 2 the server or the pool cannot be reached, 4 somebody else has to approve it as well",
	options: {},
	words: [1, 1],
	async run({ typed, connect, say, note, json }) {
		const [id] = typed.words;
		const client = await connect();
		const path = `/api/v1/held/${encodeURIComponent(id)}/approve`;
		const answer = await client.send(path, { method: "POST", timeoutMs: TIMEOUT_MS });
		const waiting = answer?.waiting as HeldEntry | undefined;
		if (typed.isSet("json")) json(answer ?? {});
		else if (waiting === undefined) say(`approved ${id}`);
		else {
			const { approvals, approvalsNeeded } = waiting;
			note(
				`approved ${id}, and it still waits: ${approvals.length} of ${approvalsNeeded} people have approved`,
			);
		}
		return waiting === undefined ? 0 : 4;
	},
};

export const reject: Subcommand = {
	arguments: "ID [--reason TEXT]",
	help: `Does not let what waits pass. ID is as cordon pool held shows it.

  --reason TEXT      why, for the audit`,
	options: { reason: { type: "string" } },
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [id] = typed.words;
		const client = await connect();
		await client.send(`/api/v1/held/${encodeURIComponent(id)}/reject`, {
			method: "POST",
			json: { reason: typed.text("reason") ?? "" },
			timeoutMs: TIMEOUT_MS,
		});
		if (typed.isSet("json")) json({ id });
		else say(`rejected ${id}`);
		return 0;
	},
};
