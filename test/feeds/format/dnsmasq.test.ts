import { test } from "tap";
import { dnsmasqReader } from "../../../src/feeds/format/dnsmasq.ts";
import { shown } from "./shown.ts";

test("lines of dnsmasq's configuration", async (t) => {
	for (const [line, outcome] of [
		["address=/bad.example/0.0.0.0", "block subtree bad.example"],
		["address=/bad.example/::", "block subtree bad.example"],
		["address=/bad.example/", "block subtree bad.example"],
		["address=/bad.example/#", "block subtree bad.example"],
		["address=/bad.example/198.51.100.7", "block subtree bad.example"],
		["address=/A.example/b.example/0.0.0.0", "block subtree a.example, block subtree b.example"],
		["address=/.bad.example/", "block subtree bad.example"],
		["address=/*.bad.example/", "block below bad.example"],
		["server=/bad.example/", "block subtree bad.example"],
		["local=/bad.example/", "block subtree bad.example"],
		["local=/bad.example/ # why", "block subtree bad.example"],
		["", "none"],
		["# comment", "none"],
	]) {
		t.equal(shown(dnsmasqReader.read(line)), outcome, line);
	}
});

test("what blocks nothing is skipped", async (t) => {
	for (const [line, outcome] of [
		["server=/good.example/192.0.2.53", /forwards a name/],
		["server=/good.example/#", /forwards a name/],
		["local=/good.example/192.0.2.53", /forwards a name/],
		["server=192.0.2.53", /an upstream server/],
		["cache-size=1000", /the option cache-size/],
		["no-resolv", /the option no-resolv/],
		["address=/ads*.example/", /a wildcard/],
	] as const) {
		t.match(shown(dnsmasqReader.read(line)), /^skipped/, line);
		t.match(shown(dnsmasqReader.read(line)), outcome, line);
	}
});

test("what would block all, or is garbled, is bad", async (t) => {
	for (const [line, outcome] of [
		["address=/#/0.0.0.0", /every name there is/],
		["local=/*/", /every name there is/],
		["address=//", /the name is empty/],
		["address=/com/", /single label/],
		["address=/bad.example", /a slash after the name/],
		["address=/a.example/b.example", /no IP address; is a slash missing/],
		["address=192.0.2.1", /needs \/name\//],
		["0.0.0.0 bad.example", /not a line of dnsmasq/],
	] as const) {
		t.match(shown(dnsmasqReader.read(line)), /^bad/, line);
		t.match(shown(dnsmasqReader.read(line)), outcome, line);
	}
});
