/** `cordon cache`: what the running server has cached. */
import { counted } from "./pool/layout.ts";
import { type Family, runFamily, type Subcommand, type Terminal } from "./pool/subcommand.ts";
import { UsageError } from "./usage-error.ts";

const flush: Subcommand = {
	arguments: "NAME [--subtree] | --all",
	help: `Forgets cached answers, in all workers of the server.

  --subtree          of NAME and of all names below it
  --all              of all names`,
	options: { subtree: { type: "boolean" }, all: { type: "boolean" } },
	words: [0, 1],
	async run({ typed, connect, say, json }) {
		const [name] = typed.words as readonly (string | undefined)[];
		const isAll = typed.isSet("all");
		if (isAll === (name !== undefined) || (isAll && typed.isSet("subtree")))
			throw new UsageError("say one of: NAME, NAME --subtree, --all");
		const scope = isAll ? "all" : typed.isSet("subtree") ? "subtree" : "exact";
		const client = await connect();
		const answer = await client.send("/api/v1/cache/flush", { method: "POST", json: { name, scope } });
		if (typed.isSet("json")) json(answer ?? {});
		else say(`${counted(Number(answer?.forgotten), "cached answer")} forgotten`);
		return 0;
	},
};

const CACHE: Family = {
	name: "cache",
	about: "What the server has cached. It has to run.",
	members: { flush: { about: "forget cached answers", load: async () => flush } },
};

/** Runs `cordon cache` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function cache(argv: readonly string[], terminal: Terminal = process): Promise<number> {
	return runFamily(CACHE, argv, terminal);
}
