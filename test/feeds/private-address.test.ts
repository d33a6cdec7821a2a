import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { test } from "tap";
import { isPrivateAddress } from "../../src/feeds/private-address.ts";
import { ForbiddenAddressError, publicLookup } from "../../src/feeds/public-lookup.ts";

const PRIVATE = [
	["0.0.0.0", "unspecified"],
	["0.1.2.3", "this network"],
	["10.0.0.1", "RFC 1918"],
	["100.64.0.1", "shared, CGNAT"],
	["100.100.100.200", "metadata of Alibaba, inside CGNAT"],
	["127.0.0.1", "loopback"],
	["127.255.255.254", "loopback"],
	["168.63.129.16", "host of Azure"],
	["169.254.169.254", "metadata, link-local"],
	["172.16.0.1", "RFC 1918"],
	["172.31.255.255", "RFC 1918"],
	["192.0.0.192", "metadata of Oracle, IETF protocols"],
	["192.0.2.1", "documentation"],
	["192.88.99.1", "6to4 relay, deprecated"],
	["192.168.1.1", "RFC 1918"],
	["198.18.0.1", "benchmarking"],
	["198.51.100.1", "documentation"],
	["203.0.113.1", "documentation"],
	["224.0.0.1", "multicast"],
	["239.255.255.250", "multicast"],
	["240.0.0.1", "reserved"],
	["255.255.255.255", "broadcast"],
	["::", "unspecified"],
	["::1", "loopback"],
	["::7f00:1", "IPv4-compatible loopback, deprecated"],
	["::ffff:127.0.0.1", "mapped loopback"],
	["::ffff:a9fe:a9fe", "mapped metadata"],
	["::ffff:0:127.0.0.1", "translated loopback"],
	["64:ff9b::10.0.0.1", "NAT64 of RFC 1918"],
	["64:ff9b::a9fe:a9fe", "NAT64 of metadata"],
	["64:ff9b:1::8.8.8.8", "local NAT64"],
	["100::1", "discard"],
	["2001:0:4136:e378:8000:63bf:80ff:fffe", "Teredo of client 127.0.0.1"],
	["2001:0:a00:1:8000:63bf:3fff:fdd2", "Teredo of server 10.0.0.1"],
	["2001:2::1", "benchmarking"],
	["2001:10::1", "ORCHID"],
	["2001:db8::1", "documentation"],
	["2002:7f00:1::1", "6to4 of loopback"],
	["2002:c0a8:101::1", "6to4 of RFC 1918"],
	["3fff::1", "documentation"],
	["4000::1", "not given out"],
	["5f00::1", "segment routing"],
	["fc00::1", "ULA"],
	["fd00:ec2::254", "metadata over IPv6, ULA"],
	["fe80::1", "link-local"],
	["fe80::1%eth0", "link-local with a zone"],
	["fec0::1", "site-local"],
	["ff02::1", "multicast"],
	["localhost", "no address"],
	["127.1", "no address as getaddrinfo gives it"],
	["0x7f000001", "no address"],
	["", "no address"],
] as const;

const PUBLIC = [
	"1.1.1.1",
	"9.9.9.9",
	"100.63.255.255",
	"100.128.0.1",
	"172.15.255.255",
	"172.32.0.1",
	"169.253.255.255",
	"192.0.1.1",
	"223.255.255.255",
	"2620:fe::fe",
	"2a00:1450:4001::200e",
	"2001:4860:4860::8888",
	"::ffff:9.9.9.9",
	"64:ff9b::9.9.9.9",
	"2002:909:909::1",
] as const;

test("addresses that a list may not lead to", async (t) => {
	for (const [address, what] of PRIVATE) t.equal(isPrivateAddress(address), true, `${address} (${what})`);
	for (const address of PUBLIC) t.equal(isPrivateAddress(address), false, address);
});

function answering(...answers: readonly (readonly string[])[]): {
	lookup: LookupFunction;
	calls: () => number;
} {
	let calls = 0;
	return {
		lookup: (_hostname, _options, callback) => {
			const answer = answers[calls++] ?? [];
			const family = (address: string) => (address.includes(":") ? 6 : 4);
			callback(
				null,
				answer.map((address): LookupAddress => ({ address, family: family(address) })),
			);
		},
		calls: () => calls,
	};
}

function ask(lookup: LookupFunction, all: boolean): Promise<string | LookupAddress[] | Error> {
	return new Promise((resolve) => {
		lookup("lists.example.org", { all }, (error, address) => resolve(error ?? address));
	});
}

test("a lookup for connections gives public addresses only", async (t) => {
	const mixed = answering(["127.0.0.1", "9.9.9.9", "::1", "2620:fe::fe"]);
	t.same(await ask(publicLookup(mixed.lookup, isPrivateAddress), true), [
		{ address: "9.9.9.9", family: 4 },
		{ address: "2620:fe::fe", family: 6 },
	]);
	const one = answering(["10.0.0.1", "9.9.9.9"]);
	t.equal(await ask(publicLookup(one.lookup, isPrivateAddress), false), "9.9.9.9");

	const rebinding = answering(["9.9.9.9"], ["169.254.169.254"]);
	const checked = publicLookup(rebinding.lookup, isPrivateAddress);
	t.same(await ask(checked, true), [{ address: "9.9.9.9", family: 4 }]);
	const second = await ask(checked, true);
	t.type(second, ForbiddenAddressError);
	t.match(second, { address: "169.254.169.254" });
	t.equal(rebinding.calls(), 2, "one lookup for each connection, and its result is the one checked");
});

test("a lookup's own error and an empty answer", async (t) => {
	const failing: LookupFunction = (_hostname, _options, callback) => {
		callback(Object.assign(new Error("nope"), { code: "ENOTFOUND" }), []);
	};
	t.match(await ask(publicLookup(failing, isPrivateAddress), true), { code: "ENOTFOUND" });
	t.type(await ask(publicLookup(answering([]).lookup, isPrivateAddress), true), ForbiddenAddressError);
	const old: LookupFunction = (_hostname, _options, callback) => callback(null, "9.9.9.9", 4);
	t.same(await ask(publicLookup(old, isPrivateAddress), true), [{ address: "9.9.9.9", family: 4 }]);
});
