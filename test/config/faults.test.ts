import { test } from "tap";
import { ConfigError, formatFault } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";
import { faultsOf, placeOf } from "./faults-of.ts";

const MANY = `listen:
  dns: 127.0.0.1
  tcp: { maxInFlight: 0 }
upstreams:
  servers: [tls://192.0.2.1, "udp://192.0.2.2", 192.0.2.2:53]
  timeout: 40s
blocking:
  answer: nxdomian
  deny:
    - example.org
    - foo..example
  maxShrink: 2
lists:
  - name: a
    kind: blok
  - name: a
    url: ftp://example.org/list
  - 3
cache: { minTtl: 5s, maxTtl: 1s, size: 64 }
workers: 0
dataDir:
`;

test("all faults are told at once, in the order of the file", async (t) => {
	t.same((await faultsOf(MANY)).map(placeOf), [
		"2:8 listen.dns",
		"3:23 listen.tcp.maxInFlight",
		"5:13 upstreams.servers[0]",
		"5:49 upstreams.servers[2]",
		"6:12 upstreams.timeout",
		"8:11 blocking.answer",
		"11:7 blocking.deny[1]",
		"12:14 blocking.maxShrink",
		"14:5 lists[0]",
		"15:11 lists[0].kind",
		"16:11 lists[1].name",
		"17:10 lists[1].url",
		"18:5 lists[2]",
		"19:18 cache.minTtl",
		"19:40 cache.size",
		"20:10 workers",
		"21:1 dataDir",
	]);
});

test("a fault names the key, what is expected, the value and what was probably meant", async (t) => {
	const table: readonly [text: string, told: string][] = [
		["workers: 0", "workers must be auto, or a whole number between 1 and 256; it is 0"],
		["workers: 1.5", "workers must be auto, or a whole number between 1 and 256; it is 1.5"],
		["cache: { size: 64 }", "cache.size must be a size between 1MiB and 64GiB; it is 64"],
		["cache: []", "cache must be a map of keys; it is a list"],
		["log: { level: 3 }", "log.level must be debug, info, warn or error; it is 3"],
		["metrics: { process: yes }", 'metrics.process must be true or false; it is "yes"'],
		["listen: { dns: [] }", "listen.dns must be a list of at least 1 entry; it is a list"],
		["dataDir: ''", 'dataDir must be text; it is ""'],
		["- 1", "must be a map of keys; it is a list"],
		[
			"blocking: { answer: nodate }",
			'blocking.answer must be zero-ip, nxdomain, nodata, refused or drop, or { ipv4, ipv6 }; it is "nodate". Did you mean nodata?',
		],
		[
			"blocking: { answer: { ipv4: '::1' } }",
			'blocking.answer.ipv4 must be an IPv4 address such as 192.0.2.1; it is "::1"',
		],
		["blocking: { answer: {} }", "blocking.answer needs ipv4, ipv6 or both"],
		["lists: [{ file: /dev/null }]", "lists[0].name is missing; it must be text"],
		["lists: [{ name: a }]", "lists[0] needs either url or file, one of the two"],
		[
			"lists: [{ name: config, file: /dev/null }]",
			'lists[0].name must not be config, which stands for blocking.allow and blocking.deny; it is "config"',
		],
	];
	for (const [text, told] of table) {
		const faults = await faultsOf(text);
		t.same(
			faults.map(({ position: _, ...fault }) => formatFault(fault, "f").replace(/^f: /, "")),
			[told],
			text,
		);
	}
});

test("the error's message has a line for each fault, with file, line and column", async (t) => {
	const error = await parseConfig("workers: 0\nchache: {}\n", "/etc/cordon.yaml").catch((e: unknown) => e);
	t.ok(error instanceof ConfigError);
	t.match(error, { code: "CORDON_CONFIG", path: "/etc/cordon.yaml" });
	t.equal(
		(error as ConfigError).message,
		"/etc/cordon.yaml:1:10: workers must be auto, or a whole number between 1 and 256; it is 0\n" +
			"/etc/cordon.yaml:2:1: chache is not a known key. Did you mean cache?",
	);
});

test("very many faults are all kept, but not all printed", async (t) => {
	const text = `blocking:\n  deny:\n${"    - a..b\n".repeat(500)}`;
	const error = await parseConfig(text, "/etc/cordon.yaml").catch((e: unknown) => e);
	t.equal((error as ConfigError).faults.length, 500);
	t.match((error as ConfigError).message, /\n… and 400 more$/);
});

test("values are shown short, on one line, and without secrets", async (t) => {
	const table: readonly [text: string, value: string | undefined][] = [
		[`dataDir: {}\nlog: { level: ${"x".repeat(200)} }`, `"${"x".repeat(60)}…"`],
		["log: { level: 'a\u202eb\u009bc' }", '"a\\u202eb\\u009bc"'],
		['log: { level: "a\\nb\\e[31m" }', '"a\\u000ab\\u001b[31m"'],
		[
			"lists: [{ name: a, url: 'ftp://user:secret@example.org/x?token=secret' }]",
			'"ftp://…@example.org/x?…"',
		],
	];
	for (const [text, value] of table) {
		const faults = await faultsOf(text);
		t.equal(faults.at(-1)?.value, value);
		t.notMatch(JSON.stringify(faults), /secret/);
	}
});
