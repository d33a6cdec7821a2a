/** What all parts of the store stand on: the connection, the names of keys, and what the pool says of itself. */
import type { Log } from "../../observe/log.ts";
import type { NewAuditEntry, Position } from "../record.ts";
import { PoolUnavailable } from "../store.ts";
import type { Client, PipelinedCommand } from "./client.ts";
import { type Faults, unavailable } from "./fault.ts";
import type { Keys } from "./keys.ts";
import type { Link } from "./link.ts";
import { countOf, damaged, META_FIELDS, type Meta, parseMeta } from "./meta.ts";
import type { Script } from "./script.ts";

/** Longer than any record that Cordon writes: what is longer is no record. */
export const MOST_RECORD_BYTES = 256 * 1024;
/** More than any pool has in one bucket. */
export const MOST_BUCKET_RECORDS = 1_000_000;

export interface GroundOptions {
	readonly pool: string;
	readonly keys: Keys;
	readonly link: Link;
	readonly faults: Faults;
	readonly log: Log;
	readonly waitReplicas: number;
	readonly timeoutMs: number;
	readonly keepChanges: number;
	readonly draw: (bytes: number) => string;
	readonly now: () => number;
}

/** What a script answered: the word that it begins with, and the rest. */
export interface Answer {
	readonly word: string;
	readonly rest: readonly unknown[];
}

export class Ground {
	readonly options: GroundOptions;
	readonly keys: Keys;
	readonly link: Link;
	/** The pool, as messages name it. */
	readonly name: string;
	#meta: Meta | undefined;
	/** The last write, when writes wait for replicas: one at a time, so that none waits out its own time behind others. */
	#writing: Promise<unknown> = Promise.resolve();

	constructor(options: GroundOptions) {
		this.options = options;
		this.keys = options.keys;
		this.link = options.link;
		this.name = `The pool ${options.pool} in ${options.faults.where}`;
	}

	/** As it is now; undefined when there is none. */
	async fetchMeta(): Promise<Meta | undefined> {
		const reply = await this.link.run((client) => client.hmget(this.keys.meta, ...META_FIELDS));
		this.#meta = parseMeta(reply, this.options.faults.where);
		return this.#meta;
	}

	/** As it was last seen: epoch and buckets stand until a script says otherwise. */
	async meta(): Promise<Meta> {
		const meta = this.#meta ?? (await this.fetchMeta());
		if (meta === undefined) throw this.missing();
		return meta;
	}

	forgetMeta(): void {
		this.#meta = undefined;
	}

	/** Runs `step` with what the pool says of itself; once more when that has changed meanwhile. */
	async inEpoch<T>(step: (meta: Meta) => Promise<T | "epoch">): Promise<T> {
		for (let round = 0; round < 3; round++) {
			const result = await step(await this.meta());
			if (result !== "epoch") return result;
			this.forgetMeta();
		}
		throw this.replaced();
	}

	/** Runs a script that only reads. */
	async ask(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Answer> {
		return this.answer(await this.link.run((client) => script.run(client, keys, args)));
	}

	/**
	 * Runs a script that writes, and waits for replicas when that is wanted.
	 *
	 * @param adds whether its success shows that the server takes changes again, should it have refused some.
	 */
	async write(
		script: Script,
		keys: readonly string[],
		args: readonly (string | number)[],
		adds = false,
	): Promise<Answer> {
		if (this.options.waitReplicas === 0) return this.#write(script, keys, args, adds);
		const turn = this.#writing.then(() => this.#write(script, keys, args, adds));
		this.#writing = turn.catch(() => undefined);
		return turn;
	}

	/** @throws PoolUnavailable for answers that mean the same after every script. */
	answer(reply: unknown): Answer {
		const list: readonly unknown[] = Array.isArray(reply) ? reply : [];
		const [word, ...rest] = list;
		if (typeof word !== "string") throw damaged(this.options.faults.where);
		if (word === "missing") {
			this.forgetMeta();
			throw this.missing();
		}
		if (word === "damaged") throw damaged(this.options.faults.where);
		if (word === "type") {
			const [key, is] = rest;
			const fault = this.options.faults.fault(
				"refused",
				"WRONGTYPE",
				`holds something else (${is}) under ${key}, a key of the pool: nothing was written; choose another pool.redis.prefix, or remove that key`,
			);
			this.link.setRefusal(fault);
			throw unavailable(fault);
		}
		if (word === "refused") {
			const [command, said] = rest;
			const fault = this.options.faults.of(new Error(String(said)), String(command));
			this.link.setRefusal(fault);
			throw unavailable(fault);
		}
		if (word === "crowded") {
			throw new PoolUnavailable(
				`${this.name} cannot be read: ${rest[0]} holds more than a pool can; look who wrote it.`,
			);
		}
		return { word, rest };
	}

	/** Head of the log after a script that answers `ok`. */
	position(epoch: string, answer: Answer): Position {
		const seq = countOf(answer.rest[0], Number.MAX_SAFE_INTEGER);
		const token = answer.rest[1];
		if (seq === undefined || typeof token !== "string") throw damaged(this.options.faults.where);
		return { epoch, seq, token };
	}

	/** The keys and arguments that every writing script begins with. */
	writingKeys(epoch: string): string[] {
		const { keys } = this;
		return [keys.meta, keys.changes(epoch), keys.audit, keys.expiry(epoch), keys.none];
	}

	writingArguments(epoch: string): (string | number)[] {
		return [epoch, this.options.draw(6), this.options.keepChanges];
	}

	missing(): PoolUnavailable {
		return new PoolUnavailable(
			`${this.name} is not there: nothing was written. It was deleted or lost; restore it from a node's copy, or begin anew.`,
		);
	}

	replaced(): PoolUnavailable {
		return new PoolUnavailable(
			`${this.name} was replaced by another (another epoch): nothing was written. The node has to take over its state first.`,
		);
	}

	async #write(
		script: Script,
		keys: readonly string[],
		args: readonly (string | number)[],
		adds: boolean,
	): Promise<Answer> {
		const { waitReplicas, timeoutMs } = this.options;
		const wait: readonly PipelinedCommand[] =
			waitReplicas === 0 ? [] : [["wait", waitReplicas, Math.floor(timeoutMs / 2)]];
		const [reply, waited] = await this.link.run((client) => this.#attempt(client, script, keys, args, wait));
		const answer = this.answer(reply);
		if (waited !== undefined && answer.word === "ok") this.#checkReplicas(waited);
		if (adds && answer.word === "ok") this.link.setRefusal(undefined);
		return answer;
	}

	async #attempt(
		client: Client,
		script: Script,
		keys: readonly string[],
		args: readonly (string | number)[],
		wait: readonly PipelinedCommand[],
	) {
		try {
			return await script.runThen(client, keys, args, wait);
		} catch (error) {
			const fault = this.link.fault(error, client);
			if (fault.kind === "refused") this.link.setRefusal(fault);
			const doubt = fault.unsure
				? " Whether the change was written is not known; to make it again is safe, since what is there already changes nothing."
				: "";
			throw new PoolUnavailable(`${fault.message}.${doubt}`);
		}
	}

	#checkReplicas([error, count]: readonly [Error | null, unknown]): void {
		const { waitReplicas, faults } = this.options;
		if (error === null && typeof count === "number" && count >= waitReplicas) return;
		const why =
			error === null
				? `only ${count} of ${waitReplicas} replicas have it (pool.redis.waitReplicas)`
				: `${faults.of(error).message} when asked whether replicas have it (WAIT)`;
		throw new PoolUnavailable(
			`The change is written to ${faults.where} but not safe yet: ${why}. A failover could lose it. To make it again is safe, since what is there already changes nothing.`,
		);
	}
}

/** The five arguments of an audit entry. */
export function entryArguments({ actor, node, from, action, details }: NewAuditEntry): string[] {
	return [actor, node, from, action, JSON.stringify(details)];
}
