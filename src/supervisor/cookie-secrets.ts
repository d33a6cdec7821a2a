/** The secrets of cookies: the same for all workers, and for those that are started again. */
import { randomBytes } from "node:crypto";
import { secretIn } from "../config/edns-files.ts";
import type { CookieSettings } from "../config/edns-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../observe/log.ts";

const SECRET_BYTES = 16;

export class CookieSecrets {
	readonly #log: Log;
	/** For as long as the process lives, and handed on to its successor, where no file names another one. */
	readonly own: Uint8Array;
	#last: CookieSettings["secrets"];

	/** `own`: of the Cordon before; another of its length is not taken. */
	constructor(log: Log, own?: Uint8Array) {
		this.#log = log;
		this.own = own?.length === SECRET_BYTES ? own : Uint8Array.from(randomBytes(SECRET_BYTES));
	}

	/** The settings with the secrets that they name. A file that has gone since it was checked changes nothing. */
	into(settings: Settings): Settings {
		const { cookies } = settings.listen;
		try {
			const { secretFile, previousSecretFile } = cookies;
			this.#last = {
				current: secretFile === undefined ? this.own : secretIn(secretFile),
				previous: previousSecretFile === undefined ? undefined : secretIn(previousSecretFile),
			};
		} catch (error) {
			this.#log.error(
				"a secret of listen.cookies cannot be read, cookies are made with the one before; correct the file and reload",
				{
					why: (error as Error).message,
				},
			);
		}
		const secrets = this.#last ?? { current: this.own, previous: undefined };
		return { ...settings, listen: { ...settings.listen, cookies: { ...cookies, secrets } } };
	}
}
