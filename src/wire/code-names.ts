/** Names of the numbers in a message, from the IANA registry "Domain Name System (DNS) Parameters". */

const TYPES: Readonly<Record<string, number>> = {
	A: 1,
	NS: 2,
	MD: 3,
	MF: 4,
	CNAME: 5,
	SOA: 6,
	MB: 7,
	MG: 8,
	MR: 9,
	NULL: 10,
	WKS: 11,
	PTR: 12,
	HINFO: 13,
	MINFO: 14,
	MX: 15,
	TXT: 16,
	RP: 17,
	AFSDB: 18,
	AAAA: 28,
	LOC: 29,
	SRV: 33,
	NAPTR: 35,
	KX: 36,
	CERT: 37,
	DNAME: 39,
	OPT: 41,
	DS: 43,
	SSHFP: 44,
	IPSECKEY: 45,
	RRSIG: 46,
	NSEC: 47,
	DNSKEY: 48,
	DHCID: 49,
	NSEC3: 50,
	NSEC3PARAM: 51,
	TLSA: 52,
	SMIMEA: 53,
	HIP: 55,
	CDS: 59,
	CDNSKEY: 60,
	OPENPGPKEY: 61,
	CSYNC: 62,
	ZONEMD: 63,
	SVCB: 64,
	HTTPS: 65,
	SPF: 99,
	EUI48: 108,
	EUI64: 109,
	TKEY: 249,
	TSIG: 250,
	IXFR: 251,
	AXFR: 252,
	ANY: 255,
	URI: 256,
	CAA: 257,
	AMTRELAY: 260,
	RESINFO: 261,
};

const CLASSES: Readonly<Record<string, number>> = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 };

const RCODES: Readonly<Record<number, string>> = {
	0: "NOERROR",
	1: "FORMERR",
	2: "SERVFAIL",
	3: "NXDOMAIN",
	4: "NOTIMP",
	5: "REFUSED",
	6: "YXDOMAIN",
	7: "YXRRSET",
	8: "NXRRSET",
	9: "NOTAUTH",
	10: "NOTZONE",
	11: "DSOTYPENI",
	16: "BADVERS",
	17: "BADKEY",
	18: "BADTIME",
	19: "BADMODE",
	20: "BADNAME",
	21: "BADALG",
	22: "BADTRUNC",
	23: "BADCOOKIE",
};

const OPCODES: Readonly<Record<number, string>> = {
	0: "QUERY",
	1: "IQUERY",
	2: "STATUS",
	4: "NOTIFY",
	5: "UPDATE",
	6: "DSO",
};

function swap(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
	return new Map(Object.entries(table).map(([name, code]) => [code, name]));
}

const TYPE_NAMES = swap(TYPES);
const CLASS_NAMES = swap(CLASSES);

function parseCode(
	text: string,
	table: Readonly<Record<string, number>>,
	prefix: string,
): number | undefined {
	const upper = text.toUpperCase();
	if (Object.hasOwn(table, upper)) return table[upper];
	const digits = upper.startsWith(prefix) ? upper.slice(prefix.length) : "";
	return /^\d{1,5}$/.test(digits) && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

/** The number of a type written as `AAAA` or `TYPE28` (RFC 3597, section 5); undefined when it is neither. */
export function parseType(text: string): number | undefined {
	return parseCode(text, TYPES, "TYPE");
}

/** `AAAA`, or `TYPE65000` for a type without a name. */
export function typeName(code: number): string {
	return TYPE_NAMES.get(code) ?? `TYPE${code}`;
}

/** The number of a class written as `IN` or `CLASS1`; undefined when it is neither. */
export function parseClass(text: string): number | undefined {
	return parseCode(text, CLASSES, "CLASS");
}

/** `IN`, or `CLASS4096` for a class without a name. */
export function className(code: number): string {
	return CLASS_NAMES.get(code) ?? `CLASS${code}`;
}

/** `NXDOMAIN`, or `RCODE12` for one without a name. */
export function rcodeName(code: number): string {
	return RCODES[code] ?? `RCODE${code}`;
}

/** `QUERY`, or `OPCODE7` for one without a name. */
export function opcodeName(code: number): string {
	return OPCODES[code] ?? `OPCODE${code}`;
}
