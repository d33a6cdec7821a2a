/** Numbers of the DNS protocol that we name, from the IANA registry "Domain Name System (DNS) Parameters". */

export const TYPE = {
	A: 1,
	NS: 2,
	CNAME: 5,
	SOA: 6,
	PTR: 12,
	HINFO: 13,
	MX: 15,
	TXT: 16,
	AAAA: 28,
	DNAME: 39,
	OPT: 41,
	SVCB: 64,
	HTTPS: 65,
	DS: 43,
	RRSIG: 46,
	NSEC: 47,
	DNSKEY: 48,
	NSEC3: 50,
	NSEC3PARAM: 51,
	CDS: 59,
	CDNSKEY: 60,
	CSYNC: 62,
	ZONEMD: 63,
	IXFR: 251,
	AXFR: 252,
	ANY: 255,
	RESINFO: 261,
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
	/** Extended, RFC 7873, section 8. */
	BADCOOKIE: 23,
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
	OTHER: 0,
	UNSUPPORTED_ALGORITHM: 1,
	UNSUPPORTED_DIGEST: 2,
	/** RFC 8767. */
	STALE_ANSWER: 3,
	INDETERMINATE: 5,
	DNSSEC_BOGUS: 6,
	SIGNATURE_EXPIRED: 7,
	SIGNATURE_NOT_YET_VALID: 8,
	DNSKEY_MISSING: 9,
	RRSIGS_MISSING: 10,
	NO_ZONE_KEY_BIT: 11,
	NSEC_MISSING: 12,
	BLOCKED: 15,
	CENSORED: 16,
	FILTERED: 17,
	PROHIBITED: 18,
	STALE_NXDOMAIN: 19,
	NOT_AUTHORITATIVE: 20,
	NOT_SUPPORTED: 21,
	NO_REACHABLE_AUTHORITY: 22,
	NETWORK_ERROR: 23,
	/** RFC 9276, section 3.2. */
	NSEC3_ITERATIONS: 27,
	INVALID_QUERY_TYPE: 30,
} as const;

/** Whether the info code says that signatures, keys or denials do not hold. */
export function isDnssecFault(ede: number): boolean {
	return (ede >= EDE.INDETERMINATE && ede <= EDE.NSEC_MISSING) || ede === EDE.NSEC3_ITERATIONS;
}

/** EDNS options. */
export const OPTION = {
	/** RFC 5001. */
	NSID: 3,
	/** The client's subnet, RFC 7871. */
	SUBNET: 8,
	/** RFC 7873. */
	COOKIE: 10,
	/** RFC 7828. */
	KEEPALIVE: 11,
	/** RFC 7830. */
	PADDING: 12,
	/** Extended DNS error, RFC 8914. */
	EDE: 15,
} as const;

export const HEADER_BYTES = 12;
/** Longest name on the wire, root included (RFC 1035, section 3.1). */
export const MAX_NAME_BYTES = 255;
