/** In what two replies to one question differ. */
import type { Message, RecordSet } from "./reading.ts";

/** `answer missing: …`, `flag AD: …`: the first word tells what kind of difference. */
export interface Difference {
	readonly kind:
		| "silence"
		| "malformed"
		| "id"
		| "opcode"
		| "rcode"
		| "question"
		| "AA"
		| "TC"
		| "RD"
		| "RA"
		| "Z"
		| "AD"
		| "CD"
		| "answer"
		| "ttl"
		| "authority"
		| "additional"
		| "edns"
		| "edns version"
		| "edns flags"
		| "option";
	/** What it is about, such as an option's number. */
	readonly detail: string;
}

const FLAGS = { AA: 0x0400, TC: 0x0200, RD: 0x0100, RA: 0x0080, Z: 0x0040, AD: 0x0020, CD: 0x0010 } as const;
/** The caches were filled at different moments. */
const TTL_SLACK = 3;

function sectionDifferences(
	kind: "answer" | "authority" | "additional",
	ours: ReadonlyMap<string, RecordSet>,
	theirs: ReadonlyMap<string, RecordSet>,
): Difference[] {
	const found: Difference[] = [];
	for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
		const [a, b] = [ours.get(key), theirs.get(key)];
		if (a === undefined) found.push({ kind, detail: `only Unbound: ${key}` });
		else if (b === undefined) found.push({ kind, detail: `only Cordon: ${key}` });
		else if (!sameSet(a.data, b.data)) found.push({ kind, detail: `other data: ${key}` });
		else if (!similarTtls(a.ttls, b.ttls))
			found.push({ kind: "ttl", detail: `${kind} ${key}: ${[...a.ttls]} and ${[...b.ttls]}` });
	}
	return found;
}

function sameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
	return a.size === b.size && [...a].every((one) => b.has(one));
}

function similarTtls(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
	const all = [...a, ...b];
	return Math.max(...all) - Math.min(...all) <= TTL_SLACK;
}

export function differences(cordon: Message, unbound: Message): Difference[] {
	const found: Difference[] = [];
	const note = (kind: Difference["kind"], a: unknown, b: unknown): void => {
		if (a !== b) found.push({ kind, detail: `${a} and ${b}` });
	};
	note("id", cordon.id, unbound.id);
	note("opcode", cordon.opcode, unbound.opcode);
	note("rcode", cordon.rcode, unbound.rcode);
	note("question", cordon.question, unbound.question);
	for (const [flag, bit] of Object.entries(FLAGS) as [keyof typeof FLAGS, number][])
		note(flag, (cordon.flags & bit) !== 0, (unbound.flags & bit) !== 0);
	// What is left out of a truncated answer says nothing.
	if (((cordon.flags | unbound.flags) & FLAGS.TC) === 0) {
		found.push(...sectionDifferences("answer", cordon.answer, unbound.answer));
		found.push(...sectionDifferences("authority", cordon.authority, unbound.authority));
		found.push(...sectionDifferences("additional", cordon.additional, unbound.additional));
	}
	note("edns", cordon.edns !== undefined, unbound.edns !== undefined);
	if (cordon.edns === undefined || unbound.edns === undefined) return found;
	note("edns version", cordon.edns.version, unbound.edns.version);
	note("edns flags", cordon.edns.flags, unbound.edns.flags);
	const { options: ours } = cordon.edns;
	const { options: theirs } = unbound.edns;
	for (const code of new Set([...ours.keys(), ...theirs.keys()]))
		if (ours.has(code) !== theirs.has(code))
			found.push({ kind: "option", detail: `${code} only from ${ours.has(code) ? "Cordon" : "Unbound"}` });
	return found;
}
