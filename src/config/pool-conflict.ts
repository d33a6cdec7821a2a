/** Faults between keys of the pool, each of them right by itself, and in the files that they name. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { resolve } from "node:path";
import { parseRedisUrl } from "./address.ts";
import type { Conflict } from "./conflict.ts";
import type { Path } from "./fault.ts";
import { valueAt } from "./issue.ts";
import { certificateIn, passwordIn, privateKeyIn } from "./pool-files.ts";
import { VALIDITY } from "./pool-validity.ts";
import { parseDuration } from "./units.ts";
import { MEMBER_NAME, MEMBER_NAME_RULE, OPERATOR, POOL_CATEGORIES, PROGRAM } from "./vocabulary.ts";

function entries(value: unknown, path: Path): readonly unknown[] {
	const found = valueAt(value, path);
	return Array.isArray(found) ? found : [];
}

function trust(value: unknown): Conflict[] {
	const first = new Map<string, number>();
	return entries(value, ["pool", "trust", "members"]).flatMap((_, i): Conflict[] => {
		const path = ["pool", "trust", "members", i, "name"];
		const name = valueAt(value, path);
		if (typeof name !== "string") return [];
		if (name === PROGRAM) {
			return [{ path, message: `must not be ${PROGRAM}, which stands for what Cordon does by itself` }];
		}
		const known = first.get(name);
		if (known === undefined) {
			first.set(name, i);
			return [];
		}
		return [{ path, message: `is also the name of pool.trust.members[${known}]; remove one of the two` }];
	});
}

function pooledList(value: unknown, i: number): Conflict[] {
	const at = (key: string): Path => ["lists", i, key];
	const read = (key: string): unknown => valueAt(value, at(key));
	if (read("to") !== "pool") return [];
	const conflicts: Conflict[] = [];
	if (valueAt(value, ["pool", "store"]) === "off") {
		conflicts.push({ path: at("to"), message: "must not be pool while pool.store is off: there is none" });
	}
	const kind = read("kind") ?? "block";
	if (kind !== "block") {
		conflicts.push({
			path: at("to"),
			message: `must not be pool for a list of kind ${String(kind)}: only names to be blocked go to the pool`,
		});
	}
	const name = read("name");
	if (name === OPERATOR || name === PROGRAM) {
		conflicts.push({ path: at("name"), message: `must not be ${name} in the pool, where it is taken` });
	} else if (typeof name === "string" && !MEMBER_NAME.test(name)) {
		conflicts.push({
			path: at("name"),
			message: `is a member's name, for the list goes to the pool: it ${MEMBER_NAME_RULE}`,
		});
	}
	const category = read("category");
	if (category === "ads") {
		conflicts.push({
			path: at("category"),
			message: `is none of the pool's, which are ${POOL_CATEGORIES.join(", ")}`,
		});
	}
	if (read("answer") !== undefined) {
		conflicts.push({
			path: at("answer"),
			message: "says nothing for a list that goes to the pool: what the pool blocks gets blocking.answer",
		});
	}
	return conflicts;
}

function servers(value: unknown): Conflict[] {
	const at = (key: string): Path => ["pool", "redis", key];
	const read = (key: string): unknown => valueAt(value, at(key));
	const has = (key: string): boolean => read(key) !== undefined;
	const conflicts: Conflict[] = [];
	const add = (key: string, message: string) => conflicts.push({ path: at(key), message });
	if (valueAt(value, ["pool", "store"]) === "redis" && !has("url") && !has("sentinels") && !has("cluster")) {
		const message = "is redis, and needs pool.redis.url, sentinels or cluster to say where that is";
		conflicts.push({ path: ["pool", "store"], message });
	}
	if (!has("sentinels")) {
		for (const key of ["master", "sentinelPasswordFile"]) {
			if (has(key)) add(key, "says nothing without pool.redis.sentinels");
		}
	}
	const database = read("database");
	if (has("cluster") && typeof database === "number" && database !== 0) {
		add("database", "must be 0 with pool.redis.cluster: a Cluster has no other");
	}
	const text = read("url");
	const url = typeof text === "string" ? parseRedisUrl(text) : undefined;
	if (url?.database !== undefined && database !== undefined) {
		add("database", `is also in pool.redis.url (${url.database}); remove one of the two`);
	}
	if ((url?.database ?? 0) > 1023) add("url", "names a database above 1023");
	const tls = read("tls");
	if (url !== undefined && !url.tls && tls !== undefined && tls !== false) {
		add("url", "begins with redis://, which is without TLS; write rediss://, or remove pool.redis.tls");
	}
	if (url?.tls === true && tls === false) {
		add("tls", "must not be false with a url that begins with rediss://");
	}
	return conflicts;
}

function credentials(value: unknown): Conflict[] {
	const has = (...keys: readonly string[]): boolean =>
		valueAt(value, ["pool", "redis", ...keys]) !== undefined;
	const conflicts: Conflict[] = [];
	const add = (keys: readonly string[], message: string) =>
		conflicts.push({ path: ["pool", "redis", ...keys], message });
	if (has("password") && has("passwordFile")) {
		add(["password"], "is also in pool.redis.passwordFile; remove one of the two");
	}
	if (has("username") && !has("password") && !has("passwordFile")) {
		add(["username"], "needs a password: set pool.redis.passwordFile");
	}
	if (has("tls", "cert") && !has("tls", "key"))
		add(["tls", "cert"], "needs its private key: set pool.redis.tls.key");
	if (has("tls", "key") && !has("tls", "cert"))
		add(["tls", "key"], "needs its certificate: set pool.redis.tls.cert");
	return conflicts;
}

function validity(value: unknown): Conflict[] {
	return POOL_CATEGORIES.flatMap((category): Conflict[] => {
		const path = ["pool", "validity", category];
		const read = (key: string): number | undefined => {
			const text = valueAt(value, [...path, key]);
			return typeof text === "string" ? parseDuration(text) : undefined;
		};
		const [usual, most] = [read("default"), read("max")];
		if (usual === undefined || usual <= (most ?? VALIDITY[category].maxMs / 1000)) return [];
		const max = most === undefined ? ` (${VALIDITY[category].maxMs / 86_400_000}d unless it is set)` : "";
		return [{ path: [...path, "default"], message: `must not be above pool.validity.${category}.max${max}` }];
	});
}

/** `value` is what the file says, not yet validated, so that these faults are told together with all others. */
export function findPoolConflicts(value: unknown): readonly Conflict[] {
	return [
		...trust(value),
		...entries(value, ["lists"]).flatMap((_, i) => pooledList(value, i)),
		...servers(value),
		...credentials(value),
		...validity(value),
	];
}

/** What is wrong with the files of `pool.redis`, when they are needed. `folder` is that of the configuration file. */
export function findFileConflicts(value: unknown, folder: string): readonly Conflict[] {
	if (valueAt(value, ["pool", "store"]) !== "redis") return [];
	const conflicts: Conflict[] = [];
	const read = (keys: Path, reader: (file: string) => string): string | undefined => {
		const path = ["pool", "redis", ...keys];
		const file = valueAt(value, path);
		if (typeof file !== "string" || file === "") return undefined;
		try {
			return reader(resolve(folder, file));
		} catch (error) {
			conflicts.push({ path, message: error instanceof Error ? error.message : String(error) });
			return undefined;
		}
	};
	read(["passwordFile"], passwordIn);
	read(["sentinelPasswordFile"], passwordIn);
	read(["tls", "ca"], certificateIn);
	const certificate = read(["tls", "cert"], certificateIn);
	const key = read(["tls", "key"], privateKeyIn);
	if (certificate !== undefined && key !== undefined) {
		if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
			const path = ["pool", "redis", "tls", "key"];
			conflicts.push({ path, message: "is not the private key of the certificate in pool.redis.tls.cert" });
		}
	}
	return conflicts;
}
