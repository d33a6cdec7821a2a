/** The records of an answer as short texts: what a person wants to know of them. */

import { typeName } from "../wire/code-names.ts";
import { HEADER_BYTES, TYPE } from "../wire/codes.ts";
import { checkName, DomainName, nameToText, readName, skipName } from "../wire/name.ts";
import { wordAt } from "../wire/word.ts";
import { putAddress } from "./address-text.ts";
import { Line } from "./line.ts";

/** Answers have a few; what has more is hardly read by anyone. */
const MOST_RECORDS = 32;
/** Types whose data is one name, or a number and one name. */
const NAME_AT: Readonly<Record<number, number>> = {
	[TYPE.CNAME]: 0,
	[TYPE.DNAME]: 0,
	[TYPE.NS]: 0,
	[TYPE.PTR]: 0,
	[TYPE.MX]: 2,
};

const name = new DomainName();
const scratch = new Line();

/** Of the answer section of the message between `start` and `end`: type and data, or the type alone. */
export function recordTexts(bytes: Uint8Array, start: number, end: number): string[] {
	const texts: string[] = [];
	if (end - start < HEADER_BYTES) return texts;
	const count = Math.min(wordAt(bytes, start + 6), MOST_RECORDS);
	let at = start + HEADER_BYTES;
	if (wordAt(bytes, start + 4) === 1) at = skipName(bytes, at, end) + 4;
	for (let i = 0; i < count && at >= start + HEADER_BYTES && at < end; i++) {
		at = checkName(bytes, at, end, start);
		if (at < 0 || at + 10 > end) break;
		const dataEnd = at + 10 + wordAt(bytes, at + 8);
		if (dataEnd > end) break;
		const type = wordAt(bytes, at);
		const data = dataText(bytes, type, at + 10, dataEnd, start);
		texts.push(data === "" ? typeName(type) : `${typeName(type)} ${data}`);
		at = dataEnd;
	}
	return texts;
}

function dataText(bytes: Uint8Array, type: number, at: number, end: number, start: number): string {
	const length = end - at;
	if ((type === TYPE.A && length === 4) || (type === TYPE.AAAA && length === 16)) {
		scratch.length = 0;
		putAddress(scratch, bytes, at, length);
		return String.fromCharCode(...scratch.bytes.subarray(0, scratch.length));
	}
	const nameAt = NAME_AT[type];
	if (nameAt === undefined || readName(bytes, at + nameAt, end, name, true, start) < 0) return "";
	return nameToText(name.bytes);
}
