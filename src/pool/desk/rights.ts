import { OPERATOR, PROGRAM } from "../../config/vocabulary.ts";
import type { Role } from "../contribution.ts";
import { type Actor, DeskError } from "../desk.ts";
import type { Roll } from "./roll.ts";

/** Who may do what. What counts is what the roll says now, not what it said when the actor came in. */
export class Rights {
	readonly #roll: Roll;

	constructor(roll: Roll) {
		this.#roll = roll;
	}

	/** Rejects those who were revoked meanwhile, with 403. */
	role(actor: Actor): Role {
		if (actor.name === OPERATOR || actor.name === PROGRAM) return actor.role;
		const member = this.#roll.get(actor.name);
		if (member === undefined) throw new DeskError(403, `"${actor.name}" is no member of this pool`);
		if (member.revoked !== undefined) {
			throw new DeskError(403, `the member ${actor.name} was revoked: ask an admin for a new token`);
		}
		return member.role;
	}

	isAdmin(actor: Actor): boolean {
		return this.role(actor) === "admin";
	}

	/** @param deed as in "only an admin may …". */
	requireAdmin(actor: Actor, deed: string): void {
		const role = this.role(actor);
		if (role !== "admin")
			throw new DeskError(403, `only an admin may ${deed}; ${actor.name} is ${withArticle(role)}`);
	}

	/** @param deed as in "a reader may not …". */
	requireWriter(actor: Actor, deed: string): void {
		if (this.role(actor) === "reader") {
			throw new DeskError(
				403,
				`a reader may not ${deed}, and ${actor.name} is one: an admin can change that`,
			);
		}
		if (actor.name === PROGRAM) throw new DeskError(403, `${PROGRAM} speaks only in the name of a member`);
	}
}

function withArticle(role: Role): string {
	return role === "admin" ? "an admin" : `a ${role}`;
}
