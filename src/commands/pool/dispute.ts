/** `cordon pool dispute` and `undispute`. */
import { UsageError } from "../usage-error.ts";
import type { Subcommand } from "./subcommand.ts";

export const dispute: Subcommand = {
	arguments: "DOMAIN --reason TEXT",
	help: `Says that a domain must not be blocked. Where you are trusted, it is not blocked until a person decides.

  --reason TEXT      why, for whoever decides`,
	options: { reason: { type: "string" } },
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [domain] = typed.words;
		const reason = typed.text("reason");
		if (reason === undefined) throw new UsageError("--reason is missing: whoever decides has to know why");
		const client = await connect();
		const made = await client.send("/api/v1/disputes", { method: "POST", json: { domain, reason } });
		if (typed.isSet("json")) json(made);
		else say(`disputed ${String(made?.domain ?? domain)}`);
		return 0;
	},
};

export const undispute: Subcommand = {
	arguments: "DOMAIN",
	help: "Takes your dispute of a domain back.",
	options: {},
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [domain] = typed.words;
		const client = await connect();
		await client.send(`/api/v1/disputes/${encodeURIComponent(domain)}`, { method: "DELETE" });
		if (typed.isSet("json")) json({ domain });
		else say(`${domain} is no longer disputed by you`);
		return 0;
	},
};
