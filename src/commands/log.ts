/** `cordon log`: what the running server writes about itself. */
import { LOG_LEVELS } from "../observe/log.ts";
import { unknownWord } from "./options.ts";
import { type Family, runFamily, type Subcommand, type Terminal } from "./pool/subcommand.ts";
import { UsageError } from "./usage-error.ts";

const level: Subcommand = {
	arguments: `${LOG_LEVELS.join("|")} [--for TIME]`,
	help: `Writes more or less to the log of the server: until it is set again, or until the configuration is
reloaded, whose log.level counts then.

  --for TIME         for so long, such as 10m; then the configured level is in force again`,
	options: { for: { type: "string" } },
	words: [1, 1],
	async run({ typed, connect, say, json }) {
		const [word] = typed.words;
		const wanted = LOG_LEVELS.find((known) => known === word);
		if (wanted === undefined) {
			throw new UsageError(
				`there is no level ${unknownWord(word, LOG_LEVELS)}; there is: ${LOG_LEVELS.join(", ")}`,
			);
		}
		const client = await connect();
		const span = typed.text("for");
		const body = { level: wanted, ...(span === undefined ? {} : { for: span }) };
		const answer = await client.send("/api/v1/log/level", { method: "POST", json: body });
		if (typed.isSet("json")) {
			json(answer ?? {});
			return 0;
		}
		const { until, configured } = answer ?? {};
		const end =
			typeof until === "number"
				? `until ${new Date(until).toISOString()}, then ${String(configured)} again`
				: `until it is set again or reloaded; log.level is ${String(configured)}`;
		say(`the log has level ${wanted}, ${end}`);
		return 0;
	},
};

const LOG: Family = {
	name: "log",
	about: "What the server writes about itself. It has to run.",
	members: { level: { about: "write more or less", load: async () => level } },
};

/** Runs `cordon log` with the arguments behind it and returns the exit code. Throws ConfigError. */
export function log(argv: readonly string[], terminal: Terminal = process): Promise<number> {
	return runFamily(LOG, argv, terminal);
}
