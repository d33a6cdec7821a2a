import { test } from "tap";
import { domainsReader } from "../../../src/feeds/format/domains.ts";
import { shown } from "./shown.ts";

test("one name a line, with what it means", async (t) => {
	const reader = domainsReader("exact");
	for (const [line, outcome] of [
		["bad.example", "block exact bad.example"],
		[" Bad.Example.\t", "block exact bad.example"],
		["*.bad.example", "block below bad.example"],
		[".bad.example", "block subtree bad.example"],
		["bad.example # why", "block exact bad.example"],
		["*.bad.example\t#why", "block below bad.example"],
		["bücher.example", "block exact xn--bcher-kva.example"],
	]) {
		t.equal(shown(reader.read(line)), outcome, line);
	}
	const wide = domainsReader("subtree");
	t.equal(shown(wide.read("bad.example")), "block subtree bad.example");
	t.equal(shown(wide.read("*.bad.example")), "block below bad.example");
});

test("blank lines and comments of every kind say nothing", async (t) => {
	for (const line of ["", "  ", "# a", "! a", "// a", "; a", "#"]) {
		t.equal(shown(domainsReader("exact").read(line)), "none", line);
	}
});

test("what is no name is bad and says why", async (t) => {
	for (const [line, outcome] of [
		["com", /^bad: "com" is a single label/],
		["localhost", /^bad: .*single label/],
		["*.com", /^bad: "com" is a single label/],
		[".com", /^bad: "com" is a single label/],
		["*", /^bad: the root/],
		["*.", /^bad: the root/],
		[".", /^bad: the root/],
		["0.0.0.0 bad.example", /^bad: .*set format: hosts/],
		["a.example b.example", /^bad: more than one word/],
		["https://bad.example/login", /^bad: .*is a URL/],
		["good.example##.advert", /^bad: .*"#" cannot stand/],
		["a.*.example", /^bad: .*wildcard/],
		["bad.example:8080", /^bad: .*":" cannot stand/],
		["192.0.2.1", /^skipped: .*IP address/],
	] as const) {
		t.match(shown(domainsReader("exact").read(line)), outcome, line);
	}
});
