/** What the library of lists and the shared pool want of one another. */
import type { BlocklistIndex } from "../../blocklist/index.ts";
import type { SharedBlocklist } from "../../blocklist/shared-blocklist.ts";
import type { SnapshotAbout } from "../../blocklist/snapshot.ts";
import type { FromLibrarian, PoolJob } from "../../librarian/job.ts";

/** The pool, as the library sees it. */
export interface PoolSide {
	/** What the librarian has to know to judge the pool. */
	job(): PoolJob;
	/** For a blocklist that is about to be used: its overlay is filled with all that was said since it was compiled. */
	prepare(about: SnapshotAbout, compiled: BlocklistIndex): Promise<void>;
	/** That overlay, into which all goes from now on, and room to count blocked queries. */
	dress(entryCount: number): Pick<SharedBlocklist, "overlay" | "hits">;
	/** All of them have it: what the one before counted is to be read now. */
	settled(about: SnapshotAbout, before: BlocklistIndex | undefined): Promise<void>;
	hear(message: Extract<FromLibrarian, { kind: "protected" | "feed" }>): void;
}
