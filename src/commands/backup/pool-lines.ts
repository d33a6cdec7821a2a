/** A pool as lines of JSON, in files of some megabytes, so that neither side holds more than one. */
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CopiedBatch, PoolCopy } from "../../pool/pool-copy.ts";
import type { AuditEntry, Edit, PoolRecord } from "../../pool/record.ts";
import { isRecordKey } from "../../pool/record-key.ts";
import type { SightingSum, StagedBatch } from "../../pool/store.ts";
import { fileOf, type NewFile } from "./archive-writer.ts";

const FILE_BYTES = 4 << 20;
const PAGE = 1000;
const KINDS = ["records", "audit", "batches", "sightings"] as const;
export type PoolPart = (typeof KINDS)[number];
export type PoolCounts = Record<PoolPart, number>;

type Line =
	| readonly [key: string, value: string]
	| AuditEntry
	| { readonly batch: StagedBatch }
	| { readonly edits: readonly (readonly [string, string | null, number | null])[] }
	| SightingSum;

async function* linesOf(copy: PoolCopy, kind: PoolPart, counts: PoolCounts): AsyncGenerator<Line> {
	if (kind === "batches") {
		for await (const { batch, edits } of copy.batches()) {
			counts.batches++;
			yield { batch };
			for await (const page of edits) {
				yield {
					edits: page.map(({ key, value, expiresAt }) => [key, value ?? null, expiresAt ?? null] as const),
				};
			}
		}
	} else if (kind === "records") {
		for await (const page of copy.records()) {
			counts.records += page.length;
			for (const { key, value } of page) yield [key, value];
		}
	} else {
		const pages = kind === "audit" ? copy.audit() : copy.sightings();
		for await (const page of pages) {
			counts[kind] += page.length;
			yield* page;
		}
	}
}

/** Files of a pool under `pool/`. `counts` is added to as they are made. */
export async function* poolFiles(copy: PoolCopy, counts: PoolCounts): AsyncGenerator<NewFile> {
	for (const kind of KINDS) {
		let number = 0;
		let bytes = 0;
		let lines: string[] = [];
		const full = (): NewFile => {
			number++;
			const content = lines.join("");
			lines = [];
			bytes = 0;
			return fileOf(`pool/${kind}-${String(number).padStart(5, "0")}.jsonl`, content);
		};
		for await (const line of linesOf(copy, kind, counts)) {
			const text = `${JSON.stringify(line)}\n`;
			lines.push(text);
			bytes += text.length;
			if (bytes >= FILE_BYTES) yield full();
		}
		if (lines.length > 0) yield full();
	}
}

/** A line is none of ours; the message says which. */
export class BadLine extends Error {
	override readonly name = "BadLine";
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function* values(
	folder: string,
	kind: PoolPart,
): AsyncGenerator<{ readonly value: unknown; readonly bad: () => BadLine }> {
	const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${kind}-`)).sort();
	for (const name of names) {
		let number = 0;
		for await (const text of createInterface({
			input: createReadStream(join(folder, name)),
			crlfDelay: Infinity,
		})) {
			const at = ++number;
			const bad = () => new BadLine(`pool/${name}:${at} in it is not what Cordon writes`);
			let value: unknown;
			try {
				value = JSON.parse(text);
			} catch {
				throw bad();
			}
			yield { value, bad };
		}
	}
}

async function* paged<T>(
	folder: string,
	kind: PoolPart,
	read: (value: unknown) => T | undefined,
): AsyncGenerator<readonly T[]> {
	let page: T[] = [];
	for await (const { value, bad } of values(folder, kind)) {
		const one = read(value);
		if (one === undefined) throw bad();
		if (page.push(one) < PAGE) continue;
		yield page;
		page = [];
	}
	if (page.length > 0) yield page;
}

function recordOf(value: unknown): PoolRecord | undefined {
	const [key, text] = Array.isArray(value) ? (value as unknown[]) : [];
	return typeof key === "string" && isRecordKey(key) && typeof text === "string"
		? { key, value: text }
		: undefined;
}

function auditOf(value: unknown): AuditEntry | undefined {
	if (!isMap(value) || !isMap(value.details) || !Number.isSafeInteger(value.at)) return undefined;
	const words = [
		value.id,
		value.actor,
		value.node,
		value.from,
		value.action,
		...Object.values(value.details),
	];
	return words.every((word) => typeof word === "string") ? (value as unknown as AuditEntry) : undefined;
}

function sumOf(value: unknown): SightingSum | undefined {
	if (!isMap(value) || typeof value.domain !== "string" || typeof value.network !== "string")
		return undefined;
	return [value.hour, value.count].every(Number.isSafeInteger)
		? (value as unknown as SightingSum)
		: undefined;
}

function batchOf(value: unknown): StagedBatch | undefined {
	const batch = isMap(value) ? value.batch : undefined;
	if (!isMap(batch) || (batch.state !== "held" && batch.state !== "applying")) return undefined;
	const words = [batch.id, batch.member, batch.reason];
	const isSound = words.every((word) => typeof word === "string") && Number.isSafeInteger(batch.created);
	return isSound ? (batch as unknown as StagedBatch) : undefined;
}

function editsOf(value: unknown): Edit[] | undefined {
	if (!isMap(value) || !Array.isArray(value.edits)) return undefined;
	const edits = (value.edits as unknown[]).map((stored): Edit | undefined => {
		const [key, text, expiresAt] = Array.isArray(stored) ? (stored as unknown[]) : [];
		if (typeof key !== "string" || !isRecordKey(key) || (text !== null && typeof text !== "string"))
			return undefined;
		if (expiresAt !== null && !Number.isSafeInteger(expiresAt)) return undefined;
		return { key, value: text ?? undefined, ...(expiresAt === null ? {} : { expiresAt: Number(expiresAt) }) };
	});
	return edits.every((edit) => edit !== undefined) ? edits : undefined;
}

/** The edits of a batch come behind it, up to the next one. */
async function* batches(folder: string): AsyncGenerator<CopiedBatch> {
	let current: { readonly batch: StagedBatch; readonly edits: Edit[][] } | undefined;
	for await (const { value, bad } of values(folder, "batches")) {
		const batch = batchOf(value);
		if (batch !== undefined) {
			if (current !== undefined) yield current;
			current = { batch, edits: [] };
			continue;
		}
		const edits = editsOf(value);
		if (edits === undefined || current === undefined) throw bad();
		current.edits.push(edits);
	}
	if (current !== undefined) yield current;
}

/** What lies unpacked in a folder, as a pool. Rejects on the way with BadLine. */
export function unpackedPool(folder: string): Omit<PoolCopy, "position" | "close"> {
	return {
		records: () => paged(folder, "records", recordOf),
		audit: () => paged(folder, "audit", auditOf),
		sightings: () => paged(folder, "sightings", sumOf),
		batches: () => batches(folder),
	};
}

/** Reads every line. Rejects with BadLine. */
export async function countPool(folder: string): Promise<PoolCounts> {
	const pool = unpackedPool(folder);
	const counts: PoolCounts = { records: 0, audit: 0, batches: 0, sightings: 0 };
	for await (const page of pool.records()) counts.records += page.length;
	for await (const page of pool.audit()) counts.audit += page.length;
	for await (const page of pool.sightings()) counts.sightings += page.length;
	for await (const _ of pool.batches()) counts.batches++;
	return counts;
}
