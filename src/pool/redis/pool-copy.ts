/** What a shared pool has beside its records, read from Redis; the records are those of this node's copy. */
import type { CopiedBatch, PoolCopy } from "../pool-copy.ts";
import type { AuditEntry, Edit } from "../record.ts";
import { domainOf } from "../record-key.ts";
import { MAX_EDITS, type SightingSum } from "../store.ts";
import type { RedisStore } from "./store.ts";

const AUDIT_PAGE = 1000;
/** Domains whose sums are asked for at once: each question reads all hours. */
const DOMAINS_AT_ONCE = 20_000;

/** @param replica this node's copy, of one moment. It is closed with this, and so is the store. */
export function sharedPoolCopy(store: RedisStore, replica: PoolCopy): PoolCopy {
	return {
		position: replica.position,
		records: () => replica.records(),
		audit: () => auditOf(store),
		batches: () => batchesOf(store),
		sightings: () => sightingsOf(store, replica),
		close: async () => {
			await replica.close();
			await store.close();
		},
	};
}

async function* auditOf(store: RedisStore): AsyncGenerator<readonly AuditEntry[]> {
	let after: string | undefined;
	for (;;) {
		const page = await store.audit(after, AUDIT_PAGE);
		if (page.length > 0) yield page;
		after = page.at(-1)?.id;
		if (page.length < AUDIT_PAGE || after === undefined) return;
	}
}

async function* batchesOf(store: RedisStore): AsyncGenerator<CopiedBatch> {
	for (const batch of await store.batches()) yield { batch, edits: editsOf(store, batch.id, batch.edits) };
}

async function* editsOf(store: RedisStore, id: string, count: number): AsyncGenerator<readonly Edit[]> {
	for (let from = 0; from < count; from += MAX_EDITS) {
		const edits = await store.batchEdits(id, from, MAX_EDITS);
		// Decided meanwhile: it is gone.
		if (edits.length === 0) return;
		yield edits;
	}
}

async function* sightingsOf(store: RedisStore, replica: PoolCopy): AsyncGenerator<readonly SightingSum[]> {
	let domains = new Set<string>();
	for await (const page of replica.records()) {
		for (const { key } of page) domains.add(domainOf(key));
		domains.delete("");
		if (domains.size < DOMAINS_AT_ONCE) continue;
		yield await store.sightings([...domains], 0);
		domains = new Set();
	}
	if (domains.size > 0) yield await store.sightings([...domains], 0);
}

/** The records as Redis tells them, where this node has no copy: not all of one moment. Undefined when there is no pool. */
export async function storeAlone(store: RedisStore): Promise<PoolCopy | undefined> {
	const position = await store.head();
	if (position === undefined) return undefined;
	return {
		position,
		records: () => store.scan(),
		audit: () => [],
		batches: () => [],
		sightings: () => [],
		close: async () => {},
	};
}
