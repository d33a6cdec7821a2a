/** Which cached answers are to be forgotten. */
import { isWithin } from "../wire/name-patterns.ts";

export interface Flush {
	/** On the wire, in lower case; undefined: all names. */
	readonly name: Uint8Array | undefined;
	/** With all names below it. */
	readonly subtree: boolean;
}

/** Whether the name of `length` bytes at the beginning of `bytes`, in lower case, is among those meant. */
export function isMeant({ name, subtree }: Flush, bytes: Uint8Array, length: number): boolean {
	if (name === undefined) return true;
	if (!subtree && length !== name.length) return false;
	return isWithin(bytes, 0, length, { name, below: false });
}
