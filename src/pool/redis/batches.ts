/** Staged batches: kept in parts of `MAX_EDITS` edits, so that a part is what one step applies. */
import type { Edit, NewAuditEntry, Position } from "../record.ts";
import { MAX_EDITS, PoolUnavailable, type StagedBatch } from "../store.ts";
import { readBatch, readPart, writePart } from "./batch-form.ts";
import { pipelined } from "./client.ts";
import { checkEdit, packEdits } from "./edits.ts";
import { entryArguments, type Ground } from "./ground.ts";
import { ADVANCE, SETTLE, STAGE } from "./lua.ts";
import type { Meta } from "./meta.ts";

/** Of a batch that is being staged by a node that then dies. */
const UNFINISHED_SECONDS = 3600;

export type NewBatch = Omit<StagedBatch, "edits" | "puts" | "deletes" | "applied" | "touched">;

export class Batches {
	readonly #ground: Ground;

	constructor(ground: Ground) {
		this.#ground = ground;
	}

	async stage(batch: NewBatch, edits: AsyncIterable<readonly Edit[]>): Promise<StagedBatch> {
		if (!/^[A-Za-z0-9-]{1,128}$/.test(batch.id)) {
			throw new RangeError(`${JSON.stringify(batch.id)} cannot name a batch: letters, digits and dashes can`);
		}
		const { keys, link, options } = this.#ground;
		const { epoch } = (await this.#ground.meta()).position;
		if ((await link.run((client) => client.exists(keys.batch(epoch, batch.id)))) > 0) throw taken(batch.id);
		const aside = keys.edits(epoch, `${batch.id}:${options.draw(6)}`);
		try {
			const counts = await this.#writeParts(aside, edits);
			const fields = { ...batch, ...counts, applied: 0 };
			const parts = Math.ceil(counts.edits / MAX_EDITS);
			const answer = await this.#ground.write(
				STAGE,
				[...this.#writingKeys(epoch, batch.id), aside],
				[
					...this.#ground.writingArguments(epoch),
					batch.id,
					parts,
					...Object.entries(fields).flatMap(([name, value]) => [name, String(value)]),
				],
				true,
			);
			if (answer.word === "taken") throw taken(batch.id);
			if (answer.word === "epoch") {
				this.#ground.forgetMeta();
				throw this.#ground.replaced();
			}
			if (answer.word !== "ok") {
				throw new PoolUnavailable(
					`${this.#ground.name} lost a part of the batch ${batch.id} while it was written: nothing of it is kept; send it again.`,
				);
			}
			return { ...fields, touched: Number(answer.rest[2]) };
		} catch (error) {
			// Should this fail, it goes by itself after an hour.
			await link.run((client) => client.unlink(aside)).catch(() => undefined);
			throw error;
		}
	}

	async list(): Promise<readonly StagedBatch[]> {
		const meta = await this.#ground.fetchMeta();
		if (meta === undefined) return [];
		const { keys, link, options } = this.#ground;
		const { epoch } = meta.position;
		const ids = (await link.run((client) => client.smembers(keys.batches(epoch)))).sort();
		if (ids.length === 0) return [];
		const replies = await link.run((client) =>
			pipelined(
				client,
				ids.map((id) => ["hgetall", keys.batch(epoch, id)]),
			),
		);
		return replies.flatMap((reply, i) => {
			const batch = readBatch(ids[i], reply);
			const there = Object.keys(reply ?? {}).length > 0;
			if (batch === undefined && there) {
				options.log.warn(
					"A batch in the shared pool is damaged and is passed over; see who writes that key past Cordon, and delete it",
					{
						key: keys.batch(epoch, ids[i]),
					},
				);
			}
			return batch === undefined ? [] : [batch];
		});
	}

	async edits(id: string, from: number, limit: number): Promise<readonly Edit[]> {
		const { keys, link } = this.#ground;
		const { epoch } = (await this.#ground.meta()).position;
		const found: Edit[] = [];
		for (let at = from; found.length < limit; ) {
			const number = Math.floor(at / MAX_EDITS);
			const text = await link.run((client) => client.hget(keys.edits(epoch, id), String(number)));
			if (text === null) break;
			const part = readPart(text);
			if (part === undefined) throw this.#damaged(id, number);
			const rest = part.slice(at - number * MAX_EDITS, at - number * MAX_EDITS + limit - found.length);
			if (rest.length === 0) break;
			found.push(...rest);
			at += rest.length;
		}
		return found;
	}

	async advance(id: string): Promise<{ readonly done: boolean; readonly position: Position }> {
		return this.#ground.inEpoch(async (meta) => {
			const { keys, link } = this.#ground;
			const { epoch } = meta.position;
			const [state, applied, total] = await link.run((client) =>
				client.hmget(keys.batch(epoch, id), "state", "applied", "edits"),
			);
			if (state === null) return this.#gone(epoch);
			if (state !== "applying") throw heldBack(id);
			const at = Number(applied);
			const part = await this.#part(epoch, id, at, Number(total));
			// Its edits went between the two looks: another node applied the last of them.
			if (part === undefined) return this.#gone(epoch);
			const packed = packEdits(part, 9, meta, keys);
			const answer = await this.#ground.write(
				ADVANCE,
				[...this.#writingKeys(epoch, id), ...packed.keys],
				[...this.#ground.writingArguments(epoch), id, String(applied), part.length, ...packed.args],
				part.some((edit) => edit.value !== undefined),
			);
			if (answer.word === "epoch") return "epoch";
			if (answer.rest[2] === "held") throw heldBack(id);
			return { done: answer.rest[2] === "gone", position: this.#ground.position(epoch, answer) };
		});
	}

	/** Lets a held batch pass, or drops it. */
	async settle(id: string, how: "release" | "drop", audit: NewAuditEntry): Promise<boolean> {
		return this.#ground.inEpoch(async ({ position: { epoch } }) => {
			const answer = await this.#ground.write(SETTLE, this.#writingKeys(epoch, id), [
				...this.#ground.writingArguments(epoch),
				id,
				how,
				...entryArguments(audit),
			]);
			return answer.word === "epoch" ? "epoch" : answer.rest[2] === "1";
		});
	}

	#writingKeys(epoch: string, id: string): string[] {
		const { keys } = this.#ground;
		return [
			...this.#ground.writingKeys(epoch),
			keys.batch(epoch, id),
			keys.edits(epoch, id),
			keys.batches(epoch),
		];
	}

	async #gone(epoch: string): Promise<"epoch" | { done: true; position: Position }> {
		const meta: Meta | undefined = await this.#ground.fetchMeta();
		if (meta === undefined) throw this.#ground.missing();
		return meta.position.epoch === epoch ? { done: true, position: meta.position } : "epoch";
	}

	/** Undefined when it is not there any more. */
	async #part(epoch: string, id: string, at: number, total: number): Promise<readonly Edit[] | undefined> {
		if (total === 0) return [];
		const { keys, link } = this.#ground;
		const number = Math.floor(at / MAX_EDITS);
		const text = await link.run((client) => client.hget(keys.edits(epoch, id), String(number)));
		if (text === null) {
			const there = await link.run((client) => client.exists(keys.batch(epoch, id)));
			if (there > 0) throw this.#damaged(id, number);
			return undefined;
		}
		const part = readPart(text);
		if (part?.length !== Math.min(MAX_EDITS, total - number * MAX_EDITS)) throw this.#damaged(id, number);
		return part;
	}

	async #writeParts(aside: string, edits: AsyncIterable<readonly Edit[]>) {
		const counts = { edits: 0, puts: 0, deletes: 0 };
		let part: Edit[] = [];
		const write = async () => {
			const number = Math.floor((counts.edits - 1) / MAX_EDITS);
			const text = writePart(part);
			part = [];
			await this.#ground.link.run((client) =>
				pipelined(client, [
					["hset", aside, number, text],
					["expire", aside, UNFINISHED_SECONDS],
				]),
			);
		};
		for await (const some of edits) {
			for (const edit of some) {
				checkEdit(edit);
				part.push(edit);
				counts.edits++;
				if (edit.value === undefined) counts.deletes++;
				else counts.puts++;
				if (part.length === MAX_EDITS) await write();
			}
		}
		if (part.length > 0) await write();
		return counts;
	}

	#damaged(id: string, part: number): PoolUnavailable {
		return new PoolUnavailable(
			`The batch ${id} cannot be carried on: part ${part} of its edits is damaged or gone from ${this.#ground.options.faults.where}. Send it again under another id.`,
		);
	}
}

function taken(id: string): Error {
	return new Error(`There is a batch named ${id} already: choose another id.`);
}

function heldBack(id: string): Error {
	return new Error(`The batch ${id} is held: somebody has to let it pass first.`);
}
