/**
 * Names with a meaning of their own, from the IANA registries "Special-Use Domain Names" and "Locally-Served DNS
 * Zones", and the canaries of Mozilla and Apple. `example` and its like are ordinary names to a resolver (RFC 6761,
 * section 6.5), and so is ipv4only.arpa to one that makes no addresses itself (RFC 8880, section 7.1).
 */
import type { LocalSwitch } from "../config/local-settings.ts";

/**
 * - `absent`: neither it nor anything below it exists.
 * - `canary`: it does not exist; what is below it is an ordinary name.
 * - `empty`: a zone with nothing but its SOA and NS (RFC 6303, section 3).
 * - `loopback`: it and all below it are this machine.
 * - `loopback-reverse`: a zone of which one name is known, and leads back to localhost.
 * - `resolver`: a zone in which this resolver speaks of itself.
 */
export type SpecialKind = "absent" | "canary" | "empty" | "loopback" | "loopback-reverse" | "resolver";

export interface SpecialName {
	readonly name: string;
	readonly kind: SpecialKind;
	readonly switch: LocalSwitch;
	/** Where it is written. */
	readonly reference: string;
	/** In a `loopback-reverse` zone: the name that leads back. */
	readonly pointer?: string;
}

/** For people: what each kind is answered with. */
export const ANSWERS: Readonly<Record<SpecialKind, string>> = {
	absent: "NXDOMAIN",
	canary: "NXDOMAIN",
	empty: "NXDOMAIN",
	loopback: "127.0.0.1 and ::1",
	"loopback-reverse": "localhost for the loopback address, NXDOMAIN for others",
	resolver: "what this resolver says of itself",
};

function names(
	list: readonly string[],
	kind: SpecialKind,
	key: LocalSwitch,
	reference: string,
): readonly SpecialName[] {
	return list.map((name) => ({ name, kind, switch: key, reference }));
}

function numbered(from: number, to: number, suffix: string): readonly string[] {
	return Array.from({ length: to - from + 1 }, (_, i) => `${from + i}.${suffix}`);
}

/** The reverse name of an IPv6 address or prefix, from its hexadecimal digits. */
function ip6(digits: string): string {
	return `${[...digits].reverse().join(".")}.ip6.arpa`;
}

const LOOPBACK_V6 = ip6("1".padStart(32, "0"));

export const SPECIAL_NAMES: readonly SpecialName[] = [
	...names(["localhost"], "loopback", "localhost", "RFC 6761, section 6.3"),
	{
		name: "127.in-addr.arpa",
		kind: "loopback-reverse",
		switch: "localhost",
		reference: "RFC 6303, section 4.2",
		pointer: "1.0.0.127.in-addr.arpa",
	},
	{
		name: LOOPBACK_V6,
		kind: "loopback-reverse",
		switch: "localhost",
		reference: "RFC 6303, section 4.3",
		pointer: LOOPBACK_V6,
	},
	...names(["test"], "absent", "reserved", "RFC 6761, section 6.2"),
	...names(["invalid"], "absent", "reserved", "RFC 6761, section 6.4"),
	...names(["local"], "absent", "reserved", "RFC 6762, section 22.1"),
	...names(["onion"], "absent", "reserved", "RFC 7686, section 2"),
	...names(["alt"], "absent", "reserved", "RFC 9476"),
	...names(["service.arpa"], "empty", "reserved", "RFC 9665"),
	...names(["6tisch.arpa"], "empty", "reserved", "RFC 9031"),
	...names(["eap-noob.arpa"], "empty", "reserved", "RFC 9140"),
	...names(["eap.arpa"], "empty", "reserved", "IANA, Special-Use Domain Names"),
	...names(["home.arpa"], "empty", "homeArpa", "RFC 8375, section 4"),
	...names(["internal"], "absent", "internal", "ICANN, 2024"),
	...names(["resolver.arpa"], "resolver", "resolverArpa", "RFC 9462, section 4"),
	...names(["use-application-dns.net"], "canary", "firefoxCanary", "Mozilla"),
	...names(["mask.icloud.com", "mask-h2.icloud.com"], "canary", "privateRelay", "Apple"),
	...names(
		["10.in-addr.arpa", ...numbered(16, 31, "172.in-addr.arpa"), "168.192.in-addr.arpa"],
		"empty",
		"privateReverse",
		"RFC 6303, section 4.1",
	),
	...names(
		[
			"0.in-addr.arpa",
			"254.169.in-addr.arpa",
			"2.0.192.in-addr.arpa",
			"100.51.198.in-addr.arpa",
			"113.0.203.in-addr.arpa",
			"255.255.255.255.in-addr.arpa",
		],
		"empty",
		"privateReverse",
		"RFC 6303, section 4.2",
	),
	...names(numbered(64, 127, "100.in-addr.arpa"), "empty", "privateReverse", "RFC 7793"),
	...names([ip6("0".repeat(32))], "empty", "privateReverse", "RFC 6303, section 4.3"),
	...names([ip6("fd")], "empty", "privateReverse", "RFC 6303, section 4.4"),
	...names(["fe8", "fe9", "fea", "feb"].map(ip6), "empty", "privateReverse", "RFC 6303, section 4.5"),
	...names([ip6("20010db8")], "empty", "privateReverse", "RFC 6303, section 4.6"),
	...names([ip6("3fff0")], "empty", "privateReverse", "RFC 9637"),
];
