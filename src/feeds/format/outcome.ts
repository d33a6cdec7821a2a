/** The lines that the readers of all formats give back. */
import type { Scope } from "../../blocklist/rule.ts";
import { isAddress, listedFault } from "../../wire/domain.ts";
import type { Line } from "./line.ts";

export const NONE: Line = { kind: "none" };

export function blocked(name: string, scope: Scope): Line {
	return { kind: "rules", rules: [{ name, scope, action: "block" }] };
}

export function skipped(reason: string): Line {
	return { kind: "skipped", reason };
}

export function bad(reason: string): Line {
	return { kind: "bad", reason };
}

/** For a text that `listedName` refused. An address is a sound entry of many lists, but nothing that DNS asks for. */
export function refused(text: string): Line {
	const reason = listedFault(text) ?? "not a name";
	return isAddress(text) ? skipped(reason) : bad(reason);
}
