/** Programs that are often found on the port of DNS, and how each gives it up. */
import type { RunningProcess } from "./process-table.ts";

interface KnownServer {
	readonly matches: (process: RunningProcess) => boolean;
	readonly called: string;
	readonly mend: string;
}

const named =
	(...names: readonly string[]) =>
	({ name }: RunningProcess) =>
		names.includes(name);

function service(called: string, unit: string, ...names: readonly string[]): KnownServer {
	return { matches: named(...names), called, mend: `systemctl disable --now ${unit}` };
}

export const RESOLVED_MEND =
	"mkdir -p /etc/systemd/resolved.conf.d && printf '[Resolve]\\nDNSStubListener=no\\n' > /etc/systemd/resolved.conf.d/cordon.conf" +
	" && ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf && systemctl restart systemd-resolved";

const KNOWN: readonly KnownServer[] = [
	{ matches: named("systemd-resolve", "systemd-resolved"), called: "systemd-resolved", mend: RESOLVED_MEND },
	{
		matches: ({ name, command }) => name === "dnsmasq" && /libvirt/.test(command),
		called: "dnsmasq of libvirt",
		mend: "give listen.dns the addresses of this machine in place of 0.0.0.0: libvirt's dnsmasq keeps to its own bridge",
	},
	{
		matches: ({ name, command }) => name === "dnsmasq" && /NetworkManager/.test(command),
		called: "dnsmasq of NetworkManager",
		mend: "remove dns=dnsmasq from /etc/NetworkManager/ and run systemctl restart NetworkManager",
	},
	service("dnsmasq", "dnsmasq", "dnsmasq"),
	service("BIND", "named", "named", "isc-net-0000"),
	service("Unbound", "unbound", "unbound"),
	service("AdGuard Home", "AdGuardHome", "AdGuardHome"),
	service("Pi-hole", "pihole-FTL", "pihole-FTL"),
	service("Knot Resolver", "kresd@1", "kresd", "knot-resolver"),
	service("PowerDNS Recursor", "pdns-recursor", "pdns_recursor", "pdns-r/worker"),
	service("PowerDNS", "pdns", "pdns_server"),
	service("dnsdist", "dnsdist", "dnsdist"),
	service("CoreDNS", "coredns", "coredns"),
	service("connman", "connman", "connmand"),
	{
		matches: named("docker-proxy"),
		called: "a container, through docker-proxy",
		mend: "docker ps --filter publish=53 shows it; stop it with docker stop NAME",
	},
	{
		matches: ({ pid }) => pid === 1,
		called: "a socket unit of systemd",
		mend: "systemctl list-sockets shows it; stop it with systemctl disable --now NAME.socket",
	},
];

/** Started by its command, or as `npm start` does it. */
export function isCordon({ command }: RunningProcess): boolean {
	return (
		/(^|[\s/])(cordon|main\.[jt]s)\s+serve(\s|$)/.test(command) ||
		/ --max-semi-space-size=1 scripts\/start\.mjs(\s|$)/.test(command)
	);
}

/** How a process is called in a message, and the command that takes it out of the way. */
export function describeHolder(process: RunningProcess): { readonly called: string; readonly mend: string } {
	const known = KNOWN.find(({ matches }) => matches(process));
	if (known !== undefined) return { called: `${known.called} (process ${process.pid})`, mend: known.mend };
	return { called: `${process.name} (process ${process.pid})`, mend: `kill ${process.pid}` };
}
