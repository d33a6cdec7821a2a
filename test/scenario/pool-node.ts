/** Nodes of one pool: the real program, its API, and what it answers. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { RedisServer } from "../pool/redis/server.ts";
import { until } from "../pool/redis/until.ts";
import { Authority } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, folder, type Settings, settings } from "./cordon.ts";
import { address, type Reply } from "./message.ts";

/** What takes a whole wait of the follower, or a pause between its attempts, and then some. */
export const LONG_MS = 60_000;
/** What the upstream says of all names under any.example. */
export const OPEN = "192.0.2.1";
export const BLOCKED = "0.0.0.0";

export interface Said {
	readonly status: number;
	/** Empty when the answer is none in JSON. */
	readonly body: Settings;
}

export interface CallOptions {
	/** The operator's when absent. */
	readonly token?: string;
	readonly json?: unknown;
	/** Sent as NDJSON. */
	readonly lines?: readonly unknown[];
	readonly headers?: Readonly<Record<string, string>>;
}

type Method = "GET" | "POST" | "DELETE";

export class PoolNode {
	readonly cordon: Cordon;
	readonly #config: Settings;

	private constructor(cordon: Cordon, config: Settings) {
		this.cordon = cordon;
		this.#config = config;
	}

	static async start(t: Test, config: Settings, directory?: string): Promise<PoolNode> {
		return new PoolNode(await Cordon.start(t, config, directory), config);
	}

	/** The program anew, on the same folder and configuration; it has to have ended. */
	again(t: Test, over: Settings = this.#config): Promise<PoolNode> {
		return PoolNode.start(t, over, this.cordon.directory);
	}

	/** Where it answers queries. */
	get dns(): string {
		return this.cordon.dns[0] ?? "";
	}

	get operatorToken(): string {
		return readFileSync(join(this.cordon.directory, "data", "operator.token"), "utf8").trim();
	}

	async call(method: Method, path: string, options: CallOptions = {}): Promise<Said> {
		const { token = this.operatorToken, json, lines, headers } = options;
		const body = lines === undefined ? json && JSON.stringify(json) : asLines(lines);
		const type = lines === undefined ? "application/json" : "application/x-ndjson";
		const response = await fetch(`${this.cordon.admin}/api/v1${path}`, {
			method,
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { "content-type": type }),
				...headers,
			},
			...(typeof body === "string" ? { body } : {}),
		});
		const text = await response.text();
		return {
			status: response.status,
			body: /json/.test(String(response.headers.get("content-type"))) ? JSON.parse(text) : {},
		};
	}

	/** A call that has to be answered with a status below 300. */
	async must(method: Method, path: string, options?: CallOptions): Promise<Settings> {
		const { status, body } = await this.call(method, path, options);
		if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
		return body;
	}

	/** @returns the new member's token. */
	async member(name: string, role = "contributor"): Promise<string> {
		return String((await this.must("POST", "/members", { json: { name, role } })).token);
	}

	/** One contribution. */
	add(domain: string, token: string, more: Settings = {}): Promise<Said> {
		return this.call("POST", "/contributions", { token, json: { domain, category: "phishing", ...more } });
	}

	withdraw(domain: string, token: string): Promise<Said> {
		return this.call("DELETE", `/contributions/${domain}`, { token });
	}

	ask(name: string): Promise<Reply> {
		return askName(this.dns, name);
	}

	async seen(name: string): Promise<string> {
		return address(await this.ask(name));
	}

	/** Waits until the answer is this address, or what `address` says in its place. */
	async shows(name: string, expected: string, patienceMs?: number): Promise<void> {
		await until(`${name} to be ${expected}`, async () => (await this.seen(name)) === expected, patienceMs);
	}

	async metric(name: string): Promise<number | undefined> {
		const { body } = await this.cordon.get("/metrics");
		const value = new RegExp(`^${name} (\\S+)$`, "m").exec(body)?.[1];
		return value === undefined ? undefined : Number(value);
	}

	/** Ids of what waits for a person, in any order. */
	async held(): Promise<readonly string[]> {
		const { held } = await this.must("GET", "/held");
		return (held as readonly Settings[]).map(({ id }) => String(id));
	}

	/** As the API's `/pool` says it. */
	async position(): Promise<{ readonly epoch: string; readonly seq: number } | undefined> {
		const { position } = await this.must("GET", "/pool");
		return position as { readonly epoch: string; readonly seq: number } | undefined;
	}
}

function asLines(lines: readonly unknown[]): string {
	return lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("");
}

/** Names that stand in a row, under a name that the upstream knows. */
export function names(prefix: string, count: number): readonly string[] {
	return Array.from({ length: count }, (_, i) => `${prefix}${i}.any.example`);
}

export function drafts(domains: readonly string[], more: Settings = {}): readonly Settings[] {
	return domains.map((domain) => ({ domain, category: "phishing", ...more }));
}

/** Members `cert` and `isp` suffice alone, `weak-a` and `weak-b` together. */
export const TRUST: Settings = {
	members: [
		{ name: "cert", weight: 1 },
		{ name: "isp", weight: 1 },
		{ name: "weak-a", weight: 0.4 },
		{ name: "weak-b", weight: 0.4 },
	],
};

/** One worker, and a pool of its own. */
export function poolSettings(upstream: string, ...over: readonly Settings[]): Settings {
	return settings(
		upstream,
		{ workers: 1, listen: { dns: ["127.0.0.1:0"] }, pool: { trust: TRUST } },
		...over,
	);
}

export interface Community {
	readonly authority: Authority;
	readonly redis: RedisServer;
	readonly nodes: readonly PoolNode[];
	/** Of the member `cert`. */
	readonly cert: string;
}

export interface CommunityOptions {
	readonly nodes?: number;
	readonly over?: Settings;
	/** Lines of redis.conf. */
	readonly redis?: readonly string[];
}

/** A Redis, nodes that follow the pool in it, and a member. */
export async function community(t: Test, options: CommunityOptions = {}): Promise<Community> {
	const { nodes: count = 3, over = {}, redis: conf = [] } = options;
	const authority = await Authority.start(t);
	const redis = await RedisServer.start(t, { conf });
	const nodes = await Promise.all(
		Array.from({ length: count }, (_, i) => {
			const pool = {
				store: "redis",
				node: `node-${i + 1}`,
				redis: { url: `redis://127.0.0.1:${redis.port}` },
			};
			return PoolNode.start(t, poolSettings(authority.url, { pool }, over), folder(t));
		}),
	);
	await level(nodes);
	const cert = await nodes[0].member("cert");
	await level(nodes);
	return { authority, redis, nodes, cert };
}

/** Waits until all nodes have one and the same position. */
export async function level(nodes: readonly PoolNode[], patienceMs = LONG_MS): Promise<void> {
	await until(
		"all nodes to have the same position",
		async () => {
			const [first, ...others] = await Promise.all(nodes.map((node) => node.position()));
			return (
				first !== undefined && others.every((one) => one?.epoch === first.epoch && one.seq === first.seq)
			);
		},
		patienceMs,
	);
}

/** Each node's copy compared with the store, and with one another. */
export async function equal(t: Test, nodes: readonly PoolNode[]): Promise<void> {
	const found = await Promise.all(nodes.map((node) => node.must("GET", "/pool/verify")));
	for (const one of found) t.match(one, { equal: true, checksum: found[0].checksum });
}

/** The same answer from every node, sooner or later. */
export async function allShow(
	nodes: readonly PoolNode[],
	name: string,
	expected: string,
	patienceMs?: number,
): Promise<void> {
	await Promise.all(nodes.map((node) => node.shows(name, expected, patienceMs)));
}
