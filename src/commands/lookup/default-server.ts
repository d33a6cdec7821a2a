/** The server to ask when none is named: the Cordon of this machine. */
import type { HostPort } from "../../config/address.ts";
import { parseHostPort } from "../../config/address.ts";
import { ConfigError } from "../../config/fault.ts";
import { loadConfig } from "../../config/load.ts";
import type { Server } from "./server.ts";

/** Where Cordon listens unless told otherwise. */
const FALLBACK: HostPort = { address: "127.0.0.1", port: 5300, family: 4 };

/** The first of `listen.dns`. Without a readable configuration a guess: to look at what is wrong must stay possible. */
export async function defaultServer(file: string | undefined): Promise<Server> {
	const { address, port } = (await firstListener(file)) ?? FALLBACK;
	return { transport: "udp", host: reachable(address), port, path: "" };
}

async function firstListener(file: string | undefined): Promise<HostPort | undefined> {
	try {
		const { config } = await loadConfig({ path: file });
		return parseHostPort(config.listen.dns[0] ?? "", 53);
	} catch (error) {
		if (error instanceof ConfigError && file === undefined) return undefined;
		throw error;
	}
}

/** Who listens on every address also listens on this machine's own. */
function reachable(address: string): string {
	if (address === "0.0.0.0") return "127.0.0.1";
	return /^[0:]+$/.test(address) ? "::1" : address;
}
