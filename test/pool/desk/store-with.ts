import type { EmbeddedStore } from "../../../src/pool/embedded/embedded-store.ts";
import type { PoolStore } from "../../../src/pool/store.ts";

/** The store, with some of its methods replaced. */
export function storeWith(store: EmbeddedStore, replaced: Partial<PoolStore>): PoolStore {
	return new Proxy<PoolStore>(store, {
		get(target, name) {
			const own: unknown = Reflect.get(replaced, name);
			if (own !== undefined) return own;
			const value: unknown = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}
