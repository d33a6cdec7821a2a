/** Addresses of this machine, and which of them answer. */
import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import { formatPrefix, type Prefix, parsePrefix } from "../../config/address.ts";
import type { ListenSettings } from "../../config/settings.ts";

export interface OwnAddress {
	readonly interface: string;
	readonly address: string;
	readonly family: 4 | 6;
	/** The network it is in, as `access.allow` takes it. */
	readonly network: string;
	readonly internal: boolean;
}

/** `cidr`: the address with the length of its network. */
function networkOf(address: string, cidr: string | null): string {
	const single = parsePrefix(address);
	const length = Number(cidr?.split("/")[1] ?? Number.NaN);
	if (single === undefined || Number.isNaN(length)) return address;
	const bytes = single.bytes.map(
		(byte, i) => byte & (0xff << Math.max(0, Math.min(8, 8 * (i + 1) - length))),
	);
	return formatPrefix({ ...single, bytes, length });
}

export function ownAddresses(interfaces = networkInterfaces()): OwnAddress[] {
	return Object.entries(interfaces).flatMap(([name, all]) =>
		(all ?? []).map(({ address, family, cidr, internal }) => ({
			interface: name,
			address,
			family: family === "IPv6" ? (6 as const) : (4 as const),
			network: networkOf(address, cidr),
			internal,
		})),
	);
}

/** Those that clients elsewhere can ask, each with the port. */
export function answering(
	listen: ListenSettings,
	own: readonly OwnAddress[],
): readonly { readonly own: OwnAddress; readonly port: number }[] {
	return listen.dns.flatMap(({ address, family, port }) =>
		own
			.filter((one) => {
				// Of link-local addresses clients cannot be told without a zone.
				if (one.internal || one.family !== family || /^fe80:/i.test(one.address)) return false;
				return address === "0.0.0.0" || address === "::" || address === one.address;
			})
			.map((one) => ({ own: one, port })),
	);
}

/** Networks as a set to look addresses up in. */
export function networkSet(prefixes: readonly Prefix[]): (address: string, family: 4 | 6) => boolean {
	const set = new BlockList();
	for (const prefix of prefixes) {
		const [address] = formatPrefix(prefix).split("/");
		set.addSubnet(address, prefix.length, prefix.family === 4 ? "ipv4" : "ipv6");
	}
	return (address, family) => set.check(address, family === 4 ? "ipv4" : "ipv6");
}
