import type { BlockedLists } from "./blocked-lists.ts";
import type { Command } from "./program.ts";

/** Where a server shall listen, forward to and keep its files. */
export interface Place {
	readonly directory: string;
	readonly port: number;
	readonly upstreamPort: number;
	readonly lists: BlockedLists;
	/** The program's path. */
	readonly file: string;
}

/** A server that can be measured. */
export interface Server {
	/** As `--only` takes it. */
	readonly name: string;
	readonly title: string;
	/** Its path; undefined when it is not installed. */
	readonly file: string | undefined;
	readonly version: () => string;
	/** One word for each way to start, in order; a server that keeps nothing has one. */
	readonly starts: readonly string[];
	/** Writes its configuration and says how to start it in the foreground. */
	prepare(place: Place): Promise<Command>;
	/** What is to be said of it after the loads, while it still runs. */
	remarks?(): Promise<readonly string[]>;
}
