/** Stores on real servers, closed with the test, and what they say. */
import type { Test } from "tap";
import type { RedisSettings } from "../../../src/config/pool-settings.ts";
import type { Log, LogFields } from "../../../src/observe/log.ts";
import { createClient, discard, type PipelinedCommand, pipelined } from "../../../src/pool/redis/client.ts";
import { Keys } from "../../../src/pool/redis/keys.ts";
import { openRedisStore, type RedisStore, type RedisStoreOptions } from "../../../src/pool/redis/store.ts";
import type { Past } from "../store-contract/pool.ts";
import type { ContractOptions, ContractPool } from "../store-contract.ts";

export interface LogLine {
	readonly level: "debug" | "info" | "warn" | "error";
	readonly message: string;
	readonly fields: LogFields;
}

export interface State {
	readonly up: boolean;
	readonly problem?: string;
}

export class HeardLog implements Log {
	readonly lines: LogLine[] = [];

	debug(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "debug", message, fields });
	}
	info(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "info", message, fields });
	}
	warn(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "warn", message, fields });
	}
	error(message: string, fields: LogFields = {}): void {
		this.lines.push({ level: "error", message, fields });
	}
	readonly level = { level: "info", configured: "info" } as const;
	setLevel(): void {}
	overrideLevel(): void {}
	child(): Log {
		return this;
	}

	/** Warnings and errors, each with its fields as text. */
	get complaints(): string[] {
		return this.lines
			.filter(({ level }) => level === "warn" || level === "error")
			.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`);
	}
}

export interface Opened {
	readonly store: RedisStore;
	readonly log: HeardLog;
	/** Each change of state, in order. */
	readonly states: readonly State[];
}

/** A store that is closed when `t` ends. */
export async function openStore(
	t: Pick<Test, "teardown">,
	settings: RedisSettings,
	options: RedisStoreOptions & { readonly pool?: string } = {},
): Promise<Opened> {
	const log = new HeardLog();
	const states: State[] = [];
	const { pool = "default", ...rest } = options;
	const store = await openRedisStore(settings, pool, "node-1", log, {
		...rest,
		onState: (up, problem) => states.push({ up, ...(problem === undefined ? {} : { problem }) }),
	});
	t.teardown(() => store.close());
	return { store, log, states };
}

/** Fills what holds no pool yet. */
export async function writePast(
	settings: RedisSettings,
	pool: string,
	{ entries, retention }: Past,
): Promise<void> {
	const keys = new Keys(settings.prefix, pool);
	const options = { name: "past", attempt: 0, commandTimeoutMs: settings.timeoutMs };
	const client = createClient(settings, options);
	client.on("error", () => {});
	await client.connect();
	const commands = entries.map(({ at, actor, node, from, action, details }, i): PipelinedCommand => {
		const fields = ["at", at, "actor", actor, "node", node, "from", from, "action", action];
		return ["xadd", keys.audit, `${at}-${i + 1}`, ...fields, "details", JSON.stringify(details)];
	});
	for (const [field, value] of Object.entries(retention))
		commands.push(["hset", keys.retention, field, value]);
	await pipelined(client, commands);
	discard(client);
}

let pools = 0;

/** A new pool on servers that are there already, as the contract wants it. */
export function contractPool(
	settings: RedisSettings,
	lose: () => Promise<unknown>,
): (t: Test, options?: ContractOptions) => Promise<ContractPool> {
	return async (t, { past, ...options } = {}) => {
		const pool = `contract-${++pools}`;
		if (past !== undefined) await writePast(settings, pool, past);
		const open = async () => (await openStore(t, settings, { ...options, pool })).store;
		const store = await open();
		const stores = [store];
		return {
			store,
			async reopen() {
				for (const one of stores) await one.close();
				return open();
			},
			async second() {
				const another = await open();
				stores.push(another);
				return another;
			},
			async lose() {
				await lose();
			},
		};
	};
}
