import { join } from "node:path";

export interface NsdZone {
	readonly name: string;
	/** Its zone file, from the directory on. */
	readonly file: string;
}

export interface NsdOptions {
	readonly directory: string;
	readonly port: number;
	readonly zones: readonly NsdZone[];
	/** Further lines of its section `server`. */
	readonly server?: readonly string[];
}

/** For nsd on loopback, by whoever starts it. It limits replies to one client by default: switched off. */
export function nsdConfig({ directory, port, zones, server = [] }: NsdOptions): string {
	const lines = [
		"server:",
		"  server-count: 1",
		`  ip-address: 127.0.0.1@${port}`,
		'  username: ""',
		'  chroot: ""',
		`  zonesdir: "${directory}"`,
		'  database: ""',
		`  pidfile: "${join(directory, "nsd.pid")}"`,
		`  xfrdfile: "${join(directory, "xfrd.state")}"`,
		`  zonelistfile: "${join(directory, "zone.list")}"`,
		`  xfrdir: "${directory}"`,
		"  rrl-ratelimit: 0",
		"  rrl-whitelist-ratelimit: 0",
		...server.map((line) => `  ${line}`),
		"remote-control:",
		"  control-enable: no",
		...zones.flatMap(({ name, file }) => ["zone:", `  name: "${name}"`, `  zonefile: "${file}"`]),
	];
	return `${lines.join("\n")}\n`;
}
