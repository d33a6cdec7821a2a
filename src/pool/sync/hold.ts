import type { Log } from "../../observe/log.ts";
import type { Position } from "../record.ts";

/** Why this node does not believe the shared state, and goes on with its own copy. */
export interface HeldPool {
	/** `lost`: there is no pool. `shrunk`: there is one with much less in it. */
	readonly kind: "lost" | "shrunk";
	/** In one sentence. */
	readonly reason: string;
	/** Milliseconds since the epoch. */
	readonly since: number;
	/** Contributions of this node's copy, and of the shared pool. */
	readonly ours: number;
	readonly theirs: number;
}

/** What became of an acceptance: `held-again`: the state had become worse than the one that was accepted. */
export type Accepted = "taken" | "nothing-held" | "held-again";

interface Acceptance {
	/** So many contributions the state has to have at least: what is much worse, nobody has accepted. */
	readonly floor: number;
	readonly promise: Promise<Accepted>;
	resolve(outcome: Accepted): void;
	reject(error: unknown): void;
}

/** The state of being held, and a person's word on it. */
export class Hold {
	readonly #log: Log;
	#acceptance: Acceptance | undefined;
	/** Undefined while nothing is held. */
	held: HeldPool | undefined;
	/** Where the shared pool's log ended when it was last scanned, and when it may be scanned again (performance.now). */
	scanned: { readonly head: Position; readonly againAt: number; readonly anywayAt: number } | undefined;

	constructor(log: Log) {
		this.#log = log;
	}

	begin(held: HeldPool): void {
		const before = this.held;
		this.held = { ...held, since: before?.since ?? held.since };
		if (before?.kind === held.kind) return;
		this.#log.warn(
			"the shared pool is held: its state is not believed, this node goes on with its own copy; restore the pool from this node, or approve `pool` to take the shared state as it is",
			{ reason: held.reason },
		);
	}

	end(why: string): void {
		this.scanned = undefined;
		if (this.held === undefined) return;
		this.held = undefined;
		this.#log.info("the shared pool is no longer held", { why });
	}

	/** Whether a state with so many contributions was accepted. */
	accepts(contributions: number): boolean {
		return this.#acceptance !== undefined && contributions >= this.#acceptance.floor;
	}

	get isAccepted(): boolean {
		return this.#acceptance !== undefined;
	}

	/** Asks for the state to be taken as it is, once. */
	accept(maxChange: number): Promise<Accepted> {
		if (this.held === undefined) return Promise.resolve("nothing-held");
		if (this.#acceptance !== undefined) return this.#acceptance.promise;
		let resolve: Acceptance["resolve"] = () => {};
		let reject: Acceptance["reject"] = () => {};
		const promise = new Promise<Accepted>((yes, no) => {
			resolve = yes;
			reject = no;
		});
		const floor = Math.floor(this.held.theirs * (1 - maxChange));
		this.#acceptance = { floor, promise, resolve, reject };
		return promise;
	}

	/** What was accepted is settled, one way or the other. An Error: it could not be done, and will not be later. */
	settle(outcome: Accepted | Error): void {
		const acceptance = this.#acceptance;
		this.#acceptance = undefined;
		if (outcome instanceof Error) acceptance?.reject(outcome);
		else acceptance?.resolve(outcome);
	}
}
