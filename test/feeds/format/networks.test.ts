import { test } from "tap";
import { networksReader } from "../../../src/feeds/format/networks.ts";
import { shown } from "./shown.ts";

test("addresses and prefixes, one a line", async (t) => {
	for (const [line, outcome] of [
		["192.0.2.7", "block 192.0.2.7"],
		["  192.0.2.0/24\t", "block 192.0.2.0/24"],
		["192.0.2.7/32", "block 192.0.2.7"],
		["10.0.0.0/8", "block 10.0.0.0/8"],
		["2001:DB8::7", "block 2001:db8::7"],
		["2001:db8::/32", "block 2001:db8::/32"],
		["::ffff:192.0.2.7", "block 192.0.2.7"],
		["::ffff:192.0.2.0/120", "block 192.0.2.0/24"],
		["192.0.2.0/24 ; SBL123", "block 192.0.2.0/24"],
		["192.0.2.0/24;SBL123", "block 192.0.2.0/24"],
		["192.0.2.7 # seen today", "block 192.0.2.7"],
		["192.0.2.7 // seen today", "block 192.0.2.7"],
		["", "none"],
		["# comment", "none"],
		["; comment", "none"],
		["// comment", "none"],
		["! comment", "none"],
	]) {
		t.equal(shown(networksReader.read(line)), outcome, line);
	}
});

test("what is none says why, and what would stand for half of the Internet is refused", async (t) => {
	for (const [line, reason] of [
		["192.0.2.7/24", /bits set beyond its length/],
		["192.0.2.0/33", /a length that no address has/],
		["192.0.2", /no IP address/],
		["192.0.2.1-192.0.2.9", /no IP address/],
		["fe80::1%eth0", /no IP address/],
		["a.example", /no IP address/],
		["0.0.0.0 a.example", /no IP address/],
		["0.0.0.0/0", /too wide for a list: at least \/8; blocking\.denyNetworks/],
		["128.0.0.0/1", /too wide/],
		["::/0", /too wide for a list: at least \/16/],
		["2000::/3", /too wide/],
	] as const) {
		const outcome = shown(networksReader.read(line));
		t.match(outcome, /^bad/, line);
		t.match(outcome, reason, line);
	}
});
