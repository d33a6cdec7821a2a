/** What of a batch that waited for a person its member has said anew meanwhile: the newer word stands. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeContribution } from "../codec.ts";
import type { Edit } from "../record.ts";
import { contributionKey, domainOf } from "../record-key.ts";
import { MAX_EDITS, type StagedBatch } from "../store.ts";
import type { DeskParts } from "./parts.ts";

export class Outdated {
	readonly #parts: Pick<DeskParts, "store" | "replica">;

	constructor(parts: Pick<DeskParts, "store" | "replica">) {
		this.#parts = parts;
	}

	/** Of which the replica has a contribution of the member that is newer than the batch. */
	async domainsOf(batch: StagedBatch): Promise<ReadonlySet<string>> {
		const { replica } = this.#parts;
		const { member, created } = batch;
		const newer = new Set<string>();
		for await (const edits of this.#edits(batch)) {
			for (const { key } of edits) {
				const domain = domainOf(key);
				const own = contributionKey(domain, member);
				const stored = newer.has(domain) ? undefined : replica.get(own);
				if (stored === undefined) continue;
				if ((decodeContribution(own, stored)?.modified ?? 0) > created) newer.add(domain);
			}
		}
		return newer;
	}

	/** The edits of all other domains. */
	async *rest(batch: StagedBatch, outdated: ReadonlySet<string>): AsyncGenerator<readonly Edit[]> {
		for await (const edits of this.#edits(batch)) {
			yield edits.filter(({ key }) => !outdated.has(domainOf(key)));
		}
	}

	async *#edits({ id, edits: count }: StagedBatch): AsyncGenerator<readonly Edit[]> {
		for (let from = 0; from < count; from += MAX_EDITS) {
			const edits = await this.#parts.store.batchEdits(id, from, MAX_EDITS);
			if (edits.length === 0) return;
			yield edits;
			await nextTurn();
		}
	}
}
