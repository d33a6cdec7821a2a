/** `cordon pool import`: a file of contributions, or of domains, into the pool. */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { LineVerdict } from "../../pool/desk.ts";
import { UsageError } from "../usage-error.ts";
import { BATCH_EXIT, exitCode, noteHeld, sendBatch, summaryLine } from "./batch.ts";
import { DRAFT_HELP, DRAFT_OPTIONS, draftFields } from "./draft-options.ts";
import { type Fields, importLines } from "./import-lines.ts";
import type { Run, Subcommand, Terminal } from "./subcommand.ts";

function read(path: string): AsyncIterable<Buffer> {
	return createReadStream(path, { highWaterMark: 65_536 });
}

/** The same file, options and member give the same key. */
async function keyOf(path: string, defaults: Fields, member: string | undefined): Promise<string> {
	const hash = createHash("sha256").update(`${JSON.stringify({ defaults, member })}\n`);
	try {
		for await (const chunk of read(path)) hash.update(chunk);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		throw new UsageError(`${path} cannot be read: ${code === "ENOENT" ? "there is no such file" : message}`);
	}
	return `cordon-import-${hash.digest("hex")}`;
}

/** Standard input is kept first: its key has to be known before it is sent. */
async function kept<T>(stdin: Terminal["stdin"], use: (path: string) => Promise<T>): Promise<T> {
	if (stdin === undefined) throw new UsageError("there is no standard input to read");
	const folder = await mkdtemp(join(tmpdir(), "cordon-import-"));
	try {
		const path = join(folder, "input");
		await pipeline(Readable.from(stdin, { objectMode: false }), createWriteStream(path, { mode: 0o600 }));
		return await use(path);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

async function importFile(run: Run, path: string): Promise<number> {
	const { typed, note, say, json } = run;
	const client = await run.connect();
	const member = typed.text("member");
	const defaults = draftFields(typed);
	const idempotencyKey = typed.text("idempotency-key") ?? (await keyOf(path, defaults, member));
	const asJson = typed.isSet("json");
	const told: LineVerdict[] = [];
	const lines = importLines(read(path), defaults);
	const summary = await sendBatch(client, lines, { member, idempotencyKey }, (verdict) => {
		const { line, status, domain = "", reason = "" } = verdict;
		if (status !== "refused" && status !== "pending") return;
		if (asJson) told.push(verdict);
		else
			note(
				`line ${line}: ${status === "pending" ? "waits: " : ""}${domain === "" ? "" : `${domain}: `}${reason}`,
			);
	});
	if (asJson) json({ ...summary, lines: told });
	else {
		say(summaryLine(summary));
		noteHeld(summary, run);
	}
	return exitCode(summary);
}

export const importCommand: Subcommand = {
	arguments: "FILE|- [OPTIONS]",
	help: `Reads contributions, one a line: as JSON (NDJSON), such as cordon pool export writes, or plain domains. Lines may have
comments (#). The options below are what a line says that does not say it itself. Prints the lines that were refused.

The same file again, within a day, gets the first outcome and changes nothing, so that an import that broke off can be
repeated without harm. To import it anew, give another --idempotency-key.
${DRAFT_HELP.trimEnd()}
  --member M         in whose name, when you are an admin
  --idempotency-key  1 to 200 printable characters, in place of one made from the content`,
	exit: BATCH_EXIT,
	options: { ...DRAFT_OPTIONS, member: { type: "string" }, "idempotency-key": { type: "string" } },
	words: [1, 1],
	run(run) {
		const [path] = run.typed.words;
		return path === "-"
			? kept(run.terminal.stdin, (spooled) => importFile(run, spooled))
			: importFile(run, path);
	},
};
