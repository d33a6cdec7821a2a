import { test } from "tap";
import { MAX_UPSTREAMS } from "../../src/observe/counters.ts";
import { faultsOf, placeOf } from "./faults-of.ts";

const MACHINE = ["192.0.2.53", "2001:db8::53", "127.0.0.1"];

function zone(names: string): string {
	return `upstreams: { zones: [{ names: [${names}], servers: [192.0.2.1] }] }`;
}

test("faults between keys", async (t) => {
	const table: readonly [text: string, places: readonly string[], message?: RegExp][] = [
		["listen: { dns: [127.0.0.1:53, 127.0.0.1] }", ["1:31 listen.dns[1]"], /same address as 127\.0\.0\.1:53/],
		['listen: { dns: ["::1", "[0:0::1]:53"] }', ["1:24 listen.dns[1]"]],
		["listen: { dns: [127.0.0.1:0, 127.0.0.1:0] }", []],
		["listen: { dns: [0.0.0.0, 127.0.0.1] }", []],
		["listen: { dns: [127.0.0.1:8053] }", ["1:9 listen.admin"], /give it another port/],
		["listen: { admin: 127.0.0.1:5300 }", ["1:18 listen.admin"], /give it another port/],
		["listen: { dns: [127.0.0.1:8053], admin: false }", []],
		["upstreams: { servers: [192.0.2.1, udp://192.0.2.1:53] }", ["1:35 upstreams.servers[1]"]],
		["upstreams: { servers: [192.0.2.1, tcp://192.0.2.1] }", []],
		[
			zone("home.arpa, Home.ARPA."),
			["1:43 upstreams.zones[0].names[1]"],
			/already among the names of the same zone/,
		],
		[
			"upstreams: { zones: [{ names: [a.example], servers: [192.0.2.1] }, { names: [A.example], servers: [192.0.2.2] }] }",
			["1:78 upstreams.zones[1].names[0]"],
			/already among the names of upstreams\.zones\[0\]/,
		],
		[
			"upstreams: { zones: [{ names: [a.example], servers: [192.0.2.1, udp://192.0.2.1] }] }",
			["1:65 upstreams.zones[0].servers[1]"],
		],
		["upstreams: { servers: [192.0.2.1], zones: [{ names: [a.example], servers: [192.0.2.1] }] }", []],
		["cache: { minTtl: 10m, maxTtl: 5m }", ["1:18 cache.minTtl"], /must not be above cache\.maxTtl/],
		["cache: { minTtl: 1h }", []],
		[
			"lists: [{ name: a, file: /dev/null, format: networks, to: pool }]",
			["1:45 lists[0].format"],
			/the pool, which knows domains only/,
		],
		[
			"lists: [{ name: a, file: /dev/null, format: networks, kind: protect }]",
			["1:45 lists[0].format"],
			/cannot protect anything/,
		],
		["lists: [{ name: a, file: /dev/null, format: networks, kind: allow }]", []],
		[
			"blocking: { denyNetworks: [192.0.2.7/24], rebinding: { networks: [all], allow: ['a b'] } }",
			[
				"1:28 blocking.denyNetworks[0]",
				"1:67 blocking.rebinding.networks[0]",
				"1:81 blocking.rebinding.allow[0]",
			],
		],
		[
			"lists: [{ name: a, file: /dev/null }, { name: A, file: /dev/null }]",
			["1:47 lists[1].name"],
			/also the name of lists\[0\]/,
		],
	];
	for (const [text, places, message] of table) {
		const faults = await faultsOf(text, MACHINE);
		t.same(faults.map(placeOf), places, text);
		if (message !== undefined) t.match(faults[0]?.message, message);
	}
});

test("an upstream that is Cordon itself is a loop", async (t) => {
	const table: readonly [listen: string, server: string, loop: boolean][] = [
		["127.0.0.1:5300", "127.0.0.1:5300", true],
		["127.0.0.1:5300", "tcp://127.0.0.1:5300", true],
		["127.0.0.1:5300", "127.0.0.1:53", false],
		["127.0.0.1:5300", "127.0.0.2:5300", false],
		["0.0.0.0", "127.0.0.2", true],
		["0.0.0.0", "192.0.2.53", true],
		["0.0.0.0", "0.0.0.0", true],
		["0.0.0.0", "192.0.2.54", false],
		["0.0.0.0", "192.0.2.53:54", false],
		["0.0.0.0", "2001:db8::53", false],
		["[::]", "[2001:db8:0:0::53]:53", true],
		["[::]", "2001:db8::54", false],
		["[::1]:53", "[0:0::1]:53", true],
	];
	for (const [listen, server, loop] of table) {
		const text = `listen: { dns: ["${listen}"] }\nupstreams: { servers: ["${server}"] }`;
		const faults = await faultsOf(text, MACHINE);
		t.same(faults.map(placeOf), loop ? ["2:24 upstreams.servers[0]"] : [], `${server} from ${listen}`);
	}
	const byDefault = await faultsOf("upstreams: { servers: [127.0.0.1:5300] }");
	t.match(byDefault[0].message, /leads back to Cordon itself, which listens on 127\.0\.0\.1:5300/);
});

test("so is a zone's server that is Cordon itself", async (t) => {
	const text = "upstreams: { zones: [{ names: [lan], servers: [192.0.2.1, 127.0.0.1:5300] }] }";
	const faults = await faultsOf(text, MACHINE);
	t.same(faults.map(placeOf), ["1:59 upstreams.zones[0].servers[1]"]);
	t.match(faults[0]?.message, /leads back to Cordon itself/);
});

test("what cannot be a zone", async (t) => {
	for (const name of ['"."', '"*.example"', "192.0.2.1", "a..example", '""'])
		t.match((await faultsOf(zone(name)))[0]?.message, /must be a domain name such as home\.arpa/, name);
	t.match(await faultsOf("upstreams: { zones: [{ names: [lan], servers: [] }] }"), [
		{ key: "upstreams.zones[0].servers" },
	]);
	t.match(await faultsOf("upstreams: { zones: [{ names: [], servers: [192.0.2.1] }] }"), [
		{ key: "upstreams.zones[0].names" },
	]);
});

test("they are told beside the faults of single keys", async (t) => {
	const faults = await faultsOf("upstreams: { servers: [tls://192.0.2.1, 127.0.0.1:5300], timeout: 1 }");
	t.same(
		faults.map((fault) => fault.key),
		["upstreams.servers[0]", "upstreams.servers[1]", "upstreams.timeout"],
	);
});

test("no more upstreams than are counted one by one", async (t) => {
	const servers = (count: number) => Array.from({ length: count }, (_, i) => `192.0.2.${i + 1}`).join(", ");
	t.same(await faultsOf(`upstreams: { servers: [${servers(MAX_UPSTREAMS)}] }`), []);
	const [fault] = await faultsOf(`upstreams: { servers: [${servers(MAX_UPSTREAMS + 1)}] }`);
	t.equal(fault.message, `must be a list of 1 to ${MAX_UPSTREAMS} entries`);
	const zones = (count: number) =>
		Array.from({ length: count }, (_, i) => `{ names: [z${i}.example], servers: [198.51.100.${i}] }`).join(
			", ",
		);
	const both = (count: number) =>
		`upstreams: { servers: [${servers(MAX_UPSTREAMS - 2)}], zones: [${zones(count)}] }`;
	t.same(await faultsOf(both(2)), []);
	t.match((await faultsOf(both(3)))[0], { key: "upstreams.zones", message: /33 servers; 32 are the most/ });
});
