/** `cordon status`: how a running Cordon does, asked through its admin server. */
import { printable } from "../observe/printable.ts";
import { findAdmin } from "./admin-address.ts";
import { AdminClient, NotReachable, Refused } from "./admin-client.ts";
import type { Output } from "./output.ts";
import { parseStatus, USAGE } from "./status/arguments.ts";
import { printReport, type Report } from "./status/print.ts";
import { UsageError } from "./usage-error.ts";

const READY = 0;
const NOT_READY = 1;
const WRONG = 1;
const NOT_REACHABLE = 2;

async function report(client: AdminClient): Promise<Report> {
	const [status, summary] = (await Promise.all([
		client.get("/api/v1/status"),
		client.get("/api/v1/summary"),
	])) as unknown as [Report["status"], Report["summary"]];
	if (!Array.isArray(status.lists) || !Array.isArray(status.workers) || !Array.isArray(summary.upstreams)) {
		throw client.stranger();
	}
	return { status, summary };
}

/** Runs `cordon status` with the arguments behind it and returns the exit code. Throws ConfigError. */
export async function status(argv: readonly string[], output: Output = process): Promise<number> {
	let client: AdminClient | undefined;
	try {
		const args = parseStatus(argv);
		if (args === undefined) {
			output.stdout.write(USAGE);
			return READY;
		}
		client = new AdminClient(await findAdmin(args.admin, args.config));
		const found = await report(client);
		output.stdout.write(
			args.json ? `${JSON.stringify(found, undefined, 2)}\n` : printReport(found, Date.now()),
		);
		return found.status.ready ? READY : NOT_READY;
	} catch (error) {
		if (error instanceof UsageError) {
			output.stderr.write(`cordon status: ${error.message}\nSee cordon status --help.\n`);
			return WRONG;
		}
		if (error instanceof NotReachable) {
			output.stderr.write(`cordon status: ${printable(error.message)}\n`);
			return NOT_REACHABLE;
		}
		if (error instanceof Refused) {
			const said = `${client?.origin ?? ""} refused (${error.status}): ${error.message}`;
			output.stderr.write(`cordon status: ${printable(said)}\n`);
			return NOT_REACHABLE;
		}
		throw error;
	}
}
