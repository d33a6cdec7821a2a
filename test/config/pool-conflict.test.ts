import { test } from "tap";
import { faultsOf, placeOf } from "./faults-of.ts";

type Row = readonly [text: string, keys: readonly string[], message?: RegExp];

test("faults between keys of the pool", async (t) => {
	const pool = (text: string) => `pool: { ${text} }`;
	const redis = (text: string) => `pool: { store: redis, redis: { ${text} } }`;
	const list = (text: string, rest = "") => `lists: [{ file: /dev/null, to: pool, ${text} }]${rest}`;
	const table: readonly Row[] = [
		[pool("trust: { members: [{ name: a }, { name: b }] }"), []],
		[
			pool("trust: { members: [{ name: a }, { name: b }, { name: a }] }"),
			["pool.trust.members[2].name"],
			/is also the name of pool\.trust\.members\[0\]; remove one of the two/,
		],
		[pool("trust: { members: [{ name: operator }] }"), []],
		[pool("trust: { members: [{ name: cordon }] }"), ["pool.trust.members[0].name"], /must not be cordon/],

		[list("name: feed"), []],
		[list("name: feed", "\npool: { store: off }"), ["lists[0].to"], /while pool\.store is off/],
		[list("name: feed, kind: allow"), ["lists[0].to"], /for a list of kind allow/],
		[list("name: feed, kind: protect"), ["lists[0].to"], /for a list of kind protect/],
		["lists: [{ name: Popular, file: /dev/null, kind: protect }]\npool: { store: off }", []],
		[list("name: Feed"), ["lists[0].name"], /must be 1 to 63 lower case letters/],
		["lists: [{ name: Feed, file: /dev/null }, { name: operator, file: /dev/null }]", []],
		[list("name: operator"), ["lists[0].name"], /must not be operator in the pool/],
		[list("name: cordon"), ["lists[0].name"], /must not be cordon in the pool/],
		[list("name: feed, category: ads"), ["lists[0].category"], /is none of the pool's, which are malware/],
		[list("name: feed, answer: nxdomain"), ["lists[0].answer"], /gets blocking\.answer/],

		[pool("store: redis"), ["pool.store"], /needs pool\.redis\.url, sentinels or cluster/],
		[redis("url: redis://redis.example"), []],
		[redis("sentinels: [s.example]"), []],
		[redis("cluster: [c.example]"), []],
		[
			redis("url: redis://r.example, cluster: [c.example]"),
			["pool.redis"],
			/one of url, sentinels and cluster/,
		],
		[redis("url: redis://r.example, master: m"), ["pool.redis.master"], /says nothing without/],
		[
			redis("url: redis://r.example, sentinelPasswordFile: s"),
			["pool.redis.sentinelPasswordFile", "pool.redis.sentinelPasswordFile"],
			/./,
		],
		[redis("cluster: [c.example], database: 1"), ["pool.redis.database"], /must be 0 with/],
		[redis("cluster: [c.example], database: 0"), []],
		[
			redis("url: redis://r.example/2, database: 2"),
			["pool.redis.database"],
			/is also in pool\.redis\.url \(2\)/,
		],
		[redis("url: redis://r.example/2"), []],
		[redis("url: redis://r.example/1024"), ["pool.redis.url"], /above 1023/],
		[redis("url: redis://r.example, tls: true"), ["pool.redis.url"], /write rediss:\/\//],
		[redis("url: redis://r.example, tls: { serverName: x }"), ["pool.redis.url"]],
		[redis("url: redis://r.example, tls: false"), []],
		[redis("url: rediss://r.example, tls: true"), []],
		[redis("url: rediss://r.example, tls: false"), ["pool.redis.tls"], /must not be false/],

		[redis("url: redis://r.example, username: u, password: p"), []],
		[redis("url: redis://r.example, password: p"), []],
		[redis("url: redis://r.example, username: u"), ["pool.redis.username"], /needs a password/],

		[
			pool("validity: { malware: { default: 10d, max: 9d } }"),
			["pool.validity.malware.default"],
			/must not be above/,
		],
		[
			pool("validity: { phishing: { default: 91d } }"),
			["pool.validity.phishing.default"],
			/\(90d unless it is set\)/,
		],
		[pool("validity: { phishing: { default: 91d, max: 91d }, other: { max: 1d } }"), []],
	];
	for (const [text, keys, message] of table) {
		const faults = await faultsOf(text);
		t.same(
			faults.map(({ key }) => key),
			keys,
			text,
		);
		if (message !== undefined) t.match(faults[0]?.message, message);
	}
});

test("they are told where they stand", async (t) => {
	const faults = await faultsOf(
		"lists:\n  - { name: feed, to: pool, file: /dev/null, kind: allow }\npool:\n  redis:\n    username: u\n",
	);
	t.same(faults.map(placeOf), ["2:23 lists[0].to", "5:15 pool.redis.username"]);
});

test("they are told beside all other faults, and a half-written pool breaks nothing", async (t) => {
	const faults = await faultsOf(`
pool:
  store: redis
  trust: { threshold: 0, members: [{ name: a }, { name: a }, 7, { weight: 1 }] }
  validity: { malware: { default: 10d, max: 9d }, ads: { max: 1d } }
  redis: { username: u, timeout: never, tls: [] }
`);
	t.same(faults.map(({ key }) => key).toSorted(), [
		"pool.redis.timeout",
		"pool.redis.tls",
		"pool.redis.username",
		"pool.store",
		"pool.trust.members[1].name",
		"pool.trust.members[2]",
		"pool.trust.members[3].name",
		"pool.trust.threshold",
		"pool.validity.ads",
		"pool.validity.malware.default",
	]);
	for (const text of [
		"pool: 7",
		"pool: { trust: [] }",
		"pool: { redis: x, validity: 1 }",
		"lists: { to: pool }",
	]) {
		t.ok((await faultsOf(text)).length > 0, text);
	}
});

test("a password is never shown", async (t) => {
	const [fault] = await faultsOf(
		"pool: { store: redis, redis: { url: redis://r.example, password: [hush] } }",
	);
	t.match(fault, { key: "pool.redis.password" });
	t.notMatch(JSON.stringify(fault), /hush/);
});
