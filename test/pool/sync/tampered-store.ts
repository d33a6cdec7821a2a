/** A real store, with somebody between it and its user who hinders, changes or watches what passes. */
import type { Change, PoolRecord, Position } from "../../../src/pool/record.ts";
import type { Gap, PoolStore } from "../../../src/pool/store.ts";

export type Method = "now" | "head" | "create" | "scan" | "changesSince" | "wait" | "sweep";

export interface Tampering {
	/** Called before each call; what it throws, the call rejects with. */
	before?: (method: Method, nth: number) => void | Promise<void>;
	/** Each page of a scan, and its number from 0. */
	page?: (
		records: readonly PoolRecord[],
		index: number,
	) => readonly PoolRecord[] | Promise<readonly PoolRecord[]>;
	changes?: (changes: readonly Change[], after: Position) => readonly Change[];
	gap?: (after: Position) => Gap | undefined;
	wait?: () => Promise<void>;
	now?: () => number;
}

export type TamperedStore = PoolStore & {
	readonly calls: Readonly<Record<Method, number>>;
	tampering: Tampering;
};

export function tampered(store: PoolStore, tampering: Tampering = {}): TamperedStore {
	const calls: Record<Method, number> = {
		now: 0,
		head: 0,
		create: 0,
		scan: 0,
		changesSince: 0,
		wait: 0,
		sweep: 0,
	};
	async function enter(method: Method): Promise<void> {
		const nth = calls[method]++;
		await outer.tampering.before?.(method, nth);
	}
	const own: Partial<PoolStore> = {
		async now() {
			await enter("now");
			return outer.tampering.now?.() ?? store.now();
		},
		async head() {
			await enter("head");
			return store.head();
		},
		async create() {
			await enter("create");
			return store.create();
		},
		async *scan() {
			await enter("scan");
			let index = 0;
			for await (const records of store.scan()) {
				yield (await outer.tampering.page?.(records, index++)) ?? records;
			}
		},
		async changesSince(position, limit) {
			await enter("changesSince");
			const gap = outer.tampering.gap?.(position);
			if (gap !== undefined) return gap;
			const page = await store.changesSince(position, limit);
			if (typeof page === "string") return page;
			return { ...page, changes: outer.tampering.changes?.(page.changes, position) ?? page.changes };
		},
		async wait(position, timeoutMs, signal) {
			await enter("wait");
			return outer.tampering.wait?.() ?? store.wait(position, timeoutMs, signal);
		},
		async sweep(node, limit) {
			await enter("sweep");
			return store.sweep(node, limit);
		},
	};
	const outer = new Proxy({ calls, tampering } as TamperedStore, {
		get(target, name) {
			const mine = Reflect.get(own, name) ?? Reflect.get(target, name);
			if (mine !== undefined) return mine;
			const theirs: unknown = Reflect.get(store, name);
			return typeof theirs === "function" ? theirs.bind(store) : theirs;
		},
	});
	return outer;
}
