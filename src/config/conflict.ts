/** Faults between keys, each of them right by itself. */
import ipaddr from "ipaddr.js";
import type { HostPort, UpstreamAddress } from "./address.ts";
import { parseHostPort, parseUpstream } from "./address.ts";
import type { Path } from "./fault.ts";
import { valueAt } from "./issue.ts";
import { configSchema } from "./schema.ts";
import { parseDuration } from "./units.ts";
import { MAX_SERVERS } from "./upstream-schema.ts";
import { zoneNames, zoneServers } from "./zone-conflict.ts";

export interface Conflict {
	readonly path: Path;
	readonly message: string;
}

const sections = {
	listen: configSchema.shape.listen.unwrap().shape,
	upstreams: configSchema.shape.upstreams.unwrap().shape,
	cache: configSchema.shape.cache.unwrap().shape,
};

/** One notation for one address: `::1` and `0:0::1` are the same. */
function canonical(address: string): string {
	return ipaddr.parse(address).toNormalizedString();
}

function endpoint({ address, port }: HostPort): string {
	return `${canonical(address)} ${port}`;
}

interface Entry<T extends HostPort> {
	readonly path: Path;
	readonly host: T;
	readonly text: string;
}

/** The addresses of a list that can be read, whatever the others are; the default when the key is absent. */
function listed<T extends HostPort>(
	value: unknown,
	path: Path,
	schema: { parse(value: undefined): readonly string[] },
	parse: (text: string) => T | undefined,
): readonly Entry<T>[] {
	const given = valueAt(value, path) ?? schema.parse(undefined);
	if (!Array.isArray(given)) return [];
	return given.flatMap((text: unknown, i) => {
		const host = typeof text === "string" ? parse(text) : undefined;
		return typeof text !== "string" || host === undefined ? [] : [{ path: [...path, i], host, text }];
	});
}

function repeated<T extends HostPort>(
	entries: readonly Entry<T>[],
	identity: (host: T) => string,
): Conflict[] {
	const first = new Map<string, string>();
	return entries.flatMap(({ path, host, text }) => {
		const known = first.get(identity(host));
		if (known === undefined) {
			first.set(identity(host), text);
			return [];
		}
		return [{ path, message: `names the same address as ${known}; remove one of the two` }];
	});
}

/** Whether a packet sent to `target` comes back to the socket at `own`. */
function reaches(own: HostPort, target: HostPort, machine: ReadonlySet<string>): boolean {
	if (own.port !== target.port || own.family !== target.family) return false;
	const [ours, theirs] = [ipaddr.parse(own.address), ipaddr.parse(target.address)];
	if (ours.range() !== "unspecified") return canonical(own.address) === canonical(target.address);
	const range = theirs.range();
	return range === "loopback" || range === "unspecified" || machine.has(canonical(target.address));
}

function serverIdentity(server: UpstreamAddress): string {
	return `${server.transport} ${endpoint(server)}`;
}

function addresses(value: unknown, machine: ReadonlySet<string>): Conflict[] {
	const { listen, upstreams } = sections;
	const dns = listed(value, ["listen", "dns"], listen.dns, (text) => parseHostPort(text, 53)).filter(
		// Port 0 is another port for each.
		({ host }) => host.port !== 0,
	);
	const servers = listed(value, ["upstreams", "servers"], upstreams.servers, parseUpstream);
	const noServers = { parse: () => [] };
	const zones = zoneServers(value).map((path) => listed(value, path, noServers, parseUpstream));
	const everywhere = [...servers, ...zones.flat()];
	const conflicts = [
		...repeated(dns, endpoint),
		...[servers, ...zones].flatMap((list) => repeated(list, serverIdentity)),
	];
	const different = new Set(everywhere.map(({ host }) => serverIdentity(host)));
	if (servers.length <= MAX_SERVERS && different.size > MAX_SERVERS) {
		conflicts.push({
			path: ["upstreams", "zones"],
			message: `names, together with upstreams.servers, ${different.size} servers; ${MAX_SERVERS} are the most that are told apart`,
		});
	}
	const admin = listen.admin.safeParse(valueAt(value, ["listen", "admin"])).data;
	const adminHost = typeof admin === "string" ? parseHostPort(admin, 8053) : undefined;
	const taken = dns.find(({ host }) => adminHost !== undefined && endpoint(host) === endpoint(adminHost));
	if (taken !== undefined) {
		conflicts.push({
			path: ["listen", "admin"],
			message: `is also in listen.dns (${taken.text}), which takes TCP there; give it another port`,
		});
	}
	for (const { path, host } of everywhere) {
		const loop = dns.find((own) => reaches(own.host, host, machine));
		if (loop === undefined) continue;
		conflicts.push({
			path,
			message: `leads back to Cordon itself, which listens on ${loop.text}: a loop; name another resolver`,
		});
	}
	return conflicts;
}

function ttls(value: unknown): Conflict[] {
	const read = (key: "minTtl" | "maxTtl") =>
		parseDuration(sections.cache[key].safeParse(valueAt(value, ["cache", key])).data ?? "");
	const [low, high] = [read("minTtl"), read("maxTtl")];
	if (low === undefined || high === undefined || low <= high) return [];
	return [{ path: ["cache", "minTtl"], message: "must not be above cache.maxTtl" }];
}

/** Names are also file names, so that those that differ in case alone are the same on some disks. */
function listNames(value: unknown): Conflict[] {
	const lists = valueAt(value, ["lists"]);
	if (!Array.isArray(lists)) return [];
	const first = new Map<string, number>();
	return lists.flatMap((_, i) => {
		const path = ["lists", i, "name"];
		const name = valueAt(value, path);
		if (typeof name !== "string") return [];
		const known = first.get(name.toLowerCase());
		if (known === undefined) {
			first.set(name.toLowerCase(), i);
			return [];
		}
		return [{ path, message: `is also the name of lists[${known}]; names must differ in more than case` }];
	});
}

/**
 * `value` is what the file says, not yet validated, so that these faults are told together with all others.
 * `machine`: this machine's own addresses, in ipaddr.js' normal form.
 */
export function findConflicts(value: unknown, machine: ReadonlySet<string>): readonly Conflict[] {
	return [...addresses(value, machine), ...zoneNames(value), ...ttls(value), ...listNames(value)];
}
