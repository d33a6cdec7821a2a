/** What a server is like, looked at once per connection: whether it will do, and what an operator should mend. */
import type { RedisSettings } from "../../config/pool-settings.ts";
import { type Client, settled } from "./client.ts";
import type { Fault, Faults } from "./fault.ts";

export interface Inspection {
	/** As it says itself; empty when it may not be asked. */
	readonly version: string;
	/** It takes no writes, and never will while it is one. */
	readonly replica: boolean;
	/** One sentence each. */
	readonly warnings: readonly string[];
}

const OLDEST = [6, 2] as const;

function field(info: string, name: string): string | undefined {
	return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}

function tooOld(version: string): boolean {
	const [major = 0, minor = 0] = version.split(".").map(Number);
	return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
}

function text(reply: readonly [Error | null, unknown]): string {
	return reply[0] === null && typeof reply[1] === "string" ? reply[1] : "";
}

/** CONFIG GET answers name, value; undefined when it is forbidden. */
function setting(reply: readonly [Error | null, unknown]): string | undefined {
	const value = reply[0] === null && Array.isArray(reply[1]) ? (reply[1] as unknown[])[1] : undefined;
	return typeof value === "string" ? value : undefined;
}

function warningsOf(info: string, save: string | undefined, where: string): string[] {
	const warnings: string[] = [];
	const policy = field(info, "maxmemory_policy");
	if (policy !== undefined && policy !== "noeviction") {
		warnings.push(
			`${where} may throw parts of the pool away when its memory is full: its maxmemory-policy is ${policy}, set it to noeviction.`,
		);
	}
	if (field(info, "aof_enabled") === "0" && save === "") {
		warnings.push(
			`${where} keeps nothing on disk: a restart loses the whole pool. Set appendonly yes, or save, there.`,
		);
	}
	return warnings;
}

/**
 * @param meta a key of the pool: in a Cluster, its node is looked at.
 * @returns a Fault when the server will not do, for now or at all.
 */
export async function inspect(
	client: Client,
	meta: string,
	settings: RedisSettings,
	faults: Faults,
): Promise<Inspection | Fault> {
	const [state, server, save] = await settled(client, [["hlen", meta], ["info"], ["config", "get", "save"]]);
	if (state[0] !== null) return faults.of(state[0]);
	const info = text(server);
	const version = field(info, "redis_version") ?? "";
	if (/^\d+\.\d/.test(version) && tooOld(version)) {
		return faults.fault("lost", "too-old", `is Redis ${version}, which is too old: 6.2 or later is needed`);
	}
	if (field(info, "loading") === "1") return faults.of(new Error("LOADING"));
	const replica = field(info, "role") === "slave";
	if (replica && settings.servers.kind !== "single") {
		return faults.fault(
			"lost",
			"replica",
			"led us to a replica: a failover may be under way, it is asked again",
		);
	}
	const warnings = warningsOf(info, setting(save), faults.where);
	if (replica) {
		warnings.push(
			`${faults.where} is a replica: the pool can be followed there but not changed. Name the master in pool.redis.url.`,
		);
	}
	return { version, replica, warnings };
}
