/** What the contract's tests work on: a pool of somebody's making, and records with which to fill it. */
import type { Test } from "tap";
import { encodeContribution, encodeMember } from "../../../src/pool/codec.ts";
import type { Contribution } from "../../../src/pool/contribution.ts";
import type { AuditEntry, Change, Edit, NewAuditEntry, Position } from "../../../src/pool/record.ts";
import { contributionKey, memberKey } from "../../../src/pool/record-key.ts";
import type { PoolStore } from "../../../src/pool/store.ts";

export interface ContractPool {
	/** Nothing has been created in it yet. */
	readonly store: PoolStore;
	/** Closes `store` and every second one, and opens the same pool anew, as after a restart of the node. */
	reopen(): Promise<PoolStore>;
	/** Another store on the same pool at the same time, as another node has it. Missing where there is but one node. */
	second?(): Promise<PoolStore>;
	/** Deletes the pool behind the store's back. Missing where that cannot be. */
	lose?(): Promise<void>;
}

/** What is there of an audit before the pool is opened. */
export interface Past {
	/** In the order of their times, which are their own. */
	readonly entries: readonly Omit<AuditEntry, "id">[];
	/** What retention remembers: the fields of src/pool/retention-rule.ts. */
	readonly retention: Readonly<Record<string, string>>;
}

export interface ContractOptions {
	readonly past?: Past;
	/** How many changes the log must keep at least; some hundred more are fine. The store's default when undefined. */
	readonly keepChanges?: number;
}

/** Opens an empty place for a pool, which is closed and removed in `t`'s teardown. */
export type OpenPool = (t: Test, options?: ContractOptions) => Promise<ContractPool>;

/** How long something may take that happens by itself. */
export const DEADLINE_MS = 10_000;

const HOUR = 3_600_000;

export function contribution(over: Partial<Contribution> & Pick<Contribution, "domain">): Contribution {
	return {
		scope: "subtree",
		member: "cert",
		category: "malware",
		confidence: 80,
		tlp: "green",
		basis: "policy",
		reason: "",
		reference: "",
		validFrom: 1_700_000_000_000,
		validUntil: 4_000_000_000_000,
		created: 1_700_000_000_000,
		modified: 1_700_000_000_000,
		id: "2b2e9a4e-5f54-4f3a-9d8e-0a6f0d1c2b3a",
		approvalsNeeded: 0,
		...over,
	};
}

export function put(domain: string, over: Partial<Contribution> = {}): Edit {
	const c = contribution({ domain, ...over });
	return { key: contributionKey(c.domain, c.member), value: encodeContribution(c), expiresAt: c.validUntil };
}

/** A contribution whose time was over an hour before `now`. */
export function expired(domain: string, now: number, over: Partial<Contribution> = {}): Edit {
	return put(domain, { validFrom: now - 3 * HOUR, validUntil: now - HOUR, ...over });
}

export function take(domain: string, member = "cert"): Edit {
	return { key: contributionKey(domain, member), value: undefined };
}

export function putMember(name: string): Edit {
	const value = encodeMember({ name, role: "contributor", tokenHash: "", created: 1_700_000_000_000 });
	return { key: memberKey(name), value };
}

export function puts(count: number, prefix = "d"): Edit[] {
	return Array.from({ length: count }, (_, i) => put(`${prefix}${i}.example`));
}

export function entry(action: string, details: Readonly<Record<string, string>> = {}): NewAuditEntry {
	return { actor: "operator", node: "node-1", from: "192.0.2.1", action, details };
}

/** Hands `items` out in parts, as a caller that reads them from somewhere. */
export async function* inParts<T>(items: readonly T[], size: number): AsyncIterable<readonly T[]> {
	for (let at = 0; at < items.length; at += size) {
		await Promise.resolve();
		yield items.slice(at, at + size);
	}
}

/** Every record by key. A record that is told twice with different values, or an empty page, is a fault. */
export async function allRecords(store: PoolStore): Promise<Map<string, string>> {
	const all = new Map<string, string>();
	for await (const page of store.scan()) {
		for (const { key, value } of page) {
			const other = all.get(key);
			if (other !== undefined && other !== value) throw new Error(`${key} was told twice, differently`);
			all.set(key, value);
		}
	}
	return all;
}

/** All changes after `position`, and where the log ends, in steps of `limit`. */
export async function follow(
	store: PoolStore,
	position: Position,
	limit: number,
): Promise<{ changes: Change[]; position: Position }> {
	const changes: Change[] = [];
	for (let at = position; ; ) {
		const next = await store.changesSince(at, limit);
		if (typeof next === "string") throw new Error(`the log cannot be followed from ${at.seq}: ${next}`);
		if (next.changes.length === 0) return { changes, position: next.position };
		if (next.changes.length > limit) throw new Error(`${next.changes.length} changes, asked for ${limit}`);
		changes.push(...next.changes);
		at = next.position;
	}
}

/** What comes of `changes` on top of `records`. */
export function applied(records: ReadonlyMap<string, string>, changes: readonly Edit[]): Map<string, string> {
	const after = new Map(records);
	for (const { key, value } of changes) {
		if (value === undefined) after.delete(key);
		else after.set(key, value);
	}
	return after;
}

/** For comparison: in the order of keys. */
export function sorted(records: ReadonlyMap<string, string> | readonly { key: string; value: string }[]) {
	const pairs =
		records instanceof Map
			? [...records]
			: [...(records as readonly { key: string; value: string }[])].map((r): [string, string] => [
					r.key,
					r.value,
				]);
	return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** An edit as pairs, so that a missing value and an undefined one are the same. */
export function plain(edits: readonly Edit[]): [string, string | undefined][] {
	return edits.map((e) => [e.key, e.value]);
}
