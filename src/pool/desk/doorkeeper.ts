import { OPERATOR } from "../../config/vocabulary.ts";
import type { Actor } from "../desk.ts";
import type { Roll } from "./roll.ts";
import { sameHash, tokenHash } from "./tokens.ts";

/** As PoolDesk.authenticate. */
export function actorWith(
	token: unknown,
	from: string,
	operatorTokenHash: string,
	roll: Roll,
): Actor | undefined {
	const hash = typeof token === "string" ? tokenHash(token) : undefined;
	if (hash === undefined) return undefined;
	if (sameHash(hash, operatorTokenHash)) return { name: OPERATOR, role: "admin", from };
	const member = roll.holder(hash);
	return member === undefined ? undefined : { name: member.name, role: member.role, from };
}
