import type { NodeView } from "../observe/status.ts";
import type { Flush } from "../resolve/flush.ts";

/** The program, as the admin server may see it and speak to it. */
export interface Node extends NodeView {
	/** Forgets cached answers. @returns how many. Rejects with a message for people. */
	flush(flush: Flush): Promise<number>;
}
