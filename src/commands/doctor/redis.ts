/** Whether the Redis of a shared pool keeps what it is given. */
import { type PoolSettings, toPoolSettings } from "../../config/pool-settings.ts";
import type { Checkup } from "../../pool/redis/checkup.ts";
import { judgeClock } from "./clock.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

const OLDEST = [6, 2] as const;
const SLOW_MS = 50;
/** Of its memory. */
const NEARLY_FULL = 0.9;
/** Of keys that are refused, so many are told: with another prefix it is all of them. */
const MOST_KEYS = 3;
const ACL_MEND = "give its user the rights of docs/pool.md, section Redis: redis-cli ACL SETUSER";

function set(name: string, value: string): string {
	return `redis-cli CONFIG SET ${name} ${value} && redis-cli CONFIG REWRITE`;
}

function versionOf({ info, where }: Checkup): Said[] {
	const version = info.get("redis_version");
	if (version === undefined) {
		return [note(`${where} does not tell its version: INFO is refused`, ACL_MEND)];
	}
	const [major = 0, minor = 0] = version.split(".").map(Number);
	if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
		return [
			fault(
				`${where} is Redis ${version}, and ${OLDEST.join(".")} or later is needed`,
				"install a newer Redis",
			),
		];
	}
	return [];
}

function persistence({ info, config, where }: Checkup): Said[] {
	const said: Said[] = [];
	const appends = info.get("aof_enabled") === "1";
	const save = config.get("save");
	if (info.has("aof_enabled") && !appends && save === "") {
		said.push(
			fault(`${where} keeps nothing on disk: a restart loses the whole pool`, set("appendonly", "yes")),
		);
	} else if (info.has("aof_enabled") && !appends) {
		const text = `${where} writes its state to disk now and then only: a crash loses what came since`;
		said.push(note(text, set("appendonly", "yes")));
	}
	for (const [field, what] of [
		["rdb_last_bgsave_status", "its last save to disk failed"],
		["aof_last_write_status", "its last write to the append-only file failed"],
	] as const) {
		const status = info.get(field);
		if (status !== undefined && status !== "ok") {
			said.push(
				fault(
					`${where}: ${what}; it may refuse changes`,
					"the log of Redis says why; often its disk is full: df -h",
				),
			);
		}
	}
	return said;
}

function memory({ info, where }: Checkup): Said[] {
	const said: Said[] = [];
	const policy = info.get("maxmemory_policy");
	if (policy !== undefined && policy !== "noeviction") {
		const text = `${where} throws parts of the pool away when its memory is full: maxmemory-policy is ${policy}`;
		said.push(fault(text, set("maxmemory-policy", "noeviction")));
	}
	const most = Number(info.get("maxmemory") ?? 0);
	const used = Number(info.get("used_memory") ?? 0);
	if (most > 0 && used > most * NEARLY_FULL) {
		const share = Math.round((used / most) * 100);
		said.push(
			warning(
				`${where} has used ${share} % of its maxmemory: then it refuses changes`,
				set("maxmemory", String(most * 2)),
			),
		);
	}
	return said;
}

function replication({ info, config, where }: Checkup, { redis }: PoolSettings): Said[] {
	const role = info.get("role");
	const said: Said[] = [];
	if (role === "slave") {
		const text = `${where} is a replica: the pool can be followed there and not changed`;
		said.push(fault(text, "pool.redis.url: name the master, or its Sentinels in pool.redis.sentinels"));
		return said;
	}
	const replicas = Number(info.get("connected_slaves") ?? 0);
	const needed = Number(config.get("min-replicas-to-write") ?? 0);
	if (needed > replicas) {
		const text = `${where} has ${replicas} replicas and takes changes with ${needed} only (min-replicas-to-write)`;
		said.push(
			fault(text, "start its replicas, or see why they are not connected: redis-cli INFO replication"),
		);
	}
	if (redis.waitReplicas > replicas) {
		const text = `pool.redis.waitReplicas is ${redis.waitReplicas}, and ${where} has ${replicas} replicas: no change is confirmed`;
		said.push(fault(text, `pool.redis.waitReplicas: ${replicas}, or start replicas`));
	} else if (redis.servers.kind !== "single" && redis.waitReplicas === 0 && replicas > 0) {
		said.push(note(`the last changes may be lost in a failover of ${where}`, "pool.redis.waitReplicas: 1"));
	}
	return said;
}

/** What its user lacks, and the line that gives it. */
function rights({ where, refused }: Checkup, { redis }: PoolSettings): Said[] {
	const user = redis.username ?? "default";
	const on = (what: "command" | "key") => refused.filter((one) => one.what === what);
	const give = (rule: string) =>
		`redis-cli ACL SETUSER ${user} ${rule}, then keep it: ACL SAVE, or CONFIG REWRITE; docs/pool.md, section Redis, has all`;
	const commands = on("command").map(({ command }) => command);
	const keys = new Map(on("key").map(({ command, key }) => [key, `${command} on ${key}`]));
	const said: Said[] = [];
	if (commands.length > 0) {
		const tried = on("command").find(({ key }) => key !== undefined)?.key;
		const place = tried === undefined ? "" : ` (tried on ${tried})`;
		said.push(
			fault(
				`${where} refuses commands to its user ${user}: ${commands.join(", ")}${place}`,
				give(commands.map((command) => `+${command.toLowerCase()}`).join(" ")),
			),
		);
	}
	if (keys.size > 0) {
		const told = [...keys.values()].slice(0, MOST_KEYS).join(", ");
		const more = keys.size > MOST_KEYS ? `, and ${keys.size - MOST_KEYS} keys more` : "";
		said.push(
			fault(`${where} refuses keys to its user ${user}: ${told}${more}`, give(`'~${redis.prefix}:*'`)),
		);
	}
	return said;
}

export function judgeRedis(found: Checkup, settings: PoolSettings): Said[] {
	const { where, noWrites, roundTripMs, clockAheadMs, hasPool, info } = found;
	const said = [
		...versionOf(found),
		...persistence(found),
		...memory(found),
		...replication(found, settings),
		...judgeClock(clockAheadMs, where, 100),
	];
	said.push(...rights(found, settings));
	// Where INFO told why already, it is not said twice.
	if (noWrites !== undefined && said.every(({ level }) => level !== "fault")) said.push(fault(noWrites));
	if (roundTripMs > SLOW_MS) {
		said.push(
			warning(
				`${where} takes ${Math.round(roundTripMs)} ms for a round trip`,
				"a Redis nearer to this node, or a look at its load: redis-cli --latency",
			),
		);
	}
	const pool = hasPool
		? `the pool ${settings.name} is in it`
		: `there is no pool ${settings.name} yet; the first node makes it`;
	const fine = said.every(({ level }) => level === "ok" || level === "note");
	if (fine)
		said.unshift(
			ok(
				`${where} is Redis ${info.get("redis_version") ?? "?"}, a round trip takes ${roundTripMs.toFixed(1)} ms, ${pool}`,
			),
		);
	return said;
}

export const REDIS: Check = {
	name: "redis",
	network: true,
	async look({ loaded: { config }, timeoutMs, now }, signal) {
		if (config.pool.store !== "redis") return [ok(`no Redis is used: pool.store is ${config.pool.store}`)];
		const settings = toPoolSettings(config);
		const { checkup, NoCheckup } = await import("../../pool/redis/checkup.ts");
		const patience = Math.min(settings.redis.timeoutMs, timeoutMs);
		try {
			return judgeRedis(
				await checkup({ ...settings.redis, timeoutMs: patience }, settings.name, signal, now),
				settings,
			);
		} catch (error) {
			if (!(error instanceof NoCheckup)) throw error;
			return [fault(error.message, "redis-cli -h HOST -p PORT ping, from this machine")];
		}
	},
};
