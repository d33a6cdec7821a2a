/** What the shelf knows about a list: the content of its `<name>.json`. */
import { LIST_FORMATS, type ListFormat } from "../config/vocabulary.ts";
import { HOLD_REASONS } from "../observe/rejection.ts";

/** Why a copy waits for a person. */
export type HoldReason = (typeof HOLD_REASONS)[number];

export interface CopyFacts {
	/** Where it came from, for people: secrets masked. */
	readonly url: string;
	/** Where it came from, for comparing. */
	readonly source: string;
	readonly etag?: string;
	readonly lastModified?: string;
	/** Milliseconds since the epoch: when these bytes came. */
	readonly fetchedAt: number;
	/** Milliseconds since the epoch: when the source last said that these are its bytes. */
	readonly checkedAt: number;
	readonly format: ListFormat;
	readonly rules: number;
	readonly bytes: number;
	readonly sha256: string;
}

export interface HeldFacts extends CopyFacts {
	readonly reason: HoldReason;
	readonly message: string;
}

export interface Problem {
	readonly reason: string;
	readonly message: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
}

export interface ShelfRecord {
	readonly good?: CopyFacts;
	readonly held?: HeldFacts;
	/** Of the last refresh, when it failed. */
	readonly problem?: Problem;
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields | undefined {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function text(value: unknown): string | undefined {
	return typeof value === "string" ? value : undefined;
}

function count(value: unknown): number | undefined {
	return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** These go into a request's header, where a control character would be an error of ours. */
function headerText(value: unknown): string | undefined {
	return typeof value === "string" && /^[\t\x20-\x7e\x80-\xff]{1,4096}$/.test(value) ? value : undefined;
}

function copyFacts(value: unknown): CopyFacts | undefined {
	const of = fields(value);
	if (of === undefined) return undefined;
	const format = LIST_FORMATS.find((each) => each === of.format);
	const [url, source, sha256] = [text(of.url), text(of.source), text(of.sha256)];
	const [fetchedAt, checkedAt] = [count(of.fetchedAt), count(of.checkedAt)];
	const [rules, bytes] = [count(of.rules), count(of.bytes)];
	if (url === undefined || source === undefined || sha256 === undefined || format === undefined)
		return undefined;
	if (fetchedAt === undefined || checkedAt === undefined) return undefined;
	if (rules === undefined || bytes === undefined) return undefined;
	const [etag, lastModified] = [headerText(of.etag), headerText(of.lastModified)];
	return {
		url,
		source,
		...(etag !== undefined && { etag }),
		...(lastModified !== undefined && { lastModified }),
		fetchedAt,
		checkedAt,
		format,
		rules,
		bytes,
		sha256,
	};
}

function heldFacts(value: unknown): HeldFacts | undefined {
	const [copy, of] = [copyFacts(value), fields(value)];
	const reason = HOLD_REASONS.find((each) => each === of?.reason);
	const message = text(of?.message);
	return copy === undefined || reason === undefined || message === undefined
		? undefined
		: { ...copy, reason, message };
}

function problemOf(value: unknown): Problem | undefined {
	const of = fields(value);
	const [reason, message, at] = [text(of?.reason), text(of?.message), count(of?.at)];
	return reason === undefined || message === undefined || at === undefined
		? undefined
		: { reason, message, at };
}

export function formatRecord(record: ShelfRecord): string {
	return `${JSON.stringify(record, undefined, "\t")}\n`;
}

/** Undefined when the text is no record, or when a part that it has is damaged. */
export function parseRecord(json: string): ShelfRecord | undefined {
	let of: Fields | undefined;
	try {
		of = fields(JSON.parse(json));
	} catch {
		return undefined;
	}
	if (of === undefined) return undefined;
	const [good, held, problem] = [copyFacts(of.good), heldFacts(of.held), problemOf(of.problem)];
	if (of.good !== undefined && good === undefined) return undefined;
	if (of.held !== undefined && held === undefined) return undefined;
	if (of.problem !== undefined && problem === undefined) return undefined;
	return {
		...(good !== undefined && { good }),
		...(held !== undefined && { held }),
		...(problem !== undefined && { problem }),
	};
}
