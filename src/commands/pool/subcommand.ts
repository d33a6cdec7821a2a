/** What all commands about the pool have in common: options, whom they ask, and how they end. */
import { loadConfig } from "../../config/load.ts";
import { printable } from "../../observe/printable.ts";
import { adminUrlOf, parseAdminUrl } from "../admin-address.ts";
import { AdminClient, NotReachable, Refused } from "../admin-client.ts";
import { type OptionTypes, parseTyped, type Typed, unknownWord } from "../options.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";
import { findToken, type Token } from "./token.ts";

/** Where a command prints and reads; `process` is one. */
export interface Terminal extends Output {
	readonly stdin?: AsyncIterable<string | Buffer>;
	readonly env?: NodeJS.ProcessEnv;
}

export const EXIT = { done: 0, failed: 1, notReachable: 2, refused: 3, held: 4 } as const;

export interface Run {
	readonly typed: Typed;
	readonly terminal: Terminal;
	/** The running server, with the token found. Rejects with UsageError and ConfigError. */
	connect(): Promise<AdminClient>;
	/** A line of text on standard output: what comes from outside cannot steer the terminal. */
	say(line: string): void;
	/** The same on standard error. */
	note(line: string): void;
	json(value: unknown): void;
}

export interface Subcommand {
	/** Behind the command's own name, such as `DOMAIN... [--reason TEXT]`. */
	readonly arguments: string;
	/** What it does, and its own options, for `--help`. */
	readonly help: string;
	/** Its exit codes, where it has others than most. */
	readonly exit?: string;
	readonly options: OptionTypes;
	/** How many words it takes. */
	readonly words: readonly [least: number, most: number];
	/** @returns the exit code. */
	run(run: Run): Promise<number>;
}

export interface Family {
	readonly name: string;
	readonly about: string;
	readonly members: Readonly<
		Record<string, { readonly about: string; readonly load: () => Promise<Subcommand> }>
	>;
}

const COMMON: OptionTypes = {
	config: { type: "string", short: "c" },
	admin: { type: "string" },
	"token-file": { type: "string" },
	json: { type: "boolean" },
	help: { type: "boolean", short: "h" },
};

const COMMON_HELP = `
  --config FILE      the configuration whose listen.admin is asked; else CORDON_CONFIG, else config/cordon.yaml
  --admin URL        the admin server to ask instead, such as https://cordon.example.org
  --token-file FILE  file with your token; else CORDON_TOKEN, else the node's own operator.token in its dataDir
  --json             print JSON
  --help             print this
`;

function usageOf({ name, about, members }: Family): string {
	const widest = Math.max(...Object.keys(members).map((word) => word.length));
	const rows = Object.entries(members).map(([word, one]) => `  ${word.padEnd(widest)}  ${one.about}`);
	return `Usage: cordon ${name} COMMAND [OPTIONS]\n\n${about}\n\n${rows.join("\n")}\n\ncordon ${name} COMMAND --help tells more.\n`;
}

function helpOf(name: string, { arguments: taken, help, exit }: Subcommand): string {
	const codes = exit ?? "0 done, 1 refused or wrong usage, 2 the server or the pool cannot be reached";
	return `Usage: cordon ${name}${taken === "" ? "" : ` ${taken}`}\n\n${help.trim()}\n${COMMON_HELP}\nExit code: ${codes}.\n`;
}

/** Who asks whom. */
class Connection {
	token: Token | undefined;
	readonly #typed: Typed;
	readonly #env: NodeJS.ProcessEnv;

	constructor(typed: Typed, env: NodeJS.ProcessEnv) {
		this.#typed = typed;
		this.#env = env;
	}

	async open(): Promise<AdminClient> {
		const admin = this.#typed.text("admin");
		const config = this.#typed.text("config");
		const loaded =
			admin !== undefined && config === undefined ? undefined : await loadConfig({ path: config });
		if (loaded?.config.pool.store === "off") {
			throw new UsageError(
				`${loaded.path} has pool.store: off, so that there is no pool to ask. Set it to embedded or redis`,
			);
		}
		const url = admin === undefined ? undefined : parseAdminUrl(admin);
		this.token = await findToken(this.#typed.text("token-file"), this.#env, loaded?.config.dataDir);
		if (url !== undefined) return new AdminClient(url, this.token.value);
		if (loaded === undefined) throw new TypeError("neither an address nor a configuration");
		return new AdminClient(adminUrlOf(loaded), this.token.value);
	}
}

function checkWords(typed: Typed, { words: [least, most], arguments: taken }: Subcommand): void {
	const { words } = typed;
	if (words.length >= least && words.length <= most) return;
	const form = taken === "" ? "no arguments" : taken;
	if (words.length < least) throw new UsageError(`something is missing: it takes ${form}`);
	throw new UsageError(`${unknownWord(words[most], [])} is too much: it takes ${form}`);
}

async function runOne(name: string, command: Subcommand, argv: readonly string[], terminal: Terminal) {
	const complain = (message: string): void => {
		terminal.stderr.write(`cordon ${name}: ${printable(message)}\n`);
	};
	let connection: Connection | undefined;
	try {
		const typed = parseTyped(argv, { ...COMMON, ...command.options });
		if (typed.isSet("help")) {
			terminal.stdout.write(helpOf(name, command));
			return EXIT.done;
		}
		checkWords(typed, command);
		const opened = new Connection(typed, terminal.env ?? {});
		connection = opened;
		return await command.run({
			typed,
			terminal,
			connect: () => opened.open(),
			say: (line) => terminal.stdout.write(`${printable(line)}\n`),
			note: (line) => terminal.stderr.write(`${printable(line)}\n`),
			json: (value) => terminal.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`),
		});
	} catch (error) {
		if (error instanceof UsageError) {
			complain(error.message);
			terminal.stderr.write(`See cordon ${name} --help.\n`);
			return EXIT.failed;
		}
		if (error instanceof NotReachable) {
			complain(error.message);
			return EXIT.notReachable;
		}
		if (error instanceof Refused) {
			const source =
				error.status === 401 ? ` (the token is from ${connection?.token?.source ?? "nowhere"})` : "";
			complain(error.message + source);
			return error.status === 503 ? EXIT.notReachable : EXIT.failed;
		}
		throw error;
	}
}

/** Runs `cordon FAMILY` with the arguments behind it and returns the exit code. Throws ConfigError. */
export async function runFamily(
	family: Family,
	[word, ...argv]: readonly string[],
	terminal: Terminal,
): Promise<number> {
	if (word === "--help" || word === "-h" || word === "help") {
		terminal.stdout.write(usageOf(family));
		return EXIT.done;
	}
	if (word === undefined || !Object.hasOwn(family.members, word)) {
		const known = Object.keys(family.members);
		const what = word === undefined ? "which command?" : `there is no command ${unknownWord(word, known)}`;
		terminal.stderr.write(`cordon ${family.name}: ${printable(what)}\n\n${usageOf(family)}`);
		return EXIT.failed;
	}
	return await runOne(`${family.name} ${word}`, await family.members[word].load(), argv, terminal);
}
