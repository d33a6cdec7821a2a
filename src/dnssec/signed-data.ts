/** What a signature signs (RFC 4034, section 3.1.8.1). */
import { CLASS } from "../wire/codes.ts";
import { labelCount, lastLabels, type Name, wildcardOf } from "./canonical-name.ts";
import type { RecordSet } from "./record-set.ts";
import type { Signature } from "./signature.ts";

/** Labels of an owner as a signature counts them: a leading asterisk is none (RFC 4034, section 3.1.3). */
export function signedLabels(owner: Name): number {
	return labelCount(owner) - (owner[0] === 1 && owner[1] === 0x2a ? 1 : 0);
}

/** @returns undefined when the signature is for another, longer name. */
export function signedData(
	{ owner, type, data }: Pick<RecordSet, "owner" | "type" | "data">,
	{ head, labels, originalTtl }: Signature,
): Uint8Array | undefined {
	const own = signedLabels(owner);
	if (labels > own) return undefined;
	const name = labels === own ? owner : wildcardOf(lastLabels(owner, labels));
	const fixed = Buffer.alloc(10);
	fixed.writeUInt16BE(type, 0);
	fixed.writeUInt16BE(CLASS.IN, 2);
	fixed.writeUInt32BE(originalTtl, 4);
	const parts: Uint8Array[] = [head];
	for (const one of data) {
		const front = Buffer.from(fixed);
		front.writeUInt16BE(one.length, 8);
		parts.push(name, front, one);
	}
	return Buffer.concat(parts);
}
