import { test } from "tap";
import { formatPrefix } from "../../src/config/address.ts";
import { parseConfig } from "../../src/config/load.ts";
import { PRIVATE_NETWORKS } from "../../src/config/private-networks.ts";
import { toSettings } from "../../src/config/settings.ts";
import {
	BASES,
	CATEGORIES,
	FIRST_CONFIGURED_LIST,
	POOL_CATEGORIES,
	POOL_LISTS,
	poolList,
} from "../../src/config/vocabulary.ts";

async function settingsOf(text: string, cores = 4) {
	return toSettings(await parseConfig(text, "/etc/c.yaml", { machineAddresses: [] }), cores);
}

const POOL_LABELS = POOL_CATEGORIES.flatMap((category) => BASES.map(() => category));
const POOL_NAMES = POOL_LABELS.map((category) => `blocked by the shared pool as ${category}`);

test("the defaults", async (t) => {
	const settings = await settingsOf("");
	t.same(settings.listen, {
		dns: [{ address: "127.0.0.1", port: 5300, family: 4 }],
		admin: { address: "127.0.0.1", port: 8053, family: 4 },
		udpEngine: "auto",
		udpMaxAnswerBytes: 1232,
		tcp: {
			maxConnections: 4000,
			maxConnectionsPerClient: 100,
			maxInFlight: 100,
			maxHeldBytes: 16 << 20,
			firstByteTimeoutMs: 5000,
			idleTimeoutMs: 10_000,
		},
		cookies: { enabled: true, required: false },
		identity: {},
		any: "minimal",
	});
	t.same(settings.upstreams.servers[0], {
		name: "udp://9.9.9.9:53",
		transport: "udp",
		address: "9.9.9.9",
		port: 53,
		family: 4,
	});
	t.equal(settings.upstreams.timeoutMs, 1500);
	t.equal(settings.access.allow.length, 8);
	t.same(settings.access.allow[0], { family: 4, bytes: Uint8Array.of(127, 0, 0, 0), length: 8 });
	t.same(settings.cache, {
		sizeBytes: 33_554_432,
		minTtlSeconds: 0,
		maxTtlSeconds: 86_400,
		maxNegativeTtlSeconds: 3600,
		failureTtlMs: 5000,
		staleMaxAgeMs: 86_400_000,
		staleTtlSeconds: 30,
		staleAfterMs: 1800,
		prefetch: true,
		nxdomainCut: "validated",
		apart: [],
	});
	t.equal(settings.workers, 4);
	t.same(settings.blocking, {
		answer: { kind: "zero-ip" },
		ttlSeconds: 10,
		listNames: ["config", ...POOL_NAMES],
		listCategories: ["other", ...POOL_LABELS].map((name) => CATEGORIES.indexOf(name as never)),
		listBases: ["policy", ...POOL_CATEGORIES.flatMap(() => BASES)],
		listAnswers: new Array(1 + POOL_LISTS).fill({ kind: "zero-ip" }),
		listAnswerOverrides: new Array(1 + POOL_LISTS).fill(false),
		answers: { cname: true, serviceTargets: true, addressHints: true, addresses: true },
		rebinding: undefined,
	});
});

test("protection against rebinding: private networks; names of zones, and those that nobody can have, are exempt", async (t) => {
	const { blocking } = await settingsOf(`
blocking: { rebinding: { enabled: true, allow: ["*.dyn.example", BÜRO.example] } }
upstreams: { zones: [{ names: [corp.example], servers: [192.0.2.53] }] }
`);
	t.match(blocking.rebinding?.exempt, [
		"localhost",
		"local",
		"test",
		"internal",
		"home.arpa",
		"corp.example",
	]);
	t.strictSame(blocking.rebinding?.exempt.slice(-2), ["*.dyn.example", "BÜRO.example"]);
	t.strictSame(
		blocking.rebinding?.networks.map(formatPrefix),
		PRIVATE_NETWORKS.map((text) => text.replace("/128", "")),
	);
});

test("lists are numbered behind the list of the configuration itself and those of the pool", async (t) => {
	const { blocking } = await settingsOf(`
blocking: { answer: nxdomain }
lists:
  - { name: first, file: /dev/null, category: phishing }
  - { name: second, file: /dev/null, kind: allow, answer: { ipv4: 192.0.2.80, ipv6: "2001:db8::80" } }
  - { name: third, file: /dev/null, answer: nxdomain }
`);
	const own = <T>(all: readonly T[]): readonly T[] => all.slice(FIRST_CONFIGURED_LIST);
	t.same(blocking.listNames, ["config", ...POOL_NAMES, "first", "second", "third"]);
	t.same(
		own(blocking.listCategories).map((index) => CATEGORIES[index]),
		["phishing", "malware", "malware"],
	);
	t.same(own(blocking.listAnswerOverrides), [false, true, true]);
	t.same(own(blocking.listAnswers)[0], { kind: "nxdomain" });
	t.equal(blocking.listBases[poolList("legal", "law")], "law");
	t.equal(CATEGORIES[blocking.listCategories[poolList("legal", "law")]], "legal");
	t.same(own(blocking.listAnswers)[1], {
		kind: "custom",
		ipv4: Uint8Array.of(192, 0, 2, 80),
		ipv6: Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80),
	});
});

test("a custom answer may have one address alone", async (t) => {
	const { blocking } = await settingsOf("blocking: { answer: { ipv4: 192.0.2.80 } }");
	t.same(blocking.answer, { kind: "custom", ipv4: Uint8Array.of(192, 0, 2, 80) });
	t.notOk("ipv6" in blocking.answer);
});

test("parts of a second: kept in milliseconds, rounded up in a TTL", async (t) => {
	const { blocking, upstreams } = await settingsOf("blocking: { ttl: 100ms }\nupstreams: { timeout: 0.29s }");
	t.equal(blocking.ttlSeconds, 1);
	t.equal(upstreams.timeoutMs, 290);
	t.equal((await settingsOf("blocking: { ttl: 0s }")).blocking.ttlSeconds, 0);
});

test("no admin server, workers by number", async (t) => {
	const settings = await settingsOf("listen: { admin: false }\nworkers: 3", 16);
	t.notOk("admin" in settings.listen);
	t.equal(settings.workers, 3);
	t.equal((await settingsOf("", 1000)).workers, 256);
});

test("they survive the way to another thread", async (t) => {
	const settings = await settingsOf('blocking: { answer: { ipv6: "::1" } }\naccess: { allow: ["::/0"] }');
	t.same(structuredClone(settings), settings);
});

test("limits of access: off and on", async (t) => {
	const { access } = await settingsOf("");
	t.match(access, {
		maxWaitingPerClient: 1000,
		discardAfterMs: 1900,
		rateLimit: undefined,
		responseRateLimit: undefined,
	});
	t.equal(access.waitingExempt.length, 2, "both loopbacks");
	const limited = await settingsOf(
		"access: { rateLimit: { queriesPerSecond: 50 }, responseRateLimit: { errorsPerSecond: 5, window: 1m } }",
	);
	t.match(limited.access, {
		rateLimit: { queriesPerSecond: 50, burst: 100, action: "refuse", ipv4Prefix: 32, ipv6Prefix: 64 },
		responseRateLimit: {
			errorsPerSecond: 5,
			responsesPerSecond: 0,
			windowMs: 60_000,
			slip: 2,
			ipv4Prefix: 24,
		},
	});
});
