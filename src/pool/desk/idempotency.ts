import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import type { Log } from "../../observe/log.ts";
import { type BatchOutcome, DeskError, type LineStatus, type LineVerdict } from "../desk.ts";
import { type PoolStore, PoolUnavailable } from "../store.ts";
import type { Body } from "./body.ts";

const pack = promisify(deflate);
const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate);

/** What comes back from the store may be anything: a short text must not fill the memory. */
const MOST_UNPACKED = 256 * 1024 * 1024;

const KEY = /^[\x20-\x7e]{1,255}$/;

const BATCH_STATUSES = new Set<unknown>(["applied", "held", "unchanged"]);
const LINE_STATUSES = new Set<unknown>([
	"added",
	"replaced",
	"unchanged",
	"withdrawn",
	"absent",
	"pending",
	"refused",
] satisfies LineStatus[]);

interface Remembered {
	/** Of the body that it was the outcome of. */
	readonly digest: string;
	readonly outcome: BatchOutcome;
}

/** The same request again gets the same answer, from whichever node; one that is under way is waited for. */
export class Idempotency {
	readonly #store: Pick<PoolStore, "remember" | "recall">;
	readonly #log: Log;
	readonly #running = new Map<string, Promise<unknown>>();

	constructor(store: Pick<PoolStore, "remember" | "recall">, log: Log) {
		this.#store = store;
		this.#log = log;
	}

	/**
	 * What `work` resolves with, or resolved with when this was asked before. Rejects with 409 when another body came
	 * under the same key then, and as `work` does, of which nothing is remembered.
	 *
	 * @param scope whose key it is: others may use the same.
	 * @param work reads the body to its end.
	 */
	async once(
		scope: string,
		key: string,
		body: Body,
		work: () => Promise<BatchOutcome>,
	): Promise<BatchOutcome> {
		if (!KEY.test(key)) {
			throw new DeskError(400, "Idempotency-Key: must be 1 to 255 letters, digits, signs or blanks of ASCII");
		}
		const scoped = createHash("sha256").update(`${scope}\n${key}`).digest("hex");
		for (let other = this.#running.get(scoped); other !== undefined; other = this.#running.get(scoped))
			await other;
		const run = this.#run(scoped, key, body, work);
		this.#running.set(
			scoped,
			run.catch(() => {}).finally(() => this.#running.delete(scoped)),
		);
		return run;
	}

	async #run(
		scoped: string,
		key: string,
		body: Body,
		work: () => Promise<BatchOutcome>,
	): Promise<BatchOutcome> {
		const before = await this.#recalled(await this.#store.recall(scoped));
		if (before !== undefined) return matching(before, key, body);
		const outcome = await work();
		const digest = await body.digest();
		const packed = await pack(JSON.stringify({ digest, outcome } satisfies Remembered));
		try {
			// Another node may have been asked the same at the same time: one answer for both.
			const first = await this.#recalled(await this.#store.remember(scoped, packed.toString("base64")));
			if (first?.digest === digest) return first.outcome;
		} catch (error) {
			if (!(error instanceof PoolUnavailable)) throw error;
			this.#log.warn(
				"the outcome of a batch could not be remembered: sent again, it is done again, which does no harm",
				{
					error,
				},
			);
		}
		return outcome;
	}

	async #recalled(text: string | undefined): Promise<Remembered | undefined> {
		if (text === undefined) return undefined;
		try {
			const unpacked = await unpack(Buffer.from(text, "base64"), { maxOutputLength: MOST_UNPACKED });
			const value: unknown = JSON.parse(unpacked.toString("utf8"));
			if (isRemembered(value)) return value;
		} catch {
			// Not ours, or damaged: said below.
		}
		this.#log.warn(
			"the outcome remembered for an Idempotency-Key cannot be read: the batch is done again, which does no harm",
		);
		return undefined;
	}
}

async function matching(before: Remembered, key: string, body: Body): Promise<BatchOutcome> {
	if ((await body.digest()) === before.digest) return before.outcome;
	throw new DeskError(
		409,
		`Idempotency-Key: "${key}" came with another body before; take a new key for what is new`,
	);
}

function isRemembered(value: unknown): value is Remembered {
	if (!isObject(value) || typeof value.digest !== "string" || !isObject(value.outcome)) return false;
	const { status, held, reason, lines } = value.outcome;
	return (
		BATCH_STATUSES.has(status) &&
		isOptionalText(held) &&
		isOptionalText(reason) &&
		isArray(lines) &&
		lines.every(isLine)
	);
}

function isLine(value: unknown): value is LineVerdict {
	if (!isObject(value) || typeof value.line !== "number" || !LINE_STATUSES.has(value.status)) return false;
	return isOptionalText(value.domain) && isOptionalText(value.reason);
}

function isOptionalText(value: unknown): boolean {
	return value === undefined || typeof value === "string";
}

function isArray(value: unknown): value is readonly unknown[] {
	return Array.isArray(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}
