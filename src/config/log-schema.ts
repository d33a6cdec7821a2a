/** The section `log` of the configuration. */
import { z } from "zod";
import { dnstap } from "./dnstap-schema.ts";
import { duration, namePattern, prefix, size } from "./text.ts";
import { QUERY_LOG_FIELDS, QUERY_LOG_USUAL_FIELDS, VIAS } from "./vocabulary.ts";

const queries = z.strictObject({
	to: z
		.string()
		.min(1)
		.default("off")
		.describe(
			"off; console: standard output; anything else is a file, relative to the configuration file, that is only ever appended to. SIGHUP opens it anew",
		),
	format: z
		.enum(["json", "text"])
		.default("json")
		.describe("json: one object a line, for machines; text: one line of key=value for people"),
	fields: z
		.array(z.enum(QUERY_LOG_FIELDS))
		.min(1)
		.refine((fields) => new Set(fields).size === fields.length, "must not name a field twice")
		.default([...QUERY_LOG_USUAL_FIELDS])
		.describe("what is written of each question, in this order; docs/logging.md tells what each holds"),
	privacy: z
		.enum(["full", "prefix", "hash", "none"])
		.default("full")
		.describe(
			"of clients' addresses; full: all of it; prefix: the /24 or /56; hash: a keyed hash, by which one client can be told from another; none: nothing",
		),
	secretFile: z
		.string()
		.min(1)
		.optional()
		.describe(
			"file with the key of privacy hash, 32 hexadecimal digits as openssl rand -hex 16 writes them; with it, hashes are the same after a restart; without, the key is random",
		),
	only: z
		.array(z.enum(VIAS))
		.default([])
		.describe("which answers are logged, by where they came from, such as [blocked]; empty: all"),
	ignore: z
		.array(namePattern)
		.default([])
		.describe('names that are not logged: example.org with all below it, "*.example.org" only what is below'),
	clients: z.array(prefix).default([]).describe("prefixes of the clients that are logged; empty: all"),
	exceptClients: z.array(prefix).default([]).describe("prefixes of clients that are not logged"),
	sample: z
		.int()
		.min(1)
		.max(1_000_000)
		.default(1)
		.describe("one question in so many is logged, whichever chance picks; 1: every one"),
	maxSize: size("0B", "64GiB")
		.default("100MiB")
		.describe("a file of so many bytes is put aside and a new one begun; 0B: of any size"),
	rotateEvery: duration("0s", "366d")
		.default("1d")
		.describe("how often a new file is begun, counted from midnight UTC; 0s: never"),
	keepFiles: z
		.int()
		.min(0)
		.max(100_000)
		.default(30)
		.describe("files put aside that are kept, the newest; 0: any number"),
	keepFor: duration("0s", "3660d")
		.default("30d")
		.describe("how long files put aside are kept; 0s: without limit"),
	compress: z.boolean().default(true).describe("whether files put aside are compressed (gzip)"),
});

export const log = z.strictObject({
	level: z
		.enum(["debug", "info", "warn", "error"])
		.default("info")
		.describe("the least severe lines that are written"),
	format: z
		.enum(["text", "json"])
		.default("text")
		.describe("text: for people; json: one object a line, for machines"),
	queries: queries
		.prefault({})
		.describe("What clients ask, and what became of it, question by question; off by default."),
	dnstap: dnstap
		.prefault({})
		.describe(
			"DNS messages as they go over the wire, to a receiver of dnstap; off by default. docs/dnstap.md.",
		),
});
