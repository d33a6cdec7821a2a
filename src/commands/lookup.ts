/** `cordon lookup`: a query through any server and transport. */
import { ConfigError } from "../config/fault.ts";
import { type LookupArguments, parseLookup, USAGE, UsageError } from "./lookup/arguments.ts";
import { defaultServer } from "./lookup/default-server.ts";
import { type Exchange, exchange, NoReply } from "./lookup/exchange.ts";
import { printFull, printJson, printShort, type Result } from "./lookup/print.ts";
import { buildQuery } from "./lookup/query.ts";
import { readReply } from "./lookup/reply.ts";
import { formatServer, type Server } from "./lookup/server.ts";
import type { Output } from "./output.ts";

const ANSWERED = 0;
const WRONG_USAGE = 1;
/** As dig has it. */
const NO_REPLY = 9;

/** Runs `cordon lookup` with the arguments behind it and returns the exit code. */
export async function lookup(argv: readonly string[], output: Output = process): Promise<number> {
	try {
		const args = parseLookup(argv);
		if (args === undefined) {
			output.stdout.write(USAGE);
			return ANSWERED;
		}
		const server = overTcp(args.server ?? (await defaultServer(args.config)), args.tcp);
		const result = await ask(server, args);
		if (args.output === "full") output.stdout.write(printFull(result));
		else if (args.output === "json") output.stdout.write(printJson(result));
		else {
			output.stdout.write(printShort(result));
			for (const note of asides(result)) output.stderr.write(`cordon lookup: ${note}\n`);
		}
		return ANSWERED;
	} catch (error) {
		if (error instanceof UsageError) {
			output.stderr.write(`cordon lookup: ${error.message}\nSee cordon lookup --help.\n`);
			return WRONG_USAGE;
		}
		if (error instanceof ConfigError) {
			output.stderr.write(`${error.message}\n`);
			return WRONG_USAGE;
		}
		if (error instanceof NoReply) {
			output.stderr.write(`cordon lookup: ${error.message}\n`);
			for (const why of error.ignored) output.stderr.write(`cordon lookup: ignored a message: ${why}\n`);
			return NO_REPLY;
		}
		throw error;
	}
}

/** What `--short` would hide: it goes where a script does not read it. */
function asides({ reply, notes }: Result): string[] {
	const status = reply.status === "NOERROR" ? [] : [`status ${reply.status}`];
	return [...status, ...notes, ...reply.faults.map((fault) => `malformed: ${fault}`)];
}

function overTcp(server: Server, tcp: boolean): Server {
	return tcp && server.transport === "udp" ? { ...server, transport: "tcp" } : server;
}

async function ask(server: Server, args: LookupArguments): Promise<Result> {
	const query = buildQuery(args.question, args, server.transport === "https" ? 0 : undefined);
	const first = await exchange(server, query, args);
	const reply = readReply(first.message);
	if (server.transport !== "udp" || !reply.flags.includes("tc")) return { ...result(first), reply };
	try {
		const again = await exchange({ ...server, transport: "tcp" }, buildQuery(args.question, args), args);
		return {
			...result(again),
			reply: readReply(again.message),
			notes: ["Truncated, retrying in TCP mode.", ...notesOf(first), ...notesOf(again)],
		};
	} catch (error) {
		// Half an answer is more than none.
		if (!(error instanceof NoReply)) throw error;
		return {
			...result(first),
			reply,
			notes: [`Truncated, and over TCP: ${error.message}`, ...notesOf(first)],
		};
	}
}

function result(from: Exchange): Omit<Result, "reply"> {
	return { exchange: from, notes: notesOf(from), when: new Date() };
}

function notesOf({ ignored, server }: Exchange): string[] {
	return ignored.map((why) => `Ignored a message from ${formatServer(server)}: ${why}`);
}
