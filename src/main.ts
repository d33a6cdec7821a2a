#!/usr/bin/env -S node --max-semi-space-size=1
/** The program: picks a command. */
import { tolerateReaders, written } from "./commands/written.ts";
import { ConfigError } from "./config/fault.ts";
import { nearest } from "./config/nearest.ts";
import { printable } from "./observe/printable.ts";

type Command = (argv: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Command> }>> =
	{
		serve: { about: "answer DNS queries", load: async () => (await import("./commands/serve.ts")).serve },
		check: {
			about: "tell what is wrong with the configuration and the lists",
			load: async () => (await import("./commands/check.ts")).check,
		},
		explain: {
			about: "tell whether a name is blocked, and by what",
			load: async () => (await import("./commands/explain.ts")).explain,
		},
		lookup: {
			about: "ask a DNS server, this one by default",
			load: async () => (await import("./commands/lookup.ts")).lookup,
		},
		lists: {
			about: "show the lists on disk, accept one that is held",
			load: async () => (await import("./commands/lists.ts")).lists,
		},
		status: {
			about: "show how the running server is doing",
			load: async () => (await import("./commands/status.ts")).status,
		},
		doctor: {
			about: "find what keeps Cordon from serving well here, and how it is mended",
			load: async () => (await import("./commands/doctor.ts")).doctor,
		},
		backup: {
			about: "write pool, configuration and lists into one file",
			load: async () => (await import("./commands/backup.ts")).backup,
		},
		restore: {
			about: "bring back what was backed up",
			load: async () => (await import("./commands/restore.ts")).restore,
		},
		cache: {
			about: "make the running server forget cached answers",
			load: async () => (await import("./commands/cache.ts")).cache,
		},
		log: {
			about: "make the running server write more or less to its log",
			load: async () => (await import("./commands/log.ts")).log,
		},
		pool: {
			about: "give to the shared pool, look at it, decide what waits",
			load: async () => (await import("./commands/pool.ts")).pool,
		},
		member: {
			about: "say who takes part in the shared pool",
			load: async () => (await import("./commands/member.ts")).member,
		},
		schema: {
			about: "print the JSON schema of the configuration",
			load: async () => (await import("./commands/schema.ts")).schema,
		},
	};

function usage(): string {
	const rows = Object.entries(COMMANDS).map(([name, { about }]) => `  ${name.padEnd(9)} ${about}`);
	return `usage: cordon COMMAND [OPTIONS]\n\n${rows.join("\n")}\n\ncordon COMMAND --help tells more.\n`;
}

async function main(argv: readonly string[]): Promise<number> {
	const [name = "--help", ...rest] = argv;
	if (name === "--help" || name === "-h" || name === "help") {
		process.stdout.write(usage());
		return 0;
	}
	if (name === "--version" || name === "version") {
		process.stdout.write(`cordon ${(await import("./version.ts")).readVersion()}\n`);
		return 0;
	}
	if (!Object.hasOwn(COMMANDS, name)) {
		const meant = nearest(name, Object.keys(COMMANDS));
		const hint = meant === undefined ? "" : `; did you mean "${meant}"?`;
		process.stderr.write(`cordon: there is no command "${printable(name)}"${hint}\n\n${usage()}`);
		return 1;
	}
	try {
		return await (await COMMANDS[name].load())(rest);
	} catch (error) {
		if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
		else process.stderr.write(`cordon ${name}: ${(error as Error).message}\n`);
		return 1;
	}
}

const argv = process.argv.slice(2);
tolerateReaders(process.stdout, process.stderr);
const code = await main(argv);
// A server that was told to stop ends, even if whoever reads its log hangs.
if (argv[0] !== "serve") await Promise.all([written(process.stdout), written(process.stderr)]);
process.exit(code);
