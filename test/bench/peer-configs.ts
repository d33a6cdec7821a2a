/**
 * How the peers are set up: one thread, RPZ or the nearest thing, NXDOMAIN for what is blocked, everything else
 * to the authority, no DNSSEC, caches large enough for every name that a run asks.
 */
import { writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { versionOf } from "./machine.ts";
import { type Command, installed } from "./program.ts";
import type { Place, Server } from "./server.ts";

interface Peer {
	readonly title: string;
	readonly binary: string;
	readonly version: readonly string[];
	readonly command: (place: Place, write: (name: string, text: string) => string) => readonly string[];
}

const unbound: Peer = {
	title: "Unbound (RPZ)",
	binary: "unbound",
	version: ["-V"],
	command: (place, write) => [
		"-d",
		"-c",
		write(
			"unbound.conf",
			`server:
  num-threads: 1
  interface: 127.0.0.1@${place.port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${place.directory}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  do-not-query-localhost: no
  module-config: "respip iterator"
  msg-cache-size: 128m
  rrset-cache-size: 256m
  so-rcvbuf: 4m
  access-control: 127.0.0.0/8 allow
  minimal-responses: yes
rpz:
  name: rpz.local
  zonefile: "${place.lists.rpz()}"
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${place.upstreamPort}
`,
		),
	],
};

const recursor: Peer = {
	title: "PowerDNS Recursor (RPZ)",
	binary: "pdns_recursor",
	version: ["--version"],
	command: (place, write) => {
		const rules = write("rpz.lua", `rpzFile("${place.lists.rpz()}", {policyName="rpz.local"})\n`);
		write(
			"recursor.conf",
			`local-address=127.0.0.1
local-port=${place.port}
threads=1
pdns-distributes-queries=no
forward-zones-recurse=.=127.0.0.1:${place.upstreamPort}
dont-query=
lua-config-file=${rules}
dnssec=off
hint-file=
max-cache-entries=1000000
quiet=yes
loglevel=3
daemon=no
socket-dir=${place.directory}
write-pid=no
webserver=no
setuid=
setgid=
`,
		);
		return [`--config-dir=${place.directory}`];
	},
};

const dnsdist: Peer = {
	title: "dnsdist (packet cache, suffix rule)",
	binary: "dnsdist",
	version: ["--version"],
	command: (place, write) => [
		"--supervised",
		"--disable-syslog",
		"-C",
		write(
			"dnsdist.conf",
			`setLocal("127.0.0.1:${place.port}")
newServer({address="127.0.0.1:${place.upstreamPort}", sockets=4})
setACL({"127.0.0.0/8"})
pc = newPacketCache(500000, {maxTTL=86400, numberOfShards=10})
getPool(""):setCache(pc)
smn = newSuffixMatchNode()
for line in io.lines("${place.lists.plain()}") do smn:add(newDNSName(line)) end
addAction(SuffixMatchNodeRule(smn), RCodeAction(DNSRCode.NXDOMAIN))
setSecurityPollSuffix("")
`,
		),
	],
};

const dnsmasq: Peer = {
	title: "dnsmasq",
	binary: "dnsmasq",
	version: ["--version"],
	command: (place, write) => [
		"--keep-in-foreground",
		"-C",
		write(
			"dnsmasq.conf",
			`port=${place.port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
server=127.0.0.1#${place.upstreamPort}
cache-size=100000
user=
pid-file=
dns-forward-max=5000
conf-file=${place.lists.dnsmasq()}
`,
		),
	],
};

const kresd: Peer = {
	title: "Knot Resolver (RPZ)",
	binary: "kresd",
	version: ["--version"],
	command: (place, write) => [
		"-n",
		"-c",
		write(
			"kresd.conf",
			`net.listen('127.0.0.1', ${place.port}, { kind='dns' })
cache.size = 500*MB
cache.storage = 'lmdb://${join(place.directory, "cache")}'
modules = { 'policy' }
modules.unload('ta_update') modules.unload('ta_signal_query') modules.unload('detect_time_skew') modules.unload('priming')
trust_anchors.remove('.')
policy.add(policy.rpz(policy.DENY, '${place.lists.rpz()}'))
policy.add(policy.all(policy.FORWARD('127.0.0.1@${place.upstreamPort}')))
`,
		),
		place.directory,
	],
};

const named: Peer = {
	title: "BIND (RPZ)",
	binary: "named",
	version: ["-v"],
	command: (place, write) => [
		"-f",
		"-n",
		"1",
		"-c",
		write(
			"named.conf",
			`options {
  directory "${place.directory}";
  listen-on port ${place.port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile "${join(place.directory, "session.key")}";
  recursion yes;
  allow-query { any; };
  forwarders port ${place.upstreamPort} { 127.0.0.1; };
  forward only;
  dnssec-validation no;
  response-policy { zone "rpz.local"; } qname-wait-recurse no;
  max-cache-size 512m;
  querylog no;
  minimal-responses yes;
};
controls { };
logging { category default { null; }; };
zone "rpz.local" { type master; file "${place.lists.rpz()}"; allow-query { none; }; };
`,
		),
	],
};

function serverOf(peer: Peer): Server {
	const file = installed(peer.binary);
	return {
		name: peer.binary,
		title: peer.title,
		file,
		version: () => (file === undefined ? "" : versionOf(file, peer.version)),
		starts: [""],
		async prepare(place): Promise<Command> {
			await mkdir(join(place.directory, "cache"), { recursive: true });
			const write = (name: string, text: string): string => {
				const path = join(place.directory, name);
				writeFileSync(path, text);
				return path;
			};
			return {
				file: place.file,
				arguments: peer.command(place, write),
				directory: place.directory,
			};
		},
	};
}

export function peers(): Server[] {
	return [recursor, dnsdist, dnsmasq, kresd, unbound, named].map(serverOf);
}
