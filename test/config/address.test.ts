import { test } from "tap";
import { formatHostPort, parseHostPort, parsePrefix, parseUpstream } from "../../src/config/address.ts";

test("addresses with ports", async (t) => {
	const table: readonly [text: string, shown: string | undefined][] = [
		["192.0.2.1", "192.0.2.1:53"],
		["192.0.2.1:0", "192.0.2.1:0"],
		["192.0.2.1:65535", "192.0.2.1:65535"],
		["192.0.2.1:65536", undefined],
		["192.0.2.1:", undefined],
		["192.0.2.1:5x", undefined],
		["192.0.2.256", undefined],
		["192.0.2", undefined],
		["2001:db8::1", "[2001:db8::1]:53"],
		["[2001:db8::1]", "[2001:db8::1]:53"],
		["[2001:db8::1]:5300", "[2001:db8::1]:5300"],
		["[192.0.2.1]:53", undefined],
		["[fe80::1%eth0]:53", undefined],
		["fe80::1%eth0", undefined],
		["localhost:53", undefined],
		["", undefined],
	];
	for (const [text, shown] of table) {
		const host = parseHostPort(text, 53);
		t.equal(host === undefined ? undefined : formatHostPort(host), shown, text);
	}
});

test("upstreams", async (t) => {
	t.same(parseUpstream("192.0.2.1"), { transport: "udp", address: "192.0.2.1", port: 53, family: 4 });
	t.same(parseUpstream("tcp://[2001:db8::1]:5353"), {
		transport: "tcp",
		address: "2001:db8::1",
		port: 5353,
		family: 6,
	});
	for (const text of ["tls://192.0.2.1", "https://192.0.2.1/dns-query", "udp://", "udp://dns.example", ""]) {
		t.equal(parseUpstream(text), undefined, text);
	}
});

test("prefixes", async (t) => {
	const table: readonly [text: string, length: number | undefined][] = [
		["0.0.0.0/0", 0],
		["::/0", 0],
		["10.0.0.0/8", 8],
		["192.0.2.1", 32],
		["192.0.2.1/32", 32],
		["192.0.2.128/25", 25],
		["2001:db8::1", 128],
		["2001:db8::/32", 32],
		["fe80::/10", 10],
		["192.0.2.1/24", undefined],
		["192.0.2.64/25", undefined],
		["10.0.0.0/33", undefined],
		["::/129", undefined],
		["10.0.0.0/", undefined],
		["10.0.0.0/-1", undefined],
		["10.0.0.0/8/9", undefined],
		["10.0.0.0/08", 8],
		["10/8", undefined],
		["fe80::%eth0/64", undefined],
		["/8", undefined],
		["", undefined],
	];
	for (const [text, length] of table) t.equal(parsePrefix(text)?.length, length, text);
	t.same(parsePrefix("10.0.0.0/8")?.bytes, Uint8Array.of(10, 0, 0, 0));
	t.equal(parsePrefix("::/0")?.bytes.length, 16);
});
