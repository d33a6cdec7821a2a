/** A script that Redis runs as one step. It is sent once; afterwards its hash is enough. */
import { createHash } from "node:crypto";
import { type Client, type PipelinedCommand, settled } from "./client.ts";

export class Script {
	readonly lua: string;
	readonly sha: string;

	constructor(...parts: readonly string[]) {
		this.lua = parts.join("\n");
		this.sha = createHash("sha1").update(this.lua).digest("hex");
	}

	/** @returns what the script does, or an error of ioredis as it came. */
	async run(client: Client, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
		const [reply] = await this.runThen(client, keys, args, []);
		return reply;
	}

	/** The same for many at once: one pair of keys and arguments each. */
	async runAll(
		client: Client,
		calls: readonly { readonly keys: readonly string[]; readonly args: readonly (string | number)[] }[],
	): Promise<unknown[]> {
		const results = await settled(
			client,
			calls.map(({ keys, args }) => ["evalsha", this.sha, keys.length, ...keys, ...args]),
		);
		const replies: unknown[] = [];
		for (const [at, [error, reply]] of results.entries()) {
			// Redis was restarted or its scripts were flushed: what was not found was not run.
			if (error !== null && isMissing(error)) {
				replies.push(await this.run(client, calls[at].keys, calls[at].args));
			} else if (error !== null) throw error;
			else replies.push(reply);
		}
		return replies;
	}

	/** Runs it, and `after` on the same connection right behind it. @returns the replies, the script's first. */
	async runThen(
		client: Client,
		keys: readonly string[],
		args: readonly (string | number)[],
		after: readonly PipelinedCommand[],
	): Promise<readonly [unknown, ...(readonly [Error | null, unknown])[]]> {
		const rest = [keys.length, ...keys, ...args];
		let [first, ...others] = await settled(client, [["evalsha", this.sha, ...rest], ...after]);
		if (first[0] !== null && isMissing(first[0])) {
			[first, ...others] = await settled(client, [["eval", this.lua, ...rest], ...after]);
		}
		if (first[0] !== null) throw first[0];
		return [first[1], ...others];
	}
}

function isMissing(error: Error): boolean {
	return error.message.startsWith("NOSCRIPT");
}
