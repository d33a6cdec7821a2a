import { OPERATOR, PROGRAM } from "../../config/vocabulary.ts";
import { encodeMember } from "../codec.ts";
import { type Actor, DeskError } from "../desk.ts";
import { memberKey } from "../record-key.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import type { Roll } from "./roll.ts";

export interface SpeakersParts {
	readonly desk: Pick<DeskParts, "lists">;
	readonly ledger: Ledger;
	readonly rights: Rights;
	readonly roll: Roll;
	/** Looks at the records of members again. */
	readonly refresh: () => void;
}

/** In whose name somebody may contribute. */
export class Speakers {
	readonly #parts: SpeakersParts;

	constructor(parts: SpeakersParts) {
		this.#parts = parts;
	}

	/** @returns the member. Rejects with 403, 404 or 409, in whose name the actor may not speak. */
	async speaker(actor: Actor, named: string | undefined): Promise<string> {
		const { desk, rights, roll } = this.#parts;
		const member = named ?? actor.name;
		if (member === actor.name) {
			rights.requireWriter(actor, "contribute");
			return member;
		}
		if (!rights.isAdmin(actor)) {
			throw new DeskError(403, `only an admin may contribute in the name of another, here "${member}"`);
		}
		if (member === PROGRAM || (member === OPERATOR && actor.name !== PROGRAM)) {
			throw new DeskError(403, `nobody may contribute in the name of "${member}" but itself`);
		}
		if (member === OPERATOR) return member;
		if (roll.isRevoked(member)) {
			throw new DeskError(
				403,
				`the member ${member} was revoked: add it again before contributing in its name`,
			);
		}
		if (desk.lists().has(member)) await this.#enlist(member, actor);
		else if (roll.get(member) === undefined) {
			throw new DeskError(404, `there is no member "${member}": add it first`);
		}
		return member;
	}

	/** A list becomes a member when it first has something to say. */
	async #enlist(list: string, actor: Actor): Promise<void> {
		const { ledger, roll, refresh } = this.#parts;
		const now = await ledger.present();
		refresh();
		const member = roll.get(list);
		if (member !== undefined && member.tokenHash !== "") {
			throw new DeskError(
				409,
				`the list "${list}" has the name of a member with a token: give the list another`,
			);
		}
		if (member !== undefined) return;
		const value = encodeMember({ name: list, role: "contributor", tokenHash: "", created: now });
		const audit = ledger.entry(actor, "member-add", { member: list, role: "contributor", kind: "list" });
		await ledger.commit([{ key: memberKey(list), value }], [audit]);
		refresh();
	}
}
