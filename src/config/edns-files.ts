/** The files that `listen.cookies` names. Nothing here needs the schema, which is large. */
import { resolve } from "node:path";
import { passwordIn } from "./pool-files.ts";
import type { Config } from "./schema.ts";

type CookieConfig = Config["listen"]["cookies"];

/** The 16 bytes of a secret. Throws an Error whose message goes on from the name of the key. */
export function secretIn(path: string): Uint8Array {
	const line = passwordIn(path).trim();
	if (!/^[0-9a-f]{32}$/i.test(line))
		throw new Error(
			`names a file whose first line is not 32 hexadecimal digits, as openssl rand -hex 16 writes them: ${path}`,
		);
	return Uint8Array.from(Buffer.from(line, "hex"));
}

/** With both files absolute; `folder` is that of the configuration file. */
export function withAbsoluteSecrets(cookies: CookieConfig, folder: string): CookieConfig {
	const { secretFile, previousSecretFile } = cookies;
	return {
		...cookies,
		...(secretFile === undefined ? {} : { secretFile: resolve(folder, secretFile) }),
		...(previousSecretFile === undefined ? {} : { previousSecretFile: resolve(folder, previousSecretFile) }),
	};
}
