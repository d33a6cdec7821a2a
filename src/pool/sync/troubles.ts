import type { Log } from "../../observe/log.ts";
import { PoolUnavailable } from "../store.ts";
import { ReplicaFault } from "./replica-fault.ts";
import { Trouble } from "./trouble.ts";

/** All that may go wrong while following, each told when it begins and when it is over. */
export class Troubles {
	readonly #store: Trouble;
	readonly #replica: Trouble;
	readonly #other: Trouble;
	#answered = false;

	/** @param storeTells it logs itself when it cannot be reached. */
	constructor(log: Log, storeTells: boolean) {
		this.#store = new Trouble(
			{
				level: storeTells ? "debug" : "warn",
				begins:
					"the shared pool cannot be reached; this node goes on with its own copy, and tries again until it is back",
				ends: "the shared pool can be reached again",
			},
			log,
		);
		this.#replica = new Trouble(
			{
				level: "error",
				begins:
					"this node's copy of the shared pool cannot be written; it goes on with what it has, and tries again; see that dataDir has space left and may be written to",
				ends: "this node's copy of the shared pool can be written again",
			},
			log,
		);
		this.#other = new Trouble(
			{
				level: "error",
				begins:
					"following the shared pool failed in a way that was not foreseen; this node goes on with its own copy, and tries again; please report it",
				ends: "the shared pool is followed again",
			},
			log,
		);
	}

	/** Whether the store answered when it was last asked. */
	get up(): boolean {
		return this.#answered && this.#store.problem === undefined;
	}

	/** In one sentence. */
	get problem(): string | undefined {
		const problem = this.#store.problem ?? this.#replica.problem ?? this.#other.problem;
		if (problem === undefined && !this.#answered) return "the store has not answered yet";
		return problem;
	}

	tell(error: unknown): void {
		const message = error instanceof Error ? error.message : String(error);
		if (error instanceof PoolUnavailable) this.#store.begin(message);
		else if (error instanceof ReplicaFault) this.#replica.begin(message);
		else this.#other.begin(message, { error });
	}

	/** The store answered. */
	reached(): void {
		this.#answered = true;
		this.#store.end();
	}

	/** All went well, from the question to the replica. */
	over(): void {
		this.#replica.end();
		this.#other.end();
	}
}
