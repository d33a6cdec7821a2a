/** Addresses that a list's URL may not lead to, so that a list cannot be used to reach inside the network. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** In public space, yet answered by Azure's hosts inside every virtual machine, credentials included. */
const AZURE_HOST = "168.63.129.16";

function isPublicIpv4(address: ipaddr.IPv4): boolean {
	return address.range() === "unicast" && address.toString() !== AZURE_HOST;
}

/**
 * Addresses that only wrap an IPv4 one lead where that one does; behind a NAT64 (RFC 6052) every public IPv4
 * server looks like this, so they cannot all be refused.
 */
function wrappedIpv4(address: ipaddr.IPv6): readonly ipaddr.IPv4[] | undefined {
	const bytes = address.toByteArray();
	const ipv4At = (offset: number, mask = 0) =>
		new ipaddr.IPv4(bytes.slice(offset, offset + 4).map((byte) => byte ^ mask));
	switch (address.range()) {
		case "ipv4Mapped":
			return [ipv4At(12)];
		case "6to4":
			return [ipv4At(2)];
		case "teredo":
			// Server, and client with every bit turned over (RFC 4380, section 4).
			return [ipv4At(4), ipv4At(12, 0xff)];
		case "rfc6052":
			// 64:ff9b:1::/48 is for use inside one network (RFC 8215), and where the IPv4 sits in it is not known.
			return bytes[5] === 0 ? [ipv4At(12)] : undefined;
		default:
			return undefined;
	}
}

function isPublicIpv6(address: ipaddr.IPv6): boolean {
	const wrapped = wrappedIpv4(address);
	if (wrapped !== undefined) return wrapped.every(isPublicIpv4);
	// Only 2000::/3 has been given out as global unicast (RFC 4291, section 2.4, and IANA's registry).
	return address.range() === "unicast" && (address.toByteArray()[0] & 0xe0) === 0x20;
}

/**
 * Whether an address is anything but globally routable unicast: loopback, private, link-local, shared (CGNAT),
 * multicast, documentation, reserved, a cloud's metadata service, or one of these wrapped in IPv6. What is no
 * address at all counts too.
 */
export function isPrivateAddress(text: string): boolean {
	if (isIP(text) === 0) return true;
	const address = ipaddr.parse(text);
	return address instanceof ipaddr.IPv4 ? !isPublicIpv4(address) : !isPublicIpv6(address);
}
