/** The OPT record and its options (RFC 6891, section 6.1). dns2 skips the options that it does not know, so they are walked here. */
import { Packet } from "dns2";
import { printable } from "../../observe/printable.ts";

export interface EdnsOption {
	readonly code: number;
	readonly name: string;
	/** For people; safe to print. */
	readonly text: string;
}

export interface ExtendedError {
	readonly code: number;
	readonly name: string;
	readonly text: string;
}

export interface Edns {
	readonly version: number;
	readonly flags: readonly string[];
	readonly udp: number;
	readonly extendedRcode: number;
	readonly errors: readonly ExtendedError[];
	readonly options: readonly EdnsOption[];
}

/** The registry "Extended DNS Error Codes" (RFC 8914, section 5.2, and later). */
const ERRORS: readonly string[] = [
	"Other",
	"Unsupported DNSKEY Algorithm",
	"Unsupported DS Digest Type",
	"Stale Answer",
	"Forged Answer",
	"DNSSEC Indeterminate",
	"DNSSEC Bogus",
	"Signature Expired",
	"Signature Not Yet Valid",
	"DNSKEY Missing",
	"RRSIGs Missing",
	"No Zone Key Bit Set",
	"NSEC Missing",
	"Cached Error",
	"Not Ready",
	"Blocked",
	"Censored",
	"Filtered",
	"Prohibited",
	"Stale NXDOMAIN Answer",
	"Not Authoritative",
	"Not Supported",
	"No Reachable Authority",
	"Network Error",
	"Invalid Data",
	"Signature Expired before Valid",
	"Too Early",
	"Unsupported NSEC3 Iterations Value",
	"Unable to conform to policy",
	"Synthesized",
	"Invalid Query Type",
	"Rate Limited",
	"Over Quota",
];

const EDE = 15;
const OPTION_NAMES: Readonly<Record<number, string>> = {
	3: "NSID",
	8: "CLIENT-SUBNET",
	9: "EXPIRE",
	10: "COOKIE",
	11: "TCP-KEEPALIVE",
	12: "PADDING",
	15: "EDE",
	18: "REPORT-CHANNEL",
};

/** Reads the OPT record whose fixed fields start at the offset; an option that is cut short ends the list. */
export function readEdns(message: Buffer, start: number): Edns {
	const errors: ExtendedError[] = [];
	const options: EdnsOption[] = [];
	const end = start + 10 + message.readUInt16BE(start + 8);
	for (let at = start + 10; at + 4 <= end; ) {
		const code = message.readUInt16BE(at);
		const data = message.subarray(at + 4, at + 4 + message.readUInt16BE(at + 2));
		if (at + 4 + message.readUInt16BE(at + 2) > end) break;
		if (code === EDE && data.length >= 2) errors.push(readError(data));
		else options.push({ code, name: OPTION_NAMES[code] ?? `OPT=${code}`, text: formatOption(code, data) });
		at += 4 + data.length;
	}
	return {
		version: message.readUInt8(start + 5),
		flags: message.readUInt16BE(start + 6) & 0x8000 ? ["do"] : [],
		udp: message.readUInt16BE(start + 2),
		extendedRcode: message.readUInt8(start + 4),
		errors,
		options,
	};
}

function readError(data: Buffer): ExtendedError {
	const { infoCode, extraText } = Packet.Resource.EDNS.EDE.decode(new Packet.Reader(data), data.length);
	return { code: infoCode, name: ERRORS[infoCode] ?? `EDE${infoCode}`, text: printable(extraText) };
}

function formatOption(code: number, data: Buffer): string {
	if (OPTION_NAMES[code] === "PADDING") return `(${data.length} bytes)`;
	const hex = data.toString("hex");
	return OPTION_NAMES[code] === "NSID" ? `${hex} ("${printable(data.toString("utf8"))}")` : hex;
}
