/** A blocklist as threads hand it to one another. */
import { BlocklistIndex } from "./index.ts";
import { Overlay } from "./overlay.ts";

export interface SharedBlocklist {
	readonly memory: SharedArrayBuffer;
	/** What the pool has said since it was compiled; undefined without a pool. */
	readonly overlay: SharedArrayBuffer | undefined;
	/** Where blocked queries for entries of the pool are counted; undefined when nobody wants to know. */
	readonly hits: SharedArrayBuffer | undefined;
}

export function openBlocklist({ memory, overlay, hits }: SharedBlocklist): BlocklistIndex {
	return new BlocklistIndex(memory, overlay === undefined ? undefined : new Overlay(overlay), hits);
}
