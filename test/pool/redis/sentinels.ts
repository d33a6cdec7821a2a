/** A master, replicas of it, and Sentinels that watch them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RedisSettings } from "../../../src/config/pool-settings.ts";
import { type Ends, RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";

export interface SentinelOptions {
	readonly replicas?: number;
	readonly sentinels?: number;
	/** Of the servers, and of the Sentinels. */
	readonly password?: string;
}

export interface SentinelGroup {
	/** Where they began: the first is the master. */
	readonly servers: readonly RedisServer[];
	readonly sentinels: readonly RedisServer[];
	readonly settings: RedisSettings;
	/** The one that the Sentinels name at present. */
	master(): Promise<RedisServer>;
	/** Kills the master and resolves with the one that took its place. */
	failover(): Promise<RedisServer>;
}

const MASTER = "cordon-master";

export async function startSentinels(t: Ends, options: SentinelOptions = {}): Promise<SentinelGroup> {
	const { replicas = 1, sentinels: watchers = 1, password } = options;
	const conf = password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`];
	const cliArguments = password === undefined ? [] : ["--no-auth-warning", "-a", password];
	const first = await RedisServer.start(t, { conf, cliArguments });
	const others = await Promise.all(
		Array.from({ length: replicas }, () =>
			RedisServer.start(t, {
				conf: [...conf, `replicaof 127.0.0.1 ${first.port}`, "repl-diskless-sync-delay 0"],
				cliArguments,
			}),
		),
	);
	const servers = [first, ...others];
	await until(
		"the replicas to be level",
		async () => (await first.info("connected_slaves")) === String(replicas),
	);
	for (const replica of others) {
		await until("a replica's link", async () => (await replica.info("master_link_status")) === "up");
	}
	const sentinels = await Promise.all(
		Array.from({ length: watchers }, () =>
			RedisServer.start(t, {
				sentinelConf: (folder) => writeConf(folder, first.port, watchers, password),
				cliArguments,
			}),
		),
	);
	for (const sentinel of sentinels) {
		await until("a Sentinel to know all", async () => {
			const said = await sentinel.cli("sentinel", "master", MASTER);
			const field = (name: string) => new RegExp(`^${name}\n(.*)$`, "m").exec(said)?.[1];
			return (
				field("num-slaves") === String(replicas) && field("num-other-sentinels") === String(watchers - 1)
			);
		});
	}

	async function master(): Promise<RedisServer> {
		const said = await sentinels[0].cli("sentinel", "get-master-addr-by-name", MASTER);
		const port = Number(said.split("\n")[1]);
		const found = servers.find((server) => server.port === port);
		if (found === undefined) throw new Error(`the Sentinel names ${said}, which is none of ours`);
		return found;
	}

	return {
		servers,
		sentinels,
		master,
		settings: singleSettings(0, {
			servers: {
				kind: "sentinel",
				sentinels: sentinels.map(({ port }) => ({ host: "127.0.0.1", port })),
				master: MASTER,
				...(password === undefined ? {} : { sentinelPassword: password }),
			},
			...(password === undefined ? {} : { password }),
		}),
		async failover() {
			const old = await master();
			await old.kill();
			await until("another master", async () => (await master()) !== old, 60_000);
			const now = await master();
			await until("it to be one", async () => (await now.role()) === "master");
			return now;
		},
	};
}

/** Sentinel writes to its file, so that each has one of its own. */
function writeConf(folder: string, port: number, watchers: number, password: string | undefined): string {
	const file = join(folder, "sentinel.conf");
	writeFileSync(
		file,
		[
			`sentinel monitor ${MASTER} 127.0.0.1 ${port} ${Math.floor(watchers / 2) + 1}`,
			`sentinel down-after-milliseconds ${MASTER} 1000`,
			`sentinel failover-timeout ${MASTER} 5000`,
			...(password === undefined
				? []
				: [`sentinel auth-pass ${MASTER} ${password}`, `requirepass ${password}`]),
			"",
		].join("\n"),
	);
	return file;
}
