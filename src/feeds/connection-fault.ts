/** What it means that a connection could not be had, and what a person can do. */

export interface ConnectionFault {
	readonly detail: string;
	readonly advice: string;
}

const UNKNOWN_ISSUERS: readonly string[] = [
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** `code`: of the system's, Node's or OpenSSL's error. */
export function connectionFault(code: string): ConnectionFault {
	const advice = "check that the server is up and can be reached from here";
	if (code === "ENOTFOUND" || code === "EAI_AGAIN")
		return { detail: `its host name does not resolve (${code})`, advice };
	if (UNKNOWN_ISSUERS.includes(code))
		return {
			detail: `its TLS certificate is signed by nobody this machine trusts (${code})`,
			advice: "if it is meant, start Cordon with NODE_EXTRA_CA_CERTS=FILE, the PEM of who signed it",
		};
	if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
		return {
			detail: `its TLS certificate is not valid today (${code})`,
			advice: "check the clock of this machine; if it is right, ask the list's maintainer",
		};
	if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
		return {
			detail: `its TLS certificate is for another host name (${code})`,
			advice: "check the URL of this list",
		};
	if (/CERT|SIGNATURE/.test(code))
		return {
			detail: `its TLS certificate is not valid (${code})`,
			advice: "ask the list's maintainer",
		};
	if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
		return {
			detail: `its server does not speak TLS as it should (${code})`,
			advice: "check scheme and port in the URL of this list",
		};
	return { detail: `no answer (${code})`, advice };
}
