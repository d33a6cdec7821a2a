/** A Redis Cluster of three masters, with replicas when they are wanted. */
import type { RedisSettings } from "../../../src/config/pool-settings.ts";
import { freePort } from "../../bench/free-port.ts";
import { type Ends, RedisServer, singleSettings } from "./server.ts";
import { until } from "./until.ts";

const SLOTS = 16_384;

export interface RedisCluster {
	readonly masters: readonly RedisServer[];
	/** One for each master, in their order; none when they were not asked for. */
	readonly replicas: readonly RedisServer[];
	readonly settings: RedisSettings;
	/** The master that has this key. */
	owner(key: string): Promise<RedisServer>;
}

export async function startCluster(
	t: Ends,
	options: { readonly replicas?: boolean; readonly password?: string } = {},
): Promise<RedisCluster> {
	const { password } = options;
	const secret = password === undefined ? [] : [`requirepass ${password}`, `masterauth ${password}`];
	const start = async () =>
		RedisServer.start(t, {
			conf: [
				"cluster-enabled yes",
				`cluster-port ${await freePort()}`,
				"cluster-node-timeout 1500",
				"cluster-allow-replica-migration no",
				"repl-diskless-sync-delay 0",
				...secret,
			],
			...(password === undefined ? {} : { cliArguments: ["--no-auth-warning", "-a", password] }),
		});
	const masters = [await start(), await start(), await start()];
	const replicas = options.replicas === true ? [await start(), await start(), await start()] : [];
	const all = [...masters, ...replicas];
	for (const [i, server] of masters.entries()) {
		const from = Math.floor((SLOTS * i) / 3);
		const to = Math.floor((SLOTS * (i + 1)) / 3) - 1;
		await server.must("cluster", "addslotsrange", String(from), String(to));
	}
	for (const [i, server] of all.entries()) {
		await server.must("cluster", "set-config-epoch", String(i + 1));
		if (i === 0) continue;
		const bus = /cluster-port (\d+)/.exec(
			await masters[0].cli("config", "get", "cluster-port").then((s) => s.replace("\n", " ")),
		)?.[1];
		await server.must("cluster", "meet", "127.0.0.1", String(masters[0].port), bus ?? "0");
	}
	for (const server of all) {
		await until("the nodes to know one another", async () =>
			(await server.cli("cluster", "info")).includes(`cluster_known_nodes:${all.length}`),
		);
	}
	for (const [i, replica] of replicas.entries()) {
		await replica.must("cluster", "replicate", await masters[i].must("cluster", "myid"));
		await until("a replica's link", async () => (await replica.info("master_link_status")) === "up");
	}
	for (const server of all) {
		await until("the Cluster to be well", async () =>
			(await server.cli("cluster", "info")).includes("cluster_state:ok"),
		);
	}

	return {
		masters,
		replicas,
		settings: singleSettings(0, {
			servers: { kind: "cluster", nodes: masters.map(({ port }) => ({ host: "127.0.0.1", port })) },
			...(password === undefined ? {} : { password }),
		}),
		async owner(key) {
			const slot = Number(await masters[0].must("cluster", "keyslot", key));
			return masters[Math.min(Math.floor(((slot + 1) * 3 - 1) / SLOTS), 2)];
		},
	};
}
