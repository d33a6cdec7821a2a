/** `cordon status`: how a running Cordon does, asked through its admin server. */
import { formatHostPort, parseHostPort } from "../config/address.ts";
import { loadConfig } from "../config/load.ts";
import { printable } from "../observe/printable.ts";
import { parseStatus, type StatusArguments, USAGE, UsageError } from "./status/arguments.ts";
import { printReport, type Report } from "./status/print.ts";

/** Where a command prints; `process` is one. */
export interface Output {
	readonly stdout: { write(text: string): unknown };
	readonly stderr: { write(text: string): unknown };
}

const READY = 0;
const NOT_READY = 1;
const WRONG = 1;
const NOT_REACHABLE = 2;

const TIMEOUT_MS = 5000;
const ADVICE =
	"Is Cordon running? Start it with npm start, or name its listen.admin with --admin or --config";

class NotReachable extends Error {
	override readonly name = "NotReachable";
}

/** A server that listens everywhere is asked on this machine. */
const LOCAL: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

async function adminOf(args: StatusArguments): Promise<URL> {
	if (args.admin !== undefined) return args.admin;
	const { config, path } = await loadConfig({ path: args.config });
	const text = config.listen.admin;
	const host = text === false ? undefined : parseHostPort(text, 8053);
	if (host === undefined) {
		throw new UsageError(
			`${path} has listen.admin: false, so that nobody can be asked. Give it an address, such as 127.0.0.1:8053`,
		);
	}
	return new URL(`http://${formatHostPort({ ...host, address: LOCAL[host.address] ?? host.address })}`);
}

function whyUnreachable(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error.name === "TimeoutError") return `it did not answer within ${TIMEOUT_MS / 1000} s`;
	const cause = error.cause as NodeJS.ErrnoException | undefined;
	return cause?.code === "ECONNREFUSED" ? "nothing listens there" : (cause?.message ?? error.message);
}

async function get(admin: URL, path: string): Promise<unknown> {
	let response: Response;
	let body: string;
	try {
		response = await fetch(new URL(path, admin), {
			signal: AbortSignal.timeout(TIMEOUT_MS),
			redirect: "error",
		});
		body = await response.text();
	} catch (error) {
		throw new NotReachable(`cannot ask ${admin.origin}: ${whyUnreachable(error)}. ${ADVICE}`);
	}
	const said = parseJson(body);
	if (response.ok && said !== undefined) return said;
	if (typeof said?.detail === "string") {
		throw new NotReachable(`${admin.origin} refused (${response.status}): ${said.detail}`);
	}
	throw stranger(admin);
}

function parseJson(body: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(body);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

function stranger(admin: URL): NotReachable {
	return new NotReachable(`what answers on ${admin.origin} is not the admin server of Cordon. ${ADVICE}`);
}

async function report(admin: URL): Promise<Report> {
	const [status, summary] = (await Promise.all([
		get(admin, "/api/v1/status"),
		get(admin, "/api/v1/summary"),
	])) as [Report["status"], Report["summary"]];
	if (!Array.isArray(status.lists) || !Array.isArray(status.workers) || !Array.isArray(summary.upstreams)) {
		throw stranger(admin);
	}
	return { status, summary };
}

/** Runs `cordon status` with the arguments behind it and returns the exit code. Throws ConfigError. */
export async function status(argv: readonly string[], output: Output = process): Promise<number> {
	try {
		const args = parseStatus(argv);
		if (args === undefined) {
			output.stdout.write(USAGE);
			return READY;
		}
		const found = await report(await adminOf(args));
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
		throw error;
	}
}
