/**
 * The names of a pool's keys. All share the hash tag `{POOL}`, so that a Cluster keeps them on one node and one script
 * can change them together. What belongs to one life of the pool bears its epoch: a pool that is restored is written
 * beside the old one, and takes its place in one step.
 *
 *     cordon:{default}:meta                hash    format, epoch, seq, token, buckets, created
 *     cordon:{default}:audit               stream  who did what, appended to, and cut at its beginning by retention
 *     cordon:{default}:retention           hash    how long nodes wish to keep the audit, and what of it is gone
 *     cordon:{default}:changes:EPOCH       stream  SEQ-0: every change, with its token and the one before
 *     cordon:{default}:bucket:EPOCH:N      hash    record key → record value
 *     cordon:{default}:expiry:EPOCH        zset    record key by validUntil
 *     cordon:{default}:batches:EPOCH       set     ids of staged batches
 *     cordon:{default}:batch:EPOCH:ID      hash    a staged batch
 *     cordon:{default}:edits:EPOCH:ID      hash    its edits, in parts
 *     cordon:{default}:once:EPOCH:HASH     string  the outcome of a request, for a day
 *     cordon:{default}:sightings:HOUR      hash    domain → sums by network, for 30 days
 *     cordon:{default}:report:HASH         string  a report of sightings that was added
 *     cordon:{default}:sweeper             string  who sweeps at present
 *     cordon:{default}:garbage             zset    epochs that are not the pool's, by when they were last written to
 */
import { createHash } from "node:crypto";

/** How many hashes hold the state of a pool; fixed when it is created. */
export const BUCKETS = 4096;

function digest(text: string): string {
	return createHash("sha256").update(text).digest("hex").slice(0, 40);
}

export class Keys {
	readonly meta: string;
	readonly audit: string;
	readonly retention: string;
	readonly sweeper: string;
	readonly garbage: string;
	/** Never written to: scripts try on it whether they may write at all. */
	readonly none: string;
	readonly #base: string;

	constructor(prefix: string, pool: string) {
		this.#base = `${prefix}:{${pool}}`;
		this.meta = `${this.#base}:meta`;
		this.audit = `${this.#base}:audit`;
		this.retention = `${this.#base}:retention`;
		this.sweeper = `${this.#base}:sweeper`;
		this.garbage = `${this.#base}:garbage`;
		this.none = `${this.#base}:none`;
	}

	changes(epoch: string): string {
		return `${this.#base}:changes:${epoch}`;
	}

	bucket(epoch: string, bucket: number): string {
		return `${this.#base}:bucket:${epoch}:${bucket}`;
	}

	expiry(epoch: string): string {
		return `${this.#base}:expiry:${epoch}`;
	}

	batches(epoch: string): string {
		return `${this.#base}:batches:${epoch}`;
	}

	batch(epoch: string, id: string): string {
		return `${this.#base}:batch:${epoch}:${id}`;
	}

	edits(epoch: string, id: string): string {
		return `${this.#base}:edits:${epoch}:${id}`;
	}

	/** `key` is the caller's, of any form and length. */
	once(epoch: string, key: string): string {
		return `${this.#base}:once:${epoch}:${digest(key)}`;
	}

	/** `hour` counts from 1970. */
	sightings(hour: number): string {
		return `${this.#base}:sightings:${hour}`;
	}

	report(report: string): string {
		return `${this.#base}:report:${digest(report)}`;
	}
}

/** All records of one domain share a bucket. FNV-1a with a last stir, since neighbouring names differ only at one end. */
export function bucketOf(domain: string, buckets: number): number {
	let hash = 0x811c9dc5;
	for (let i = 0; i < domain.length; i++) hash = Math.imul(hash ^ domain.charCodeAt(i), 0x01000193);
	hash ^= hash >>> 16;
	hash = Math.imul(hash, 0x85ebca6b);
	hash ^= hash >>> 13;
	return (hash >>> 0) % buckets;
}
