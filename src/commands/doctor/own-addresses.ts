/** Addresses of this machine, and which of them answer. */
import { BlockList } from "node:net";
import { networkInterfaces } from "node:os";
import { formatPrefix, type Prefix } from "../../config/address.ts";
import type { ListenSettings } from "../../config/settings.ts";

export interface OwnAddress {
	readonly interface: string;
	readonly address: string;
	readonly family: 4 | 6;
	/** `ADDRESS/LENGTH`. */
	readonly cidr: string;
	readonly internal: boolean;
}

export function ownAddresses(interfaces = networkInterfaces()): OwnAddress[] {
	return Object.entries(interfaces).flatMap(([name, all]) =>
		(all ?? []).map(({ address, family, cidr, internal }) => ({
			interface: name,
			address,
			family: family === "IPv6" ? (6 as const) : (4 as const),
			cidr: cidr ?? address,
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
