import { test } from "tap";
import { hostsReader } from "../../../src/feeds/format/hosts.ts";
import { shown } from "./shown.ts";

test("a hosts line blocks its names, whatever its address", async (t) => {
	const reader = hostsReader("exact");
	for (const [line, outcome] of [
		["0.0.0.0 bad.example", "block exact bad.example"],
		["127.0.0.1\tBad.Example.", "block exact bad.example"],
		["  :: bad.example  ", "block exact bad.example"],
		["198.51.100.7 bad.example", "block exact bad.example"],
		["2001:db8::7 bad.example", "block exact bad.example"],
		["0 bad.example", "block exact bad.example"],
		["0.0.0.0 a.example b.example", "block exact a.example, block exact b.example"],
		["0.0.0.0 bad.example # why", "block exact bad.example"],
		["0.0.0.0 bad.example#why", "block exact bad.example"],
		["0.0.0.0 bücher.example", "block exact xn--bcher-kva.example"],
		["0.0.0.0 localhost.example", "block exact localhost.example"],
	]) {
		t.equal(shown(reader.read(line)), outcome, line);
	}
	t.equal(shown(hostsReader("subtree").read("0.0.0.0 bad.example")), "block subtree bad.example");
});

test("comments and the furniture of a hosts file say nothing", async (t) => {
	const reader = hostsReader("exact");
	for (const line of [
		"",
		"   ",
		"# comment",
		"  # comment",
		"127.0.0.1 localhost",
		"127.0.0.1 localhost localhost.localdomain localhost4",
		"127.0.0.1 local",
		"255.255.255.255 broadcasthost",
		"::1 ip6-localhost ip6-loopback",
		"fe80::1%lo0 localhost",
		"ff02::2 ip6-allrouters",
		"0.0.0.0 0.0.0.0",
	]) {
		t.equal(shown(reader.read(line)), "none", line);
	}
});

test("what is no hosts line is bad and says why", async (t) => {
	const reader = hostsReader("exact");
	for (const [line, outcome] of [
		["bad.example", /^bad: "bad.example" is no IP address/],
		["0.0.0.0", /^bad: no name after the address/],
		["0.0.0.0 # name?", /^bad: no name/],
		["0.0.0.0 com", /^bad: "com" is a single label/],
		["0.0.0.0 a.example b/c.example", /^bad: .*"\/" cannot stand/],
		["0.0.0.0 192.0.2.1", /^skipped: .*IP address/],
	] as const) {
		t.match(shown(reader.read(line)), outcome, line);
	}
});
