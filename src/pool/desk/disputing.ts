import { decodeContribution, encodeDispute } from "../codec.ts";
import type { Dispute } from "../contribution.ts";
import { type Actor, DeskError } from "../desk.ts";
import { disputeKey, kindOf } from "../record-key.ts";
import { askedDomain, askedReason } from "./asked-text.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";

export interface DisputingParts {
	readonly desk: Pick<DeskParts, "replica">;
	readonly ledger: Ledger;
	readonly rights: Rights;
}

/** A member's word against what others say of a domain. */
export class Disputing {
	readonly #parts: DisputingParts;

	constructor(parts: DisputingParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.dispute. One's own earlier dispute is replaced, and counts from now on even where it was decided. */
	async dispute(text: string, why: string, actor: Actor): Promise<Dispute> {
		const { rights, ledger } = this.#parts;
		rights.requireWriter(actor, "dispute");
		const domain = askedDomain(text);
		const reason = askedReason(why);
		const now = await ledger.present();
		const speakers = this.#speakers(domain, now);
		if (speakers.length === 0)
			throw new DeskError(404, `nobody says anything about ${domain}: there is nothing to dispute`);
		if (speakers.every((member) => member === actor.name)) {
			throw new DeskError(409, `only ${actor.name} itself speaks of ${domain}: withdraw that instead`);
		}
		const dispute: Dispute = { domain, member: actor.name, reason, created: now };
		await ledger.commit(
			[{ key: disputeKey(domain, actor.name), value: encodeDispute(dispute) }],
			[ledger.entry(actor, "dispute", { domain, reason })],
		);
		return dispute;
	}

	/** As PoolDesk.undispute. */
	async undispute(text: string, actor: Actor): Promise<void> {
		const { desk, rights, ledger } = this.#parts;
		rights.requireWriter(actor, "take a dispute back");
		const domain = askedDomain(text);
		await ledger.present();
		const key = disputeKey(domain, actor.name);
		if (desk.replica.get(key) === undefined)
			throw new DeskError(404, `${actor.name} does not dispute ${domain}`);
		await ledger.commit([{ key, value: undefined }], [ledger.entry(actor, "undispute", { domain })]);
	}

	/** Members with a contribution about the domain that is not over. */
	#speakers(domain: string, now: number): readonly string[] {
		return this.#parts.desk.replica.read(domain).flatMap(({ key, value }) => {
			const said = kindOf(key) === "contribution" ? decodeContribution(key, value) : undefined;
			return said !== undefined && said.validUntil > now ? [said.member] : [];
		});
	}
}
