import { parseArgs } from "node:util";

export interface PeersOptions {
	/** Names of the servers to measure; all when empty. */
	readonly only: readonly string[];
	/** How long each load lasts. */
	readonly seconds: number;
	/** How many domains are blocked. */
	readonly domains: number;
	/** How many rounds of each load; the median counts. */
	readonly repeat: number;
	readonly cachedNames: number;
	readonly smoke: boolean;
	/** Whether to measure Cordon with each of its logs as well. */
	readonly logs: boolean;
	/** Whether to put the table into RESULTS.md. */
	readonly write: boolean;
}

export const PEERS_USAGE = `npm run bench:peers -- [options]
  --only NAMES   measure only these, such as cordon,unbound
  --seconds N    length of each load (default 8)
  --domains N    blocked domains (default 1000000)
  --repeat N     rounds of each load; the median counts (default 1)
  --logs         measure Cordon with its query log and dnstap too, a row for each way to have them
  --smoke        2,000 domains and one second per load: whether it works, not how fast
  --write        put the table into test/bench/RESULTS.md`;

/** A whole number of at least one, or a message that names the option. */
export function positive(option: string, text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) {
		throw new Error(`--${option} must be a whole number of at least 1 and is "${text}"`);
	}
	return value;
}

/** What `read` makes of the command line; what is wrong with it is told with the usage, and ends the program. */
export function commandLine<T>(usage: string, read: () => T): T {
	try {
		return read();
	} catch (error) {
		console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
		process.exit(2);
	}
}

export function readPeersOptions(words: readonly string[], names: readonly string[]): PeersOptions {
	const { values } = parseArgs({
		args: [...words],
		options: {
			only: { type: "string", default: "" },
			seconds: { type: "string" },
			domains: { type: "string" },
			repeat: { type: "string", default: "1" },
			smoke: { type: "boolean", default: false },
			logs: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
		},
	});
	const only = values.only.split(",").filter((name) => name !== "");
	for (const name of only) {
		if (!names.includes(name)) {
			throw new Error(`--only knows ${names.join(", ")}, not "${name}"`);
		}
	}
	return {
		only,
		seconds: positive("seconds", values.seconds ?? (values.smoke ? "1" : "8")),
		domains: positive("domains", values.domains ?? (values.smoke ? "2000" : "1000000")),
		repeat: positive("repeat", values.repeat),
		cachedNames: values.smoke ? 1000 : 20_000,
		smoke: values.smoke,
		logs: values.logs,
		write: values.write,
	};
}
