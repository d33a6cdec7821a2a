/** What a pool says of itself in Redis. It comes from outside, and parts of it become names of keys: it is checked. */
import type { Position } from "../record.ts";
import { PoolUnavailable } from "../store.ts";

export interface Meta {
	readonly position: Position;
	readonly buckets: number;
}

/** How the pool is laid out; another number is another Cordon's. */
export const FORMAT = "1";
export const META_FIELDS = ["format", "epoch", "seq", "token", "buckets"] as const;

const EPOCH = /^[0-9a-f]{20}$/;
const MOST_BUCKETS = 65_536;

/** @throws PoolUnavailable when it is not what this Cordon writes. */
export function parseMeta(reply: unknown, where: string): Meta | undefined {
	if (!Array.isArray(reply) || reply.length !== META_FIELDS.length) return undefined;
	const [format, epoch, seq, token, buckets] = reply as unknown[];
	if (epoch === null) return undefined;
	if (format !== FORMAT) {
		throw new PoolUnavailable(
			`The pool in ${where} has format ${JSON.stringify(format)}, this Cordon knows ${FORMAT}: update Cordon.`,
		);
	}
	const count = countOf(seq, Number.MAX_SAFE_INTEGER);
	const shares = countOf(buckets, MOST_BUCKETS);
	const sound = typeof epoch === "string" && EPOCH.test(epoch) && typeof token === "string";
	if (!sound || count === undefined || shares === undefined || shares === 0) throw damaged(where);
	return { position: { epoch, seq: count, token }, buckets: shares };
}

export function damaged(where: string): PoolUnavailable {
	return new PoolUnavailable(
		`The pool in ${where} is damaged: its key :meta does not hold what Cordon writes, or does not fit its log. Delete that key, then restore the pool from a node's copy.`,
	);
}

/** A whole number of 0 to `most` as Redis writes it. */
export function countOf(value: unknown, most: number): number | undefined {
	const text = typeof value === "number" ? String(value) : value;
	if (typeof text !== "string" || !/^\d{1,16}$/.test(text)) return undefined;
	const number = Number(text);
	return number <= most ? number : undefined;
}
