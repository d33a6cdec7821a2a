/** Numbers of the DNS protocol that we name, from the IANA registry "Domain Name System (DNS) Parameters". */

export const TYPE = {
	A: 1,
	NS: 2,
	CNAME: 5,
	SOA: 6,
	PTR: 12,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	DNAME: 39,
	OPT: 41,
	IXFR: 251,
	AXFR: 252,
	ANY: 255,
} as const;

export const CLASS = { IN: 1, CH: 3, ANY: 255 } as const;

export const RCODE = {
	NOERROR: 0,
	FORMERR: 1,
	SERVFAIL: 2,
	NXDOMAIN: 3,
	NOTIMP: 4,
	REFUSED: 5,
	/** Extended: its upper bits stand in the OPT record (RFC 6891, section 6.1.3). */
	BADVERS: 16,
} as const;

/** The second 16-bit word of the header. */
export const FLAG = {
	QR: 0x8000,
	OPCODE: 0x7800,
	AA: 0x0400,
	TC: 0x0200,
	RD: 0x0100,
	RA: 0x0080,
	AD: 0x0020,
	CD: 0x0010,
} as const;

/** Extended DNS errors, RFC 8914. */
export const EDE = {
	NONE: -1,
	BLOCKED: 15,
	CENSORED: 16,
	FILTERED: 17,
	PROHIBITED: 18,
	NOT_SUPPORTED: 21,
	NO_REACHABLE_AUTHORITY: 22,
	NETWORK_ERROR: 23,
} as const;

/** EDNS option number of an extended error (RFC 8914, section 2). */
export const OPTION_EDE = 15;

export const HEADER_BYTES = 12;
/** Longest name on the wire, root included (RFC 1035, section 3.1). */
export const MAX_NAME_BYTES = 255;
