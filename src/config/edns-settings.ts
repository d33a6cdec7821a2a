/** What of the section `listen` is about EDNS and about who we are, as the program uses it. */
import { hostname } from "node:os";
import type { Config } from "./schema.ts";

export interface CookieSettings {
	readonly enabled: boolean;
	readonly required: boolean;
	/** Absolute. */
	readonly secretFile?: string;
	readonly previousSecretFile?: string;
	/** Put in by the supervisor, which gives all workers the same; 16 bytes each. */
	readonly secrets?: { readonly current: Uint8Array; readonly previous: Uint8Array | undefined };
}

/** ASCII; absent: not told. */
export interface IdentitySettings {
	readonly server?: Uint8Array;
	readonly version?: Uint8Array;
	readonly nsid?: Uint8Array;
}

const LONGEST = 64;

function bytes<K extends string>(key: K, text: string | false): { readonly [k in K]?: Uint8Array } {
	return text === false
		? {}
		: ({ [key]: new TextEncoder().encode(text) } as { readonly [k in K]: Uint8Array });
}

export function toIdentity({ listen: { identity } }: Config): IdentitySettings {
	const { server, version, nsid } = identity;
	const own = server === false ? hostname().slice(0, LONGEST) : server;
	return {
		...bytes("server", server),
		...bytes("version", version),
		...bytes("nsid", nsid === true ? own : nsid),
	};
}

export function toCookies({ listen: { cookies } }: Config): CookieSettings {
	const { enabled, required, secretFile, previousSecretFile } = cookies;
	return {
		enabled,
		required,
		...(secretFile === undefined ? {} : { secretFile }),
		...(previousSecretFile === undefined ? {} : { previousSecretFile }),
	};
}
