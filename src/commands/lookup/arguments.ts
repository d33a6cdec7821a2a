/** The command line of `cordon lookup`, checked. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import ipaddr from "ipaddr.js";
import { parseDuration } from "../../config/units.ts";
import { parseClass, parseType } from "../../wire/code-names.ts";
import { NameError, parseName, reverseName } from "./name.ts";
import type { QueryOptions, Question } from "./query.ts";
import { parseServer, type Server, ServerError } from "./server.ts";

/** A command line that cannot be followed; the message says why. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export interface LookupArguments extends QueryOptions {
	readonly question: Question;
	/** Absent: the running Cordon. */
	readonly server: Server | undefined;
	readonly config: string | undefined;
	/** TCP where the server's address leaves it open. */
	readonly tcp: boolean;
	readonly timeoutMs: number;
	readonly insecure: boolean;
	readonly output: "full" | "short" | "json";
}

const OPTIONS = {
	server: { type: "string", short: "s" },
	config: { type: "string", short: "c" },
	class: { type: "string", default: "IN" },
	timeout: { type: "string", short: "t", default: "5s" },
	bufsize: { type: "string", default: "1232" },
	json: { type: "boolean", default: false },
	short: { type: "boolean", default: false },
	tcp: { type: "boolean", default: false },
	dnssec: { type: "boolean", default: false },
	cd: { type: "boolean", default: false },
	"no-recurse": { type: "boolean", default: false },
	reverse: { type: "boolean", short: "x", default: false },
	insecure: { type: "boolean", short: "k", default: false },
	help: { type: "boolean", short: "h", default: false },
} as const satisfies ParseArgsConfig["options"];

/** What `--help` prints. */
export const USAGE = `Usage: cordon lookup NAME [TYPE] [options]

Asks a DNS server and prints the answer as dig does. TYPE is A unless given: AAAA, MX, HTTPS, TYPE65, …

  -s, --server URL   udp://, tcp://, tls:// (DoT) or https:// (DoH) and a host, or an address alone for UDP;
                     also @URL. Default: the running Cordon, the first address of listen.dns
  -c, --config FILE  where to find listen.dns
  -x, --reverse      NAME is an IP address: ask for its name
      --short        print the data of the answer alone
      --json         print the answer as JSON
  -t, --timeout TIME how long to wait, such as 500ms; default 5s. UDP asks three times within it
      --tcp          use TCP for a server given as udp:// or as an address
      --bufsize N    largest UDP answer to offer, in bytes; default 1232; 0 leaves EDNS out
      --dnssec       ask for DNSSEC records (DO)
      --cd           ask not to validate (CD)
      --no-recurse   ask not to recurse (clears RD)
      --class CLASS  IN, CH, HS or CLASS1; default IN
  -k, --insecure     accept any certificate
  -h, --help         this text

Exit code: 0 answered, with whatever status; 9 no reply; 1 wrong usage.
`;

/** Checks the command line; undefined when it asks for help. Throws {@link UsageError}. */
export function parseLookup(argv: readonly string[]): LookupArguments | undefined {
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
		if (values.help) return undefined;
		const [at, ...more] = positionals.filter((text) => text.startsWith("@"));
		const [name, type, ...rest] = positionals.filter((text) => !text.startsWith("@"));
		if (name === undefined) throw new UsageError("no NAME given");
		const extra = more[0] ?? rest[0] ?? (values.server === undefined ? undefined : at);
		if (extra !== undefined) throw new UsageError(`${JSON.stringify(extra)} is one argument too many`);
		const server = values.server ?? at?.slice(1);
		if (values.json && values.short) throw new UsageError("--json and --short exclude one another");
		return {
			question: parseQuestion(name, type, values.class, values.reverse),
			server: server === undefined ? undefined : parseServer(server),
			config: values.config,
			tcp: values.tcp,
			timeoutMs: parseTimeout(values.timeout),
			bufferSize: parseBufferSize(values.bufsize),
			dnssec: values.dnssec,
			checkingDisabled: values.cd,
			recursive: !values["no-recurse"],
			insecure: values.insecure,
			output: values.json ? "json" : values.short ? "short" : "full",
		};
	} catch (error) {
		if (error instanceof NameError || error instanceof ServerError) throw new UsageError(error.message);
		// What parseArgs itself objects to.
		if (error instanceof TypeError && "code" in error) throw new UsageError(error.message);
		throw error;
	}
}

/** Types whose answers are more than one message: a transfer, not a lookup. */
const TRANSFERS = new Set([parseType("AXFR"), parseType("IXFR")]);

function parseQuestion(name: string, type: string | undefined, cls: string, reverse: boolean): Question {
	const typeCode = parseType(type ?? (reverse ? "PTR" : "A"));
	if (typeCode === undefined) {
		throw new UsageError(
			`TYPE ${JSON.stringify(type)} is not known; write A, AAAA, MX, … or a number as TYPE65`,
		);
	}
	if (TRANSFERS.has(typeCode))
		throw new UsageError(`TYPE ${type} is a zone transfer, which lookup does not do`);
	const classCode = parseClass(cls);
	if (classCode === undefined) {
		throw new UsageError(
			`--class ${JSON.stringify(cls)} is not known; write IN, CH, HS or a number as CLASS1`,
		);
	}
	if (reverse && !ipaddr.isValid(name)) {
		throw new UsageError(`--reverse wants an IP address; ${JSON.stringify(name)} is none`);
	}
	const labels = parseName(reverse ? reverseName(ipaddr.parse(name).toByteArray()) : name);
	return { labels, type: typeCode, class: classCode };
}

function parseTimeout(text: string): number {
	const seconds = parseDuration(text);
	if (seconds === undefined || seconds <= 0 || seconds > 3600) {
		throw new UsageError(
			`--timeout ${JSON.stringify(text)} must be a duration up to 1h, such as 500ms or 5s`,
		);
	}
	return Math.max(1, Math.round(seconds * 1000));
}

function parseBufferSize(text: string): number {
	const bytes = /^\d{1,5}$/.test(text) ? Number(text) : -1;
	if (bytes === 0 || (bytes >= 512 && bytes <= 65_535)) return bytes;
	throw new UsageError(`--bufsize ${JSON.stringify(text)} must be 512 to 65535 bytes, or 0 for no EDNS`);
}
