/** ioredis as we use it: it connects once and never again by itself, since `Link` decides when and how. */
import type { ConnectionOptions } from "node:tls";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { RedisSettings } from "../../config/pool-settings.ts";

export type Client = Redis | Cluster;

/** One command for a pipeline: its name in lower case, then its arguments. */
export type PipelinedCommand = readonly (string | number | Buffer)[];

/** A peer that is gone does not close its side: this long it may take over it. */
const FAREWELL_MS = 200;

function tlsOptions(settings: RedisSettings): ConnectionOptions | undefined {
	const { tls } = settings;
	if (tls === undefined) return undefined;
	return {
		...(tls.ca === undefined ? {} : { ca: tls.ca }),
		...(tls.cert === undefined ? {} : { cert: tls.cert }),
		...(tls.key === undefined ? {} : { key: tls.key }),
		...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
	};
}

export interface ClientOptions {
	/** How it is called in CLIENT LIST: no spaces. */
	readonly name: string;
	/** Without it commands wait for ever, as blocking ones have to. */
	readonly commandTimeoutMs?: number;
	/** Which Sentinel is asked first: another one after each failure. */
	readonly attempt: number;
}

/** The same for all kinds of servers. */
function sharedOptions(settings: RedisSettings, options: ClientOptions) {
	const tls = tlsOptions(settings);
	return {
		connectionName: options.name,
		connectTimeout: settings.timeoutMs,
		disconnectTimeout: FAREWELL_MS,
		...(options.commandTimeoutMs === undefined ? {} : { commandTimeout: options.commandTimeoutMs }),
		// Named even when it is the default one: AUTH with a name succeeds where no password is needed, without a
		// name ioredis would print a warning of its own at every connection.
		...(settings.password === undefined
			? {}
			: { username: settings.username ?? "default", password: settings.password }),
		...(tls === undefined ? {} : { tls }),
		protocol: 2,
		disableClientInfo: true,
		// Link looks at the server itself, and says what it finds.
		enableReadyCheck: false,
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: 0,
		lazyConnect: true,
	} as const satisfies RedisOptions;
}

const ALONE = { retryStrategy: () => null, enableOfflineQueue: false } as const satisfies RedisOptions;

/** Not connected yet. */
export function createClient(settings: RedisSettings, options: ClientOptions): Client {
	const { servers, timeoutMs } = settings;
	const tls = tlsOptions(settings);
	const shared = sharedOptions(settings, options);
	const alone = { ...shared, ...ALONE, db: settings.database };
	switch (servers.kind) {
		case "single":
			return new Redis({ ...alone, host: servers.host.host, port: servers.host.port });
		case "sentinel": {
			const first = options.attempt % servers.sentinels.length;
			const sentinels = [...servers.sentinels.slice(first), ...servers.sentinels.slice(0, first)];
			return new Redis({
				...alone,
				sentinels: sentinels.map(({ host, port }) => ({ host, port })),
				name: servers.master,
				sentinelRetryStrategy: () => null,
				sentinelCommandTimeout: timeoutMs,
				updateSentinels: false,
				...(servers.sentinelPassword === undefined
					? {}
					: { sentinelUsername: "default", sentinelPassword: servers.sentinelPassword }),
				...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tls }),
			});
		}
		case "cluster":
			return new Cluster(
				servers.nodes.map(({ host, port }) => ({ host, port })),
				{
					lazyConnect: true,
					enableOfflineQueue: false,
					enableReadyCheck: false,
					clusterRetryStrategy: () => null,
					slotsRefreshTimeout: timeoutMs,
					slotsRefreshInterval: 30_000,
					// A write whose connection broke may have been carried out: it is never sent again behind our back.
					retryDelayOnFailover: 0,
					retryDelayOnClusterDown: 0,
					redisOptions: shared,
				},
			);
	}
}

/**
 * Why a node of a Cluster cannot be reached, which ioredis keeps to itself. Undefined when it can, or is no Cluster.
 *
 * @param attempt another node each time.
 */
export async function whyUnreachable(settings: RedisSettings, attempt: number): Promise<unknown> {
	const { servers, timeoutMs } = settings;
	if (servers.kind !== "cluster") return undefined;
	const node = servers.nodes[attempt % servers.nodes.length];
	const shared = sharedOptions(settings, { name: "cordon-probe", commandTimeoutMs: timeoutMs, attempt });
	const probe = new Redis({ ...shared, ...ALONE, host: node.host, port: node.port });
	let said: unknown;
	probe.on("error", (error: unknown) => {
		said ??= error;
	});
	await probe.connect().catch((error: unknown) => {
		said ??= error;
	});
	discard(probe);
	return said;
}

/**
 * Sends all at once. In a Cluster to one node, the one that has the keys; what has no key, such as INFO and WAIT, goes to
 * that node as well. The first error of any rejects.
 */
export async function pipelined(client: Client, commands: readonly PipelinedCommand[]): Promise<unknown[]> {
	const results = await settled(client, commands);
	return results.map(([error, value]) => {
		if (error !== null) throw error;
		return value;
	});
}

/** The same, with what became of each command. */
export async function settled(
	client: Client,
	commands: readonly PipelinedCommand[],
): Promise<readonly [Error | null, unknown][]> {
	const pipeline = client.pipeline(commands.map((command) => [...command]));
	const results = await pipeline.exec();
	return results ?? commands.map(() => [new Error("Connection is closed."), undefined]);
}

/** Ends it without waiting for anything; what it still has to say goes nowhere. */
export function discard(client: Client): void {
	client.on("error", () => {});
	client.disconnect();
}
