import { MEMBER_NAME, MEMBER_NAME_RULE, OPERATOR, PROGRAM } from "../../config/vocabulary.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { encodeMember } from "../codec.ts";
import { type Member, ROLES, type Role } from "../contribution.ts";
import { type Actor, DeskError, type MemberView } from "../desk.ts";
import { Trust } from "../judge/trust.ts";
import { memberKey } from "../record-key.ts";
import type { Ledger } from "./ledger.ts";
import type { DeskParts } from "./parts.ts";
import type { Rights } from "./rights.ts";
import type { Roll } from "./roll.ts";
import { drawToken, tokenHash } from "./tokens.ts";

export interface MembershipParts {
	readonly desk: Pick<DeskParts, "replica" | "settings" | "lists" | "random">;
	readonly ledger: Ledger;
	readonly rights: Rights;
	readonly roll: Roll;
	/** Looks at the records of members again. */
	readonly refresh: () => void;
}

/** Who takes part, and how somebody comes and goes. */
export class Membership {
	readonly #parts: MembershipParts;

	constructor(parts: MembershipParts) {
		this.#parts = parts;
	}

	/** As PoolDesk.members. */
	list(actor: Actor): readonly MemberView[] {
		const { desk, rights, roll } = this.#parts;
		rights.role(actor);
		const { byMember } = desk.replica.counts;
		const trust = new Trust(desk.settings().trust);
		return roll.all().map(({ name, role, tokenHash: hash, created, revoked }) => ({
			name,
			role,
			hasToken: hash !== "" && revoked === undefined,
			created,
			...(revoked === undefined ? {} : { revoked }),
			weight: trust.weight(name),
			contributions: byMember.get(name) ?? 0,
		}));
	}

	/** As PoolDesk.addMember. A name that is there already gets another token, and counts again if it was revoked. */
	async add(name: unknown, role: unknown, actor: Actor): Promise<string> {
		const { desk, ledger, rights, roll, refresh } = this.#parts;
		rights.requireAdmin(actor, "add members");
		const asked = this.#askedName(name);
		const given = askedRole(role);
		const now = await ledger.present();
		refresh();
		const before = roll.get(asked);
		if (before?.tokenHash === "") {
			throw new DeskError(409, `name: "${asked}" belongs to a list that some node takes in; choose another`);
		}
		const token = drawToken(desk.random);
		const member: Member = {
			name: asked,
			role: given,
			tokenHash: tokenHash(token) ?? "",
			created: before?.created ?? now,
		};
		await this.#keep(member, actor, before === undefined ? "member-add" : "member-renew", {
			role: given,
			was: before?.revoked === undefined ? "" : "revoked",
		});
		return token;
	}

	/** As PoolDesk.revokeMember. What the member contributed stays, and counts no longer. */
	async revoke(name: unknown, actor: Actor): Promise<void> {
		const { ledger, rights, roll, refresh } = this.#parts;
		rights.requireAdmin(actor, "revoke members");
		const now = await ledger.present();
		refresh();
		const member = typeof name === "string" ? roll.get(name) : undefined;
		if (member === undefined) throw new DeskError(404, `there is no member "${excerpt(String(name), 80)}"`);
		if (member.revoked !== undefined) return;
		await this.#keep({ ...member, revoked: now }, actor, "member-revoke", {});
	}

	async #keep(
		member: Member,
		actor: Actor,
		action: string,
		details: Readonly<Record<string, string>>,
	): Promise<void> {
		const { ledger, refresh } = this.#parts;
		await ledger.commit(
			[{ key: memberKey(member.name), value: encodeMember(member) }],
			[ledger.entry(actor, action, { member: member.name, ...details })],
		);
		refresh();
	}

	#askedName(name: unknown): string {
		if (typeof name !== "string" || !MEMBER_NAME.test(name))
			throw new DeskError(400, `name: ${MEMBER_NAME_RULE}`);
		if (name === OPERATOR || name === PROGRAM) {
			throw new DeskError(409, `name: "${name}" means this program and its operator; choose another`);
		}
		if (this.#parts.desk.lists().has(name)) {
			throw new DeskError(
				409,
				`name: "${name}" is the name of a list, which is a member itself; choose another`,
			);
		}
		return name;
	}
}

function askedRole(role: unknown): Role {
	const found = ROLES.find((known) => known === role);
	if (found === undefined) throw new DeskError(400, `role: must be ${ROLES.join(", ")}`);
	return found;
}
