/** Files that a configuration names. */
import type { Config } from "../config/schema.ts";

export interface NamedFile {
	/** The key that names it. */
	readonly key: string;
	readonly path: string;
	/** Whoever reads it can do harm. */
	readonly secret: boolean;
}

/** Of a configuration whose paths are absolute. */
export function namedFiles({
	listen: { cookies },
	pool: { redis },
	dnssec,
	lists,
}: Config): readonly NamedFile[] {
	const tls = typeof redis.tls === "object" ? redis.tls : undefined;
	const named: readonly (readonly [key: string, path: string | undefined, secret: boolean])[] = [
		["listen.cookies.secretFile", cookies.secretFile, true],
		["listen.cookies.previousSecretFile", cookies.previousSecretFile, true],
		["pool.redis.passwordFile", redis.passwordFile, true],
		["pool.redis.sentinelPasswordFile", redis.sentinelPasswordFile, true],
		["pool.redis.tls.key", tls?.key, true],
		["pool.redis.tls.ca", tls?.ca, false],
		["pool.redis.tls.cert", tls?.cert, false],
		["dnssec.trustAnchorsFile", dnssec.trustAnchorsFile, false],
		...lists.map(({ name, file }) => [`list ${name}`, file, false] as const),
	];
	return named.flatMap(([key, path, secret]): NamedFile[] =>
		path === undefined ? [] : [{ key, path, secret }],
	);
}
