/** Addresses in records. */
import ipaddr from "ipaddr.js";

/** 4 or 16 bytes as text; an IPv4-mapped address shows the IPv4 address in it (RFC 5952, section 5). */
export function formatAddress(bytes: Uint8Array): string {
	const address = ipaddr.fromByteArray([...bytes]);
	if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress())
		return `::ffff:${address.toIPv4Address()}`;
	return address.toString();
}
