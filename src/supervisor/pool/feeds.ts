/** Lists that go to the pool: what the librarian found changed in them becomes a batch of the member of their name. */
import { PROGRAM } from "../../config/vocabulary.ts";
import type { FromLibrarian } from "../../librarian/job.ts";
import type { Log } from "../../observe/log.ts";
import type { Actor, DraftLine, PoolDesk } from "../../pool/desk.ts";

type FeedMessage = Extract<FromLibrarian, { kind: "feed" }>;

/** Refused lines of a batch that are told in the log. */
const TOLD = 3;

export interface FeedsParts {
	readonly desk: PoolDesk;
	readonly log: Log;
}

export class Feeds {
	readonly #parts: FeedsParts;
	readonly #lines = new Map<string, unknown[]>();
	/** One batch at a time. */
	#queue: Promise<void> = Promise.resolve();

	constructor(parts: FeedsParts) {
		this.#parts = parts;
	}

	hear({ list, lines, state }: FeedMessage): void {
		const all = this.#lines.get(list) ?? [];
		for (const line of lines) all.push(line);
		this.#lines.set(list, all);
		if (state === "more") return;
		this.#lines.delete(list);
		if (all.length > 0 && state === "whole") this.#queue = this.#queue.then(() => this.#submit(list, all));
	}

	/** Resolves when all that was heard has been taken to the desk. */
	settled(): Promise<void> {
		return this.#queue;
	}

	async #submit(list: string, lines: readonly unknown[]): Promise<void> {
		const { desk, log } = this.#parts;
		const actor: Actor = { name: PROGRAM, role: "admin", from: "list" };
		try {
			const outcome = await desk.submit(numbered(lines), actor, { member: list });
			const refused = outcome.lines.filter((line) => line.status === "refused");
			const fields = { list, changes: lines.length, refused: refused.length };
			if (outcome.status === "held")
				log.warn(
					"a list changed too much at once for the pool; its batch is held until a person approves it",
					{
						...fields,
						held: outcome.held,
						why: outcome.reason,
					},
				);
			else log.info("a list's changes are in the pool", fields);
			if (refused.length > 0)
				log.info("names of a list were refused by the pool's guard", {
					list,
					refused: refused.length,
					first: refused.slice(0, TOLD).map(({ domain, reason }) => `${domain ?? "?"}: ${reason ?? ""}`),
				});
		} catch (error) {
			log.warn("a list's changes are not in the pool; they are tried again when the list is next read", {
				list,
				changes: lines.length,
				why: (error as Error).message,
			});
		}
	}
}

function* numbered(values: readonly unknown[]): Iterable<DraftLine> {
	for (const [i, value] of values.entries()) yield { line: i + 1, value };
}
