/** Whether ports that are kept for the system may be listened on. */
import { isCapable } from "./capability.ts";
import { fault, ok } from "./finding.ts";
import { kernelNumber } from "./kernel-text.ts";
import type { Check } from "./patient.ts";

const FIRST_FREE = 1024;

export const PRIVILEGE: Check = {
	name: "privilege",
	linux: true,
	async look({ settings: { listen }, proc, uid }) {
		const endpoints = [...listen.dns, ...(listen.admin === undefined ? [] : [listen.admin])];
		const ports = endpoints.map(({ port }) => port).filter((port) => port > 0);
		const lowest = Math.min(...ports);
		const free = (await kernelNumber(`${proc}/sys/net/ipv4/ip_unprivileged_port_start`)) ?? FIRST_FREE;
		if (lowest >= free) return [ok(`no port needs a privilege: all are ${free} or above`)];
		if (await isCapable(proc, "self", "NET_BIND_SERVICE")) {
			return [ok(`this process may listen on port ${lowest}`)];
		}
		return [
			fault(
				`port ${lowest} is kept for the system (below ${free}), and user ${uid ?? "?"} may not listen on it`,
				`sysctl -w net.ipv4.ip_unprivileged_port_start=${lowest}, or AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit of systemd`,
			),
		];
	},
};
