/** Types and response codes that are counted apart, and where each is counted. */

export const QTYPES = [
	"A",
	"AAAA",
	"HTTPS",
	"SVCB",
	"PTR",
	"MX",
	"TXT",
	"NS",
	"SOA",
	"SRV",
	"CNAME",
	"DS",
	"DNSKEY",
	"ANY",
	"other",
] as const;
export const RCODES = [
	"NOERROR",
	"FORMERR",
	"SERVFAIL",
	"NXDOMAIN",
	"NOTIMP",
	"REFUSED",
	"BADVERS",
	"BADCOOKIE",
	"dropped",
	"other",
] as const;

/** By the number of a type. */
export const QTYPE_SLOT = new Uint8Array(65_536).fill(QTYPES.indexOf("other"));
for (const [code, name] of [
	[1, "A"],
	[28, "AAAA"],
	[65, "HTTPS"],
	[64, "SVCB"],
	[12, "PTR"],
	[15, "MX"],
	[16, "TXT"],
	[2, "NS"],
	[6, "SOA"],
	[33, "SRV"],
	[5, "CNAME"],
	[43, "DS"],
	[48, "DNSKEY"],
	[255, "ANY"],
] as const) {
	QTYPE_SLOT[code] = QTYPES.indexOf(name);
}

/** By the number of a response code; all that are in use are below 32. */
export const RCODE_SLOT = new Uint8Array(32).fill(RCODES.indexOf("other"));
for (const [code, name] of [
	[0, "NOERROR"],
	[1, "FORMERR"],
	[2, "SERVFAIL"],
	[3, "NXDOMAIN"],
	[4, "NOTIMP"],
	[5, "REFUSED"],
	[16, "BADVERS"],
	[23, "BADCOOKIE"],
] as const) {
	RCODE_SLOT[code] = RCODES.indexOf(name);
}
export const DROPPED = RCODES.indexOf("dropped");
