import { test } from "tap";
import { BlocklistBuilder } from "../../src/blocklist/builder.ts";
import type { BlocklistIndex } from "../../src/blocklist/index.ts";
import type { RuleAction } from "../../src/blocklist/rule.ts";
import { formatPrefix, parsePrefix } from "../../src/config/address.ts";
import { seededRandom } from "../bench/domains.ts";
import { filled, indexOf, SEED } from "./compiled.ts";

interface NetworkList {
	readonly kind?: "block" | "allow";
	readonly isOwn?: boolean;
	readonly ranked?: true;
	/** `192.0.2.0/24`, or `allow 192.0.2.0/24`. */
	readonly networks: readonly string[];
}

function network(text: string) {
	const found = parsePrefix(text);
	if (found === undefined) throw new Error(`${text} is no prefix`);
	return found;
}

function built(lists: readonly NetworkList[]): BlocklistBuilder {
	const builder = new BlocklistBuilder(SEED, 1);
	for (const [list, { kind = "block", isOwn = false, ranked, networks }] of lists.entries())
		for (const [i, text] of networks.entries()) {
			const words = text.split(" ");
			const action = (words.length > 1 ? words[0] : "block") as RuleAction;
			builder.addNetwork(
				{ network: network(words.at(-1) ?? ""), action, ...(ranked === undefined ? {} : { ranked }) },
				{ list, kind, isOwn },
				i + 1,
			);
		}
	return builder;
}

/** `block 0 192.0.2.0/24`: what decides about an address; `-` when nothing does. */
function verdict({ networks }: BlocklistIndex, address: string): string {
	if (networks === undefined) return "no networks";
	const { family, bytes } = network(address);
	const entry = family === 4 ? networks.find4(bytes, 0) : networks.find6(bytes, 0);
	if (entry === 0) return "-";
	const action = ["block", "allow", "nxdomain"][networks.action(entry)];
	return `${action} ${networks.list(entry)} ${formatPrefix(networks.prefix(entry))}`;
}

test("an address is in a network from its first address to its last", async (t) => {
	const index = indexOf(
		built([{ networks: ["192.0.2.0/24", "198.51.100.7", "2001:db8:1::/48", "2001:db8::7"] }]),
	);
	for (const [address, expected] of [
		["192.0.1.255", "-"],
		["192.0.2.0", "block 0 192.0.2.0/24"],
		["192.0.2.255", "block 0 192.0.2.0/24"],
		["192.0.3.0", "-"],
		["198.51.100.6", "-"],
		["198.51.100.7", "block 0 198.51.100.7"],
		["198.51.100.8", "-"],
		["2001:db8:0:ffff:ffff:ffff:ffff:ffff", "-"],
		["2001:db8:1::", "block 0 2001:db8:1::/48"],
		["2001:db8:1:ffff:ffff:ffff:ffff:ffff", "block 0 2001:db8:1::/48"],
		["2001:db8:2::", "-"],
		["2001:db8::7", "block 0 2001:db8::7"],
		["2001:db8::6", "-"],
		["0.0.0.0", "-"],
		["255.255.255.255", "-"],
		["::", "-"],
		["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "-"],
	])
		t.equal(verdict(index, address), expected, address);
	t.equal(index.blockedNetworks, 4);
	t.equal(index.blockedNames, 0);
});

test("the ends of the address space", async (t) => {
	const index = indexOf(built([{ networks: ["0.0.0.0/0", "255.255.255.255", "::/0", "ffff::/16"] }]));
	t.equal(verdict(index, "0.0.0.0"), "block 0 0.0.0.0/0");
	t.equal(verdict(index, "255.255.255.254"), "block 0 0.0.0.0/0");
	t.equal(verdict(index, "255.255.255.255"), "block 0 255.255.255.255");
	t.equal(verdict(index, "::"), "block 0 ::/0");
	t.equal(verdict(index, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "block 0 ffff::/16");
});

test("no list speaks of addresses: no networks", async (t) => {
	t.equal(indexOf(filled([{ rules: ["||a.example^"] }])).networks, undefined);
});

test("the longest prefix decides, then the list that comes first (RPZ draft, sections 5.3 and 5.4)", async (t) => {
	const index = indexOf(
		built([
			{ ranked: true, networks: ["allow 192.0.2.0/24", "192.0.2.128/25"] },
			{ ranked: true, networks: ["192.0.2.0/24", "nxdomain 192.0.2.129", "198.51.100.0/24"] },
			{ ranked: true, networks: ["192.0.2.64/26", "allow 198.51.100.0/24"] },
		]),
	);
	t.equal(verdict(index, "192.0.2.1"), "allow 0 192.0.2.0/24");
	t.equal(verdict(index, "192.0.2.64"), "block 2 192.0.2.64/26");
	t.equal(verdict(index, "192.0.2.128"), "block 0 192.0.2.128/25");
	t.equal(verdict(index, "192.0.2.129"), "nxdomain 1 192.0.2.129");
	t.equal(verdict(index, "192.0.2.130"), "block 0 192.0.2.128/25");
	t.equal(verdict(index, "198.51.100.1"), "block 1 198.51.100.0/24");
});

test("an allow list lifts every block of a list, blocking.denyNetworks none of it", async (t) => {
	const lists = [
		{ networks: ["192.0.2.7", "192.0.2.0/24"] },
		{ kind: "allow" as const, networks: ["192.0.2.0/25"] },
		{ isOwn: true, networks: ["192.0.2.9", "192.0.2.200"] },
	];
	const index = indexOf(built(lists));
	t.equal(verdict(index, "192.0.2.7"), "allow 1 192.0.2.0/25", "however long the prefix of the block");
	t.equal(verdict(index, "192.0.2.9"), "allow 1 192.0.2.0/25");
	t.equal(verdict(index, "192.0.2.130"), "block 0 192.0.2.0/24");
	t.equal(verdict(index, "192.0.2.200"), "block 2 192.0.2.200");
});

test("repetitions count once", async (t) => {
	const builder = built([
		{ networks: ["192.0.2.7", "192.0.2.7", "192.0.2.0/24"] },
		{ networks: ["192.0.2.7"] },
	]);
	const index = indexOf(builder);
	t.strictSame(builder.counts, [2, 1]);
	t.equal(index.blockedNetworks, 2);
	t.strictSame(
		index.networks
			?.findAll(network("192.0.2.7"))
			.map((entry) => [index.networks?.list(entry), index.networks?.line(entry)]),
		[
			[0, 1],
			[1, 1],
			[0, 3],
		],
	);
});

test("local data, from several lines, beside that of names", async (t) => {
	const builder = filled([
		{ rules: [{ name: "a.example", scope: "exact", action: "data", records: [record(9)] }] },
	]);
	for (const [line, last] of [1, 2].entries())
		builder.addNetwork(
			{ network: network("192.0.2.7"), action: "data", ranked: true, records: [record(last)] },
			{ list: 3, kind: "block" },
			line + 4,
		);
	const { networks } = indexOf(builder);
	const entry = networks?.find4(Uint8Array.of(192, 0, 2, 7), 0) ?? 0;
	t.strictSame(
		networks?.records(entry).map(({ data }) => data.at(-1)),
		[1, 2],
	);
	t.equal(networks?.line(entry), 4);
	t.equal(networks?.list(entry), 3);

	function record(last: number) {
		return { type: 1, ttl: 60, rdata: Uint8Array.of(203, 0, 113, last) };
	}
});

test("the same as asking every network one by one", async (t) => {
	const random = seededRandom(5);
	const pick = (n: number) => Math.floor(random() * n);
	for (let round = 0; round < 30; round++) {
		// Few bits differ, so that networks lie within one another.
		const lists = Array.from({ length: 3 }, () => ({
			ranked: true as const,
			networks: Array.from({ length: 12 }, () => {
				const length = 24 + pick(9);
				const last = (pick(256) >> (32 - length)) << (32 - length);
				const v6 = `2001:db8::${(last >> 0).toString(16)}/${96 + length}`;
				return `${pick(3) === 0 ? "allow " : ""}${random() < 0.5 ? `192.0.2.${last}/${length}` : v6}`;
			}),
		}));
		const index = indexOf(built(lists));
		for (let last = 0; last < 256; last++)
			for (const address of [`192.0.2.${last}`, `2001:db8::${last.toString(16)}`]) {
				const first = index.networks?.findAll(network(address)).at(0);
				const expected =
					first === undefined || index.networks === undefined
						? "-"
						: `${["block", "allow"][index.networks.action(first)]} ${index.networks.list(first)} ${formatPrefix(index.networks.prefix(first))}`;
				if (verdict(index, address) !== expected)
					t.equal(verdict(index, address), expected, `${address} ${JSON.stringify(lists)}`);
			}
	}
	t.pass("7680 addresses twice");
});
