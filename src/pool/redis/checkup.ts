/** A look at a Redis that changes nothing there, for an operator: how it is set up, and whether its user may do what we do. */
import type { RedisSettings } from "../../config/pool-settings.ts";
import {
	type Client,
	createClient,
	discard,
	type PipelinedCommand,
	settled,
	whyUnreachable,
} from "./client.ts";
import { Faults } from "./fault.ts";
import { Keys } from "./keys.ts";
import { isDenied, type Refusal, refusals } from "./rights.ts";

export interface Checkup {
	/** The server, as messages name it. */
	readonly where: string;
	/** INFO, by field. */
	readonly info: ReadonlyMap<string, string>;
	/** CONFIG, as far as it may be asked. */
	readonly config: ReadonlyMap<string, string>;
	/** What is refused of all that a pool does; nothing was changed to find that out. */
	readonly refused: readonly Refusal[];
	/** Why nothing can be written although the user may; undefined when that is not so. */
	readonly noWrites?: string;
	/** A round trip, the median of some, in milliseconds. */
	readonly roundTripMs: number;
	/** By which this clock is ahead of the server's. */
	readonly clockAheadMs: number;
	/** Whether there is a pool in it. */
	readonly hasPool: boolean;
}

/** It cannot be looked at; the message is for the operator. */
export class NoCheckup extends Error {
	override readonly name = "NoCheckup";
}

const PINGS = 7;
const SETTINGS = ["save", "appendonly", "min-replicas-to-write", "maxmemory"] as const;

function fields(info: string): Map<string, string> {
	return new Map(
		info.split(/\r?\n/).flatMap((line): [string, string][] => {
			const at = line.indexOf(":");
			return at <= 0 || line.startsWith("#") ? [] : [[line.slice(0, at), line.slice(at + 1)]];
		}),
	);
}

async function roundTrip(client: Client, key: string): Promise<number> {
	const times: number[] = [];
	for (let i = 0; i < PINGS; i++) {
		const before = performance.now();
		await settled(client, [["hlen", key]]);
		times.push(performance.now() - before);
	}
	return times.sort((a, b) => a - b)[PINGS >> 1];
}

async function look(
	client: Client,
	keys: Keys,
	faults: Faults,
	{ waitReplicas, database }: RedisSettings,
	now: () => number,
): Promise<Checkup> {
	const replies = await settled(client, [
		["hexists", keys.meta, "epoch"],
		["info"],
		...SETTINGS.map((name): PipelinedCommand => ["config", "get", name]),
	]);
	const [pool, info] = replies;
	if (pool[0] !== null && !isDenied(pool[0])) throw pool[0];
	const config = new Map(
		SETTINGS.flatMap((name, i): [string, string][] => {
			const [error, value] = replies[2 + i];
			const text: unknown = error === null && Array.isArray(value) ? value[1] : undefined;
			return typeof text === "string" ? [[name, text]] : [];
		}),
	);
	const tried = await refusals(client, keys, { waits: waitReplicas > 0, database });
	const state = tried.find(({ what }) => what === "state");
	const before = now();
	const [, [timeError, time]] = await settled(client, [["hlen", keys.meta], ["time"]]);
	const middle = (before + now()) / 2;
	const [seconds, micros] = timeError === null && Array.isArray(time) ? time.map(Number) : [Number.NaN, 0];
	const clock = middle - (seconds * 1000 + micros / 1000);
	return {
		where: faults.where,
		info: fields(info[0] === null && typeof info[1] === "string" ? info[1] : ""),
		config,
		refused: tried.filter(({ what }) => what !== "state"),
		...(state === undefined ? {} : { noWrites: faults.of(state.error, state.command).message }),
		roundTripMs: await roundTrip(client, keys.meta),
		clockAheadMs: Number.isNaN(clock) ? 0 : clock,
		hasPool: Number(pool[1]) === 1,
	};
}

/** Rejects with NoCheckup when it cannot be reached, or not be asked. */
export async function checkup(
	settings: RedisSettings,
	pool: string,
	signal: AbortSignal,
	now: () => number = Date.now,
): Promise<Checkup> {
	const faults = new Faults(settings);
	const keys = new Keys(settings.prefix, pool);
	let noted: unknown;
	const note = (error: unknown) => {
		noted = faults.telling(noted, error);
	};
	let client: Client | undefined;
	const end = () => {
		if (client !== undefined) discard(client);
	};
	signal.addEventListener("abort", end, { once: true });
	try {
		client = createClient(settings, {
			name: "cordon-doctor",
			attempt: 0,
			commandTimeoutMs: settings.timeoutMs,
		});
		for (const event of ["error", "sentinelError", "node error"]) client.on(event, note);
		await client.connect();
		return await look(client, keys, faults, settings, now);
	} catch (error) {
		note(error);
		if (settings.servers.kind === "cluster" && faults.isVague(noted)) note(await whyUnreachable(settings, 0));
		throw new NoCheckup(faults.of(noted).message);
	} finally {
		signal.removeEventListener("abort", end);
		end();
	}
}
