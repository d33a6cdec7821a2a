/** Where the running server can be asked. */
import { formatHostPort, parseHostPort } from "../config/address.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { UsageError } from "./usage-error.ts";

/** A server that listens everywhere is asked on this machine. */
const LOCAL: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** What `--admin` says, with or without its scheme. Throws UsageError. */
export function parseAdminUrl(text: string): URL {
	const url = /^https?:\/\//.test(text) ? text : `http://${text}`;
	if (!URL.canParse(url)) {
		throw new UsageError(`--admin ${text} is no address; write it like http://127.0.0.1:8053`);
	}
	return new URL(url);
}

/** What `listen.admin` says. Throws UsageError when there is none. */
export function adminUrlOf({ config, path }: LoadedConfig): URL {
	const text = config.listen.admin;
	const host = text === false ? undefined : parseHostPort(text, 8053);
	if (host === undefined) {
		throw new UsageError(
			`${path} has listen.admin: false, so that nobody can be asked. Give it an address, such as 127.0.0.1:8053`,
		);
	}
	return new URL(`http://${formatHostPort({ ...host, address: LOCAL[host.address] ?? host.address })}`);
}

/** Throws UsageError and ConfigError. */
export async function findAdmin(admin: URL | undefined, config: string | undefined): Promise<URL> {
	return admin ?? adminUrlOf(await loadConfig({ path: config }));
}
