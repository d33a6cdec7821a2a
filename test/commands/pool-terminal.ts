/** The commands about the pool, against an admin server with a pool behind it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { member } from "../../src/commands/member.ts";
import { pool } from "../../src/commands/pool.ts";
import { ADMIN } from "../admin/fake-desk.ts";
import { serving } from "../admin/pool-server.ts";
import { Printed } from "./printed.ts";

export interface Ran {
	readonly code: number;
	readonly out: string;
	readonly err: string;
}

interface With {
	readonly env?: NodeJS.ProcessEnv;
	readonly stdin?: readonly string[];
}

async function* given(pieces: readonly string[]): AsyncGenerator<Buffer> {
	for (const piece of pieces) yield Buffer.from(piece);
}

export async function run(
	command: "pool" | "member",
	argv: readonly string[],
	{ env = {}, stdin = [] }: With = {},
): Promise<Ran> {
	const printed = new Printed();
	const terminal = { stdout: printed.stdout, stderr: printed.stderr, env, stdin: given(stdin) };
	const code = await (command === "pool" ? pool : member)(argv, terminal);
	return { code, out: printed.out, err: printed.err };
}

/** A node: its configuration names a server that runs, and its dataDir has the operator's token. */
export async function node(t: Test) {
	const server = await serving(t);
	const folder = t.testdir({});
	const config = join(folder, "cordon.yaml");
	const dataDir = join(folder, "data");
	mkdirSync(dataDir);
	writeFileSync(config, `listen:\n  admin: 127.0.0.1:${server.port}\ndataDir: data\n`);
	writeFileSync(join(dataDir, "operator.token"), `${ADMIN}\n`, { mode: 0o600 });
	const file = (name: string, content: string | Buffer): string => {
		const path = join(folder, name);
		writeFileSync(path, content);
		return path;
	};
	const poolRun = (...argv: string[]): Promise<Ran> => run("pool", [...argv, "--config", config]);
	const memberRun = (...argv: string[]): Promise<Ran> => run("member", [...argv, "--config", config]);
	return { ...server, folder, config, dataDir, file, pool: poolRun, member: memberRun };
}
