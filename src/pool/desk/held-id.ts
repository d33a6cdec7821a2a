/** What people call what is held by: `batch:ID`, `protected:DOMAIN:MEMBER`, `disputed:DOMAIN`, `pool`. */
import { MEMBER_NAME } from "../../config/vocabulary.ts";
import { excerpt } from "../../wire/excerpt.ts";
import { DeskError } from "../desk.ts";
import { askedDomain } from "./asked-text.ts";

export type HeldId =
	| { readonly kind: "batch"; readonly batch: string }
	| { readonly kind: "protected"; readonly domain: string; readonly member: string }
	| { readonly kind: "disputed"; readonly domain: string }
	| { readonly kind: "pool" };

const BATCH = /^[A-Za-z0-9-]{1,64}$/;

/** Rejects with 400 what is none. */
export function readHeldId(id: unknown): HeldId {
	if (id === "pool") return { kind: "pool" };
	const [kind, first = "", second, ...more] = typeof id === "string" ? id.split(":") : [];
	if (more.length === 0) {
		if (kind === "batch" && BATCH.test(first) && second === undefined) return { kind, batch: first };
		if (kind === "disputed" && second === undefined) return { kind, domain: askedDomain(first) };
		if (kind === "protected" && second !== undefined && MEMBER_NAME.test(second)) {
			return { kind, domain: askedDomain(first), member: second };
		}
	}
	const shown = typeof id === "string" ? `"${excerpt(id, 80)}"` : "that";
	throw new DeskError(
		400,
		`${shown} is nothing that is held: write batch:ID, protected:DOMAIN:MEMBER, disputed:DOMAIN or pool`,
	);
}
