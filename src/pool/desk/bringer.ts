/** Who brought something in, as a mark in its id: whoever knows a name can tell, and nobody can tell a name from it. */
import { createHash } from "node:crypto";

const UUID = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3})-([0-9a-f]{12})$/;

/** Long enough that nobody bears another's by accident; names have letters that an id cannot have. */
export function bringerMark(drawn: string, name: string): string {
	return createHash("sha256").update(`${drawn} ${name}`).digest("hex").slice(0, 16);
}

/** The UUID with a mark in its last part. */
export function markedId(id: string, name: string): string {
	const head = UUID.exec(id)?.[1];
	return head === undefined ? id : `${head}-${bringerMark(head, name).slice(0, 12)}`;
}

/** Whether the UUID bears the mark of this name. */
export function isMarkedBy(id: string, name: string): boolean {
	const [, head, tail] = UUID.exec(id) ?? [];
	return head !== undefined && tail === bringerMark(head, name).slice(0, 12);
}
