/** All records of a pool, bucket by bucket, and those of one domain. */
import type { PoolRecord } from "../record.ts";
import { PoolUnavailable } from "../store.ts";
import { type Answer, type Ground, MOST_BUCKET_RECORDS, MOST_RECORD_BYTES } from "./ground.ts";
import { bucketOf } from "./keys.ts";
import { READ, SCAN } from "./lua-read.ts";

/** Buckets that are asked for at once: some thousand records, so that neither side holds much. */
const WINDOW = 16;
/** A bucket with no more is read in one go. */
const AT_ONCE = 5000;

export async function readDomain(ground: Ground, domain: string): Promise<readonly PoolRecord[]> {
	return ground.inEpoch(async ({ position: { epoch }, buckets }) => {
		const answer = await ground.ask(
			READ,
			[ground.keys.meta, ground.keys.bucket(epoch, bucketOf(domain, buckets))],
			[epoch, `${domain}\t`, MOST_RECORD_BYTES, MOST_BUCKET_RECORDS],
		);
		return answer.word === "epoch" ? "epoch" : recordsOf(answer.rest);
	});
}

/** A pool that is replaced meanwhile ends the scan with PoolUnavailable: what it told is of no use then. */
export async function* scanPool(ground: Ground): AsyncIterable<readonly PoolRecord[]> {
	const meta = await ground.fetchMeta();
	if (meta === undefined) throw ground.missing();
	const scan = new Scan(ground, meta.position.epoch);
	let next = scan.window(0, meta.buckets);
	for (let from = 0; from < meta.buckets; from += WINDOW) {
		const window = await next;
		next = scan.window(from + WINDOW, meta.buckets);
		// It is awaited in the next round; should nobody come for it, its failure is nobody's.
		next.catch(() => undefined);
		const page: PoolRecord[] = [];
		for (const { bucket, records, cursor } of window) {
			page.push(...records);
			if (cursor !== "0") yield* scan.rest(bucket, records, cursor);
		}
		if (page.length > 0) yield page;
	}
	if (scan.long > 0) {
		ground.options.log.warn(
			"The shared pool holds values too long to be records, which are passed over; see who writes to it past Cordon",
			{
				records: scan.long,
				longerThan: MOST_RECORD_BYTES,
			},
		);
	}
}

interface BucketPart {
	readonly bucket: number;
	readonly records: readonly PoolRecord[];
	/** `0` when there is no more. */
	readonly cursor: string;
}

class Scan {
	/** How many records were passed over because of their length. */
	long = 0;
	readonly #ground: Ground;
	readonly #epoch: string;

	constructor(ground: Ground, epoch: string) {
		this.#ground = ground;
		this.#epoch = epoch;
	}

	async window(from: number, buckets: number): Promise<readonly BucketPart[]> {
		const numbers = Array.from({ length: Math.max(Math.min(WINDOW, buckets - from), 0) }, (_, i) => from + i);
		if (numbers.length === 0) return [];
		const calls = numbers.map((bucket) => this.#call(bucket, "0"));
		const replies = await this.#ground.link.run((client) => SCAN.runAll(client, calls));
		return replies.map((reply, i) => this.#part(numbers[i], this.#ground.answer(reply)));
	}

	/** What is left of a bucket that is too large for one go; Redis may tell a record twice. */
	async *rest(
		bucket: number,
		first: readonly PoolRecord[],
		cursor: string,
	): AsyncIterable<readonly PoolRecord[]> {
		const told = new Set(first.map((record) => record.key));
		for (let at = cursor; at !== "0"; ) {
			const { keys, args } = this.#call(bucket, at);
			const part = this.#part(bucket, await this.#ground.ask(SCAN, keys, args));
			const records = part.records.filter((record) => !told.has(record.key));
			for (const { key } of records) told.add(key);
			if (records.length > 0) yield records;
			at = part.cursor;
		}
	}

	#call(bucket: number, cursor: string) {
		const { keys } = this.#ground;
		return {
			keys: [keys.meta, keys.bucket(this.#epoch, bucket)],
			args: [this.#epoch, cursor, AT_ONCE, MOST_RECORD_BYTES, MOST_BUCKET_RECORDS],
		};
	}

	#part(bucket: number, { word, rest }: Answer): BucketPart {
		const [cursor, long, list] = rest;
		if (word !== "ok" || typeof cursor !== "string" || !Array.isArray(list)) {
			this.#ground.forgetMeta();
			throw new PoolUnavailable(
				`${this.#ground.name} was replaced by another (another epoch) while it was read: it has to be read from the beginning.`,
			);
		}
		this.long += typeof long === "number" ? long : 0;
		return { bucket, cursor, records: recordsOf(list) };
	}
}

/** From name, value, name, value …; what was put into a bucket that is not its own is left to whoever decodes it. */
function recordsOf(list: readonly unknown[]): PoolRecord[] {
	const records: PoolRecord[] = [];
	for (let i = 0; i + 1 < list.length; i += 2) {
		records.push({ key: String(list[i]), value: String(list[i + 1]) });
	}
	return records;
}
