import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cleanup } from "./cleanup.ts";
import { nsdConfig } from "./nsd-config.ts";
import { firstAnswer, isGoodReply } from "./probe.ts";
import { Program } from "./program.ts";

export interface AuthorityOptions {
	readonly file: string;
	readonly directory: string;
	readonly port: number;
	readonly cores: string | undefined;
	readonly cleanup: Cleanup;
}

const ZONE = `$ORIGIN .
$TTL 3600
@ SOA ns.example. root.example. 1 3600 600 86400 300
@ NS ns.example.
ns.example. A 127.0.0.1
* A 192.0.2.1
* AAAA 2001:db8::1
`;

/** nsd, which answers every name with the same address. */
export async function startAuthority(options: AuthorityOptions): Promise<Program> {
	const { directory, port } = options;
	const config = join(directory, "nsd.conf");
	await writeFile(join(directory, "up.zone"), ZONE);
	await writeFile(
		config,
		nsdConfig({
			directory,
			port,
			zones: [{ name: ".", file: "up.zone" }],
			server: ["verbosity: 1", "receive-buffer-size: 8388608", "send-buffer-size: 8388608"],
		}),
	);
	const nsd = new Program(
		{ file: options.file, arguments: ["-d", "-c", config], directory },
		{ cleanup: options.cleanup, logFile: join(directory, "nsd.log"), cores: options.cores },
	);
	const reply = await firstAnswer(port, ["example.org"], isGoodReply, 10_000);
	if (reply === undefined) throw new Error(`nsd does not answer:\n${nsd.lastWords()}`);
	return nsd;
}
