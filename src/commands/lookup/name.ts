/**
 * Domain names between text and bytes, without loss. dns2 joins labels with dots and so cannot tell `a.b` from one
 * label with a dot in it; a tool for looking closely has to.
 */
import { domainToASCII } from "node:url";

/** A name that cannot be asked for; the message says which and why. */
export class NameError extends Error {
	override readonly name = "NameError";
}

/** Characters with a meaning of their own in a zone file (RFC 1035, section 5.1). */
const SPECIAL = new Set([...'."\\;()@$'].map((char) => char.charCodeAt(0)));

/** One byte as a zone file has it inside a name. */
function escapeByte(byte: number): string {
	if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, "0")}`;
	return SPECIAL.has(byte) ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
}

/** Labels as an absolute name in zone-file form, `.` for the root. */
export function formatName(labels: readonly Uint8Array[]): string {
	if (labels.length === 0) return ".";
	return labels.map((label) => `${Array.from(label, escapeByte).join("")}.`).join("");
}

/**
 * The labels of the name at an offset, and where the message goes on after it. Throws on a name that leaves the
 * message, is longer than 255 octets, or whose pointers do not lead backwards (RFC 1035, section 4.1.4).
 */
export function readName(message: Uint8Array, offset: number): { labels: Uint8Array[]; end: number } {
	const labels: Uint8Array[] = [];
	let end: number | undefined;
	let at = offset;
	let lowest = offset;
	let octets = 1;
	for (;;) {
		const length = message[at];
		if (length === undefined) throw new RangeError(`name at offset ${offset} runs out of the message`);
		if (length === 0) return { labels, end: end ?? at + 1 };
		if (length >= 0xc0) {
			const low = message[at + 1];
			if (low === undefined) throw new RangeError(`name at offset ${offset} runs out of the message`);
			const target = ((length & 0x3f) << 8) | low;
			if (target >= lowest)
				throw new RangeError(`name at offset ${offset} has a pointer that does not go back`);
			end ??= at + 2;
			at = target;
			lowest = target;
			continue;
		}
		if (length > 63) throw new RangeError(`name at offset ${offset} has a label type that is not known`);
		octets += length + 1;
		if (octets > 255) throw new RangeError(`name at offset ${offset} is longer than 255 octets`);
		if (at + 1 + length > message.length)
			throw new RangeError(`name at offset ${offset} runs out of the message`);
		labels.push(message.subarray(at + 1, at + 1 + length));
		at += 1 + length;
	}
}

/** The labels of a name as people type it: `\DDD` and `\X` escapes, an optional last dot, Unicode as IDN. */
export function parseName(text: string): Uint8Array[] {
	if (text === "" || text === ".") return [];
	const raw = splitLabels(text);
	const labels = raw.map((label) => encodeLabel(label, text));
	if (labels.at(-1)?.length === 0) labels.pop();
	for (const label of labels) {
		if (label.length === 0)
			throw new NameError(`name ${JSON.stringify(text)} has an empty label: two dots in a row`);
		if (label.length > 63) {
			throw new NameError(
				`name ${JSON.stringify(text)} has a label of ${label.length} octets; the most is 63`,
			);
		}
	}
	const octets = labels.reduce((sum, label) => sum + label.length + 1, 1);
	if (octets > 255)
		throw new NameError(`name ${JSON.stringify(text)} takes ${octets} octets; the most is 255`);
	return labels;
}

/** A label on its way: characters as code points; escaped ones are bytes and never converted. */
type Label = { readonly code: number; readonly escaped: boolean }[];

function splitLabels(text: string): Label[] {
	const labels: Label[] = [[]];
	const chars = [...text];
	for (let i = 0; i < chars.length; i++) {
		const char = chars[i] ?? "";
		if (char === "\\") {
			const digits = chars.slice(i + 1, i + 4).join("");
			const next = chars[i + 1];
			if (/^\d{3}$/.test(digits) && Number(digits) < 256) {
				labels.at(-1)?.push({ code: Number(digits), escaped: true });
				i += 3;
			} else if (next !== undefined && /^[\x21-\x2f\x3a-\x7e]$/.test(next)) {
				labels.at(-1)?.push({ code: next.charCodeAt(0), escaped: true });
				i += 1;
			} else {
				throw new NameError(
					`name ${JSON.stringify(text)} has a \\ that is followed by neither three digits nor a character`,
				);
			}
		} else if (/^[.\u3002\uff0e\uff61]$/.test(char)) {
			// All four are label separators to IDNA (UTS 46, section 4).
			labels.push([]);
		} else {
			labels.at(-1)?.push({ code: char.codePointAt(0) ?? 0, escaped: false });
		}
	}
	return labels;
}

function encodeLabel(label: Label, whole: string): Uint8Array {
	if (!label.some(({ code, escaped }) => code > 0x7f && !escaped)) {
		return Uint8Array.from(label, ({ code }) => code);
	}
	const unicode = label.map(({ code }) => String.fromCodePoint(code)).join("");
	// With a second label, or a label of digits alone would be taken for an IPv4 address.
	const ascii = label.some(({ escaped }) => escaped) ? "" : domainToASCII(`${unicode}.test`);
	if (ascii === "" || ascii.split(".").length !== 2) {
		throw new NameError(
			`name ${JSON.stringify(whole)} has a label that is no internationalised name: ${JSON.stringify(unicode)}`,
		);
	}
	return Buffer.from(ascii.slice(0, -".test".length), "latin1");
}

/** A name as it travels, without compression. */
export function encodeName(labels: readonly Uint8Array[]): Buffer {
	return Buffer.concat([
		...labels.flatMap((label) => [Uint8Array.of(label.length), label]),
		Uint8Array.of(0),
	]);
}

/** Whether two names are the same, ASCII letters compared without case (RFC 4343). */
export function sameName(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
	const fold = (labels: readonly Uint8Array[]) =>
		Buffer.from(encodeName(labels).map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)));
	return fold(a).equals(fold(b));
}

/** Text in quotes as a zone file has it: everything that is not printable ASCII becomes `\DDD`. */
export function formatText(bytes: Uint8Array): string {
	const inner = Array.from(bytes, (byte) => {
		if (byte < 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, "0")}`;
		return byte === 0x22 || byte === 0x5c ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
	});
	return `"${inner.join("")}"`;
}

/** The name under `in-addr.arpa` or `ip6.arpa` of an address given as bytes. */
export function reverseName(address: readonly number[]): string {
	if (address.length === 4) return `${[...address].reverse().join(".")}.in-addr.arpa.`;
	const nibbles = address.flatMap((byte) => [byte >> 4, byte & 15]);
	return `${nibbles
		.reverse()
		.map((n) => n.toString(16))
		.join(".")}.ip6.arpa.`;
}
