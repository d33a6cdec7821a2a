/** How a staged batch and its edits are written in Redis, and read again with suspicion. */
import type { Edit } from "../record.ts";
import type { StagedBatch } from "../store.ts";
import { countOf } from "./meta.ts";

/** `[key, value or null, expiresAt?]` for each edit. */
export function writePart(edits: readonly Edit[]): string {
	return JSON.stringify(
		edits.map(({ key, value, expiresAt }) =>
			expiresAt === undefined ? [key, value ?? null] : [key, value ?? null, expiresAt],
		),
	);
}

/** Undefined when any of it is not what `writePart` writes: half a part would be half a batch. */
export function readPart(text: string): readonly Edit[] | undefined {
	let list: unknown;
	try {
		list = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (!Array.isArray(list)) return undefined;
	const edits: Edit[] = [];
	for (const item of list as unknown[]) {
		const edit = readEdit(item);
		if (edit === undefined) return undefined;
		edits.push(edit);
	}
	return edits;
}

function readEdit(item: unknown): Edit | undefined {
	const [key, value, expiresAt] = Array.isArray(item) ? (item as unknown[]) : [];
	if (typeof key !== "string" || key === "") return undefined;
	if (value === null) return { key, value: undefined };
	if (typeof value !== "string") return undefined;
	if (expiresAt === undefined) return { key, value };
	return typeof expiresAt === "number" && Number.isSafeInteger(expiresAt)
		? { key, value, expiresAt }
		: undefined;
}

/** From the fields of its hash: a list of names and values in turn, or an object of them. */
export function readBatch(id: string, reply: unknown): StagedBatch | undefined {
	const field = fieldsOf(reply);
	const [member, state, reason] = [field("member"), field("state"), field("reason")];
	const numbers = ["created", "edits", "puts", "deletes", "applied", "touched"].map((name) =>
		countOf(field(name), Number.MAX_SAFE_INTEGER),
	);
	const [created, edits, puts, deletes, applied, touched] = numbers.map((n) => n ?? Number.NaN);
	if (member === undefined || reason === undefined || numbers.includes(undefined)) return undefined;
	if (state !== "held" && state !== "applying") return undefined;
	return { id, member, state, created, reason, edits, puts, deletes, applied, touched };
}

function fieldsOf(reply: unknown): (name: string) => string | undefined {
	const fields = new Map<string, unknown>();
	if (Array.isArray(reply)) {
		for (let i = 0; i + 1 < reply.length; i += 2) fields.set(String(reply[i]), reply[i + 1]);
	} else if (typeof reply === "object" && reply !== null) {
		for (const [name, value] of Object.entries(reply)) fields.set(name, value);
	}
	return (name) => {
		const value = fields.get(name);
		return typeof value === "string" ? value : undefined;
	};
}
