import type { Actor, Comparison } from "../desk.ts";
import type { PoolRecord } from "../record.ts";
import { domainOf } from "../record-key.ts";
import { Checksum, KeySet } from "./fingerprint.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import { Turns } from "./turns.ts";

const SLICE = 1000;
/** So many are looked at once more, one by one: what changes while we compare is no difference. The rest are counted. */
const MOST_SUSPECTS = 10_000;

export interface ComparingParts {
	readonly desk: Pick<DeskParts, "store" | "replica">;
	readonly ledger: Ledger;
	readonly rights: Rights;
}

type Difference = "missing" | "surplus" | "different";

class Differences {
	readonly counts: Record<Difference, number> = { missing: 0, surplus: 0, different: 0 };
	/** Keys by domain. */
	readonly suspects = new Map<string, Map<string, Difference>>();
	#suspectCount = 0;

	get any(): boolean {
		const { missing, surplus, different } = this.counts;
		return missing + surplus + different > 0;
	}

	/** Takes the place of what was said of the key before; undefined: it is equal after all. */
	set(key: string, found: Difference | undefined): void {
		const domain = domainOf(key);
		const keys = this.suspects.get(domain) ?? new Map<string, Difference>();
		const before = keys.get(key);
		if (before !== undefined) this.counts[before]--;
		if (found !== undefined) this.counts[found]++;
		if (found === undefined || (before === undefined && this.#suspectCount >= MOST_SUSPECTS)) return;
		if (before === undefined) this.#suspectCount++;
		keys.set(key, found);
		this.suspects.set(domain, keys);
	}
}

/** The replica against the store, record by record, with a few bytes of memory for each. */
export class Comparing {
	readonly #parts: ComparingParts;

	constructor(parts: ComparingParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.verify. */
	async compare(actor: Actor): Promise<Comparison> {
		const { ledger, rights, desk } = this.#parts;
		rights.requireAdmin(actor, "compare the replica with the store");
		await ledger.present();
		const differences = new Differences();
		const stored = new KeySet();
		const turns = new Turns(SLICE);
		for await (const page of desk.store.scan()) {
			for (const { key, value } of page) {
				if (turns.over()) await turns.next();
				stored.add(key);
				const ours = desk.replica.get(key);
				if (ours !== value) differences.set(key, ours === undefined ? "missing" : "different");
			}
		}
		const checksum = new Checksum();
		let replicaRecords = 0;
		for (const records of this.#replicated()) {
			for (const record of records) {
				if (turns.over()) await turns.next();
				replicaRecords++;
				checksum.add(record);
				if (!stored.has(record.key)) differences.set(record.key, "surplus");
			}
		}
		desk.replica.releasePages();
		if (differences.any) await this.#lookAgain(differences);
		return {
			equal: !differences.any,
			replicaRecords,
			storeRecords: stored.size,
			...differences.counts,
			checksum: checksum.toString(),
		};
	}

	*#replicated(): Iterable<readonly PoolRecord[]> {
		const { replica } = this.#parts.desk;
		yield replica.members();
		for (const { records } of replica.domains()) yield records;
	}

	async #lookAgain(differences: Differences): Promise<void> {
		const { store, replica } = this.#parts.desk;
		await this.#parts.ledger.present();
		for (const [domain, keys] of differences.suspects) {
			const records = domain === "" ? await this.#storedMembers() : await store.read(domain);
			const theirs = new Map(records.map(({ key, value }) => [key, value]));
			for (const key of [...keys.keys()]) {
				const [there, here] = [theirs.get(key), replica.get(key)];
				if (there === here) differences.set(key, undefined);
				else if (there === undefined) differences.set(key, "surplus");
				else differences.set(key, here === undefined ? "missing" : "different");
			}
		}
	}

	/** They have no domain to be read by. */
	async #storedMembers(): Promise<readonly PoolRecord[]> {
		const members: PoolRecord[] = [];
		for await (const page of this.#parts.desk.store.scan()) {
			members.push(...page.filter(({ key }) => domainOf(key) === ""));
		}
		return members;
	}
}
