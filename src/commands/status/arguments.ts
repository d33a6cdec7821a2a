import { parseArgs } from "node:util";
import { parseAdminUrl } from "../admin-address.ts";
import { UsageError } from "../usage-error.ts";

export interface StatusArguments {
	/** The configuration that names the admin server. */
	readonly config?: string;
	/** The base URL of the admin server, in place of the configuration's. */
	readonly admin?: URL;
	readonly json: boolean;
}

export const USAGE = `Usage: cordon status [--config FILE | --admin URL] [--json]

Asks a running Cordon how it does.

  --config FILE   the configuration whose listen.admin is asked
  --admin URL     the admin server to ask, such as http://127.0.0.1:8053
  --json          print what it says as JSON

Exit code: 0 ready, 1 not ready or wrong usage, 2 not reachable.
`;

/** Undefined: help was asked for. */
export function parseStatus(argv: readonly string[]): StatusArguments | undefined {
	let values: { config?: string; admin?: string; json?: boolean; help?: boolean };
	try {
		({ values } = parseArgs({
			args: [...argv],
			options: {
				config: { type: "string", short: "c" },
				admin: { type: "string" },
				json: { type: "boolean" },
				help: { type: "boolean", short: "h" },
			},
		}));
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
	if (values.help) return undefined;
	if (values.admin !== undefined && values.config !== undefined) {
		throw new UsageError("--admin and --config name two servers; give one of them");
	}
	return {
		json: values.json ?? false,
		...(values.config === undefined ? {} : { config: values.config }),
		...(values.admin === undefined ? {} : { admin: parseAdminUrl(values.admin) }),
	};
}
