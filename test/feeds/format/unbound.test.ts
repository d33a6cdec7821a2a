import { test } from "tap";
import { unboundReader } from "../../../src/feeds/format/unbound.ts";
import { shown } from "./shown.ts";

test("the type of a local-zone says whether it blocks", async (t) => {
	const types = {
		block: ["static", "deny", "refuse", "redirect", "inform_deny", "inform_redirect", "always_deny"],
		blockToo: ["always_refuse", "always_nxdomain", "always_nodata", "always_null"],
		skip: [
			"transparent",
			"typetransparent",
			"always_transparent",
			"inform",
			"nodefault",
			"noview",
			"block_a",
		],
	};
	for (const type of [...types.block, ...types.blockToo]) {
		t.equal(
			shown(unboundReader().read(`local-zone: "bad.example" ${type}`)),
			"block subtree bad.example",
			type,
		);
	}
	for (const type of types.skip) {
		t.match(
			shown(unboundReader().read(`local-zone: "bad.example" ${type}`)),
			/^skipped: .*blocks nothing/,
			type,
		);
	}
	t.match(
		shown(unboundReader().read('local-zone: "bad.example" frobnicate')),
		/^bad: "frobnicate" is no type/,
	);
});

test("spellings of a local-zone", async (t) => {
	for (const line of [
		"local-zone: bad.example always_nxdomain",
		"local-zone: 'bad.example.' always_nxdomain",
		'\tlocal-zone:"Bad.Example."  "always_nxdomain"  # why',
		'local-zone: "bad.example" ALWAYS_NXDOMAIN',
	]) {
		t.equal(shown(unboundReader().read(line)), "block subtree bad.example", line);
	}
});

test("the data of a redirect zone belong to its block, other data do not", async (t) => {
	const reader = unboundReader();
	t.equal(shown(reader.read('local-zone: "a.example" redirect')), "block subtree a.example");
	t.equal(shown(reader.read('local-zone: "b.example" redirect')), "block subtree b.example");
	t.equal(shown(reader.read('local-data: "a.example A 0.0.0.0"')), "none");
	t.equal(shown(reader.read('local-data: "B.example. 60 IN A 0.0.0.0"')), "none");
	t.equal(shown(reader.read("local-data: 'b.example AAAA ::'")), "none");
	t.match(shown(reader.read('local-data: "c.example A 0.0.0.0"')), /^skipped: local-data outside/);
});

test("furniture, other options and faults", async (t) => {
	for (const [line, outcome] of [
		["server:", "none"],
		["", "none"],
		["# comment", "none"],
		["do-ip6: no", /^skipped: the option do-ip6/],
		["forward-zone:", /^skipped: the option forward-zone/],
		['local-zone: "." always_refuse', /^bad: the root/],
		['local-zone: "com" always_refuse', /^bad: .*single label/],
		['local-zone: "bad.example"', /^bad: local-zone needs a name and a type/],
		["bad.example", /^bad: not a line of unbound.conf/],
	] as const) {
		const read = shown(unboundReader().read(line));
		if (typeof outcome === "string") t.equal(read, outcome, line);
		else t.match(read, outcome, line);
	}
});
