/**
 * What a user of Redis may do of all that a pool does there. Each command is sent in a form that changes nothing: Redis
 * looks at the user's rights, and whether it takes changes at all, before it looks at what the command says.
 */
import { type Client, type PipelinedCommand, settled } from "./client.ts";
import type { Keys } from "./keys.ts";

/** What Redis answers to a command that it knows and does not carry out. */
export interface Refusal {
	readonly command: string;
	/** Undefined where the command has none. */
	readonly key?: string;
	/** `command`: it may not be used at all; `key`: not on this key; `state`: by nobody, at present. */
	readonly what: "command" | "key" | "state";
	/** As Redis said it. */
	readonly error: Error;
}

interface Attempt {
	readonly key?: string;
	readonly command: PipelinedCommand;
}

/** Added to a set and taken out again in one step, that nobody sees: SADD has no form that changes nothing. */
const TRY_SADD = `
if redis.pcall('EXISTS', KEYS[1]) ~= 0 then return '' end
local removed = redis.pcall('DEL', KEYS[1])
if type(removed) == 'table' then return '' end
local added = redis.pcall('SADD', KEYS[1], '-')
if type(added) == 'table' then return added.err end
redis.call('DEL', KEYS[1])
return ''
`;

/** On a key that is never there. What would make it lacks a value, or asks for a key that is there already. */
function commandAttempts(none: string): Attempt[] {
	const commands: readonly PipelinedCommand[] = [
		...["hlen", "hgetall", "hkeys", "zcard", "get", "exists", "type", "smembers"].map((name) => [name, none]),
		...["hget", "hmget", "hexists", "zscore"].map((name) => [name, none, "-"]),
		["hscan", none, 0],
		["zrangebyscore", none, 0, 1],
		["xlen", none],
		["xrange", none, "-", "+", "COUNT", 1],
		["hset", none, "-", "-", "-"],
		["hdel", none, "-"],
		["zadd", none, "XX", 0, "-"],
		["zrem", none, "-"],
		["xadd", none, "NOMKSTREAM", "*", "-", "-"],
		["xtrim", none, "MAXLEN", 1],
		["set", none, "-", "XX"],
		["srem", none, "-"],
		["del", none],
		["unlink", none],
		["expire", none, 1],
		["persist", none],
		["rename", none, none],
		["evalsha", "0".repeat(40), 1, none],
		["eval", TRY_SADD, 1, none],
	];
	return [
		...commands.map((command) => ({ key: none, command })),
		{ key: none, command: ["xread", "COUNT", 1, "STREAMS", none, "$"] },
		{ command: ["time"] },
	];
}

/** HSET that lacks a value is refused whatever the key holds, but only to those who may write to the key. */
function keyAttempts(keys: Keys): Attempt[] {
	const like = "none";
	return [
		...[keys.meta, keys.audit, keys.sweeper, keys.garbage],
		...[keys.changes(like), keys.bucket(like, 0), keys.expiry(like), keys.batches(like)],
		...[keys.batch(like, like), keys.edits(like, like), keys.once(like, like)],
		...[keys.sightings(0), keys.report(like)],
	].flatMap((key) => [
		{ key, command: ["exists", key] },
		{ key, command: ["hset", key, "-", "-", "-"] },
	]);
}

/** Scripts wrap what Redis says; before version 7 they say it in other words. */
function kindOf(message: string): Refusal["what"] | undefined {
	if (/permissions? to access|can't access at least one of the keys/.test(message)) return "key";
	if (/no permissions? to run|can't run this command/.test(message)) return "command";
	return /\b(?:READONLY|NOREPLICAS|MISCONF|OOM|LOADING|MASTERDOWN)\b/.test(message) ? "state" : undefined;
}

/** Whether it is the user who may not, and others may. */
export function isDenied(error: Error): boolean {
	const kind = kindOf(error.message);
	return kind === "command" || kind === "key";
}

function refusalOf({ key, command: [name] }: Attempt, error: Error): readonly Refusal[] {
	const what = kindOf(error.message);
	const on = key === undefined ? {} : { key };
	return what === undefined ? [] : [{ command: String(name).toUpperCase(), ...on, what, error }];
}

export interface Tried {
	/** Whether changes are confirmed by replicas, which takes WAIT. */
	readonly waits: boolean;
	/** Where it is not 0 it has to be chosen, which takes SELECT. */
	readonly database: number;
}

/** Nothing is changed. @returns each refusal once, commands before keys. Rejects as ioredis does when the connection breaks. */
export async function refusals(
	client: Client,
	keys: Keys,
	{ waits, database }: Tried,
): Promise<readonly Refusal[]> {
	const attempts: readonly Attempt[] = [
		...commandAttempts(keys.none),
		...(waits ? [{ command: ["wait", 0, 1] }] : []),
		...(database === 0 ? [] : [{ command: ["select", database] }]),
		...keyAttempts(keys),
	];
	const replies = await settled(
		client,
		attempts.map(({ command }) => command),
	);
	const found = replies.flatMap(([error, reply], i) => {
		if (error !== null) return refusalOf(attempts[i], error);
		const inScript = attempts[i].command[0] === "eval" && typeof reply === "string" && reply !== "";
		return inScript ? refusalOf({ key: keys.none, command: ["sadd"] }, new Error(reply)) : [];
	});
	const refused = new Set(found.filter(({ what }) => what === "command").map(({ command }) => command));
	// A command that may not be used at all says nothing of keys.
	return found.filter(
		({ command, what }, i) =>
			(what === "command" || !refused.has(command)) &&
			(what !== "command" || found.findIndex((other) => other.command === command) === i),
	);
}
