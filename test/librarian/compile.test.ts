import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Test, test } from "tap";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { ENTRY_ACTIONS } from "../../src/blocklist/layout.ts";
import {
	readSnapshot,
	type SnapshotAbout,
	snapshotPath,
	writeSnapshot,
} from "../../src/blocklist/snapshot.ts";
import { parsePrefix } from "../../src/config/address.ts";
import type { ReadReport } from "../../src/feeds/read.ts";
import { compile } from "../../src/librarian/compile.ts";
import type { Job } from "../../src/librarian/job.ts";
import { asked, verdict } from "../blocklist/compiled.ts";
import { configOf } from "../supervisor/parts.ts";

interface Compiled {
	readonly index: BlocklistIndex;
	readonly about: SnapshotAbout;
	readonly read: readonly (readonly [name: string, report: ReadReport | Error])[];
}

/** `files`: content by list name; undefined for a list without a copy. */
async function run(
	t: Test,
	given: Record<string, unknown>,
	files: Readonly<Record<string, string | Buffer | undefined>>,
): Promise<Compiled> {
	const dataDir = t.testdir({});
	const config = configOf(given);
	const job: Job = {
		lists: config.lists,
		blocking: config.blocking,
		dataDir,
		refresh: [],
		compiledFrom: undefined,
		seed: 7,
		generation: 3,
		recipe: "r",
		version: "0",
		mayYield: false,
		pool: undefined,
	};
	const copies = Object.entries(files).map(([name, content]) => {
		if (content === undefined) return { name };
		const path = join(dataDir, `${name}.list`);
		writeFileSync(path, content);
		return { name, path };
	});
	const read: [string, ReadReport | Error][] = [];
	const { parts, about } = await compile(job, copies, (name, report) => read.push([name, report]));
	writeSnapshot(snapshotPath(dataDir), parts, about);
	const snapshot = readSnapshot(snapshotPath(dataDir), (bytes) => new SharedArrayBuffer(bytes));
	if (snapshot === undefined) throw new Error("no snapshot was written");
	t.same(snapshot.about, about, "the snapshot says the same");
	return { index: new BlocklistIndex(snapshot.memory), about, read };
}

const list = (name: string, more: object = {}) => ({ name, url: `https://lists.example/${name}`, ...more });

test("lists of every format, numbered in the order of the configuration", async (t) => {
	const { index, about, read } = await run(
		t,
		{ lists: [list("hosts"), list("adblock"), list("rpz"), list("mine", { kind: "allow" })] },
		{
			mine: "fine.ads.test\n",
			adblock: "! comment\n||ads.test^\n@@||good.ads.test^\n||x.test^$third-party\n",
			hosts: "0.0.0.0 tracker.test\n0.0.0.0 ads.test\n0.0.0.0 bad name\n",
			rpz: "$TTL 60\n@ SOA a. b. 1 2 3 4 5\n*.zone.test CNAME .\nzone.test A 192.0.2.7\n",
		},
	);
	t.equal(verdict(index, "tracker.test"), "block 22 tracker.test");
	t.equal(verdict(index, "www.tracker.test"), "-", "a hosts line only itself");
	t.equal(verdict(index, "ads.test"), "block 22 ads.test", "the first list is told");
	t.equal(verdict(index, "www.ads.test"), "block 23 ads.test");
	t.equal(verdict(index, "good.ads.test"), "allow 23 good.ads.test");
	t.equal(verdict(index, "a.zone.test"), "nxdomain 24 zone.test");
	t.equal(verdict(index, "zone.test"), "data 24 zone.test");
	t.same(
		index.records(index.find(asked("zone.test", 7))).map(({ data }) => [...data]),
		[[192, 0, 2, 7]],
	);
	t.equal(verdict(index, "fine.ads.test"), "allow 25 fine.ads.test");
	t.match(about, {
		recipe: "r",
		lists: [
			{ name: "config", rules: 0 },
			{ name: "hosts", format: "hosts", rules: 2, bad: 1 },
			{ name: "adblock", format: "adblock", rules: 2, skipped: 1 },
			{ name: "rpz", format: "rpz", rules: 2 },
			{ name: "mine", format: "domains", rules: 1 },
		],
	});
	t.equal(index.generation, 3);
	t.equal(index.seed, 7);
	t.same(
		read.map(([name]) => name),
		["hosts", "adblock", "rpz", "mine"],
	);
	t.equal(index.entry(index.find(asked("www.ads.test", 7))).line, 2);
});

test("blocking.allow and blocking.deny; their line is their place in the list", async (t) => {
	const { index } = await run(
		t,
		{
			blocking: {
				allow: ["good.test", "*.below.test"],
				deny: ["bad.test", "*.only-below.test", "Big.TEST", "bücher.test"],
			},
			lists: [list("a")],
		},
		{ a: "||good.test^$important\n||below.test^$important\n||bad.test^\n" },
	);
	t.equal(verdict(index, "www.good.test"), "allow 0 good.test");
	t.equal(verdict(index, "x.below.test"), "allow 0 below.test");
	t.equal(verdict(index, "below.test"), "block 22 below.test");
	t.equal(verdict(index, "www.bad.test"), "block 0 bad.test");
	t.equal(verdict(index, "only-below.test"), "-");
	t.equal(verdict(index, "x.only-below.test"), "block 0 only-below.test");
	t.equal(verdict(index, "big.test"), "block 0 big.test");
	t.equal(verdict(index, "xn--bcher-kva.test"), "block 0 xn--bcher-kva.test");
	t.equal(index.entry(index.find(asked("x.only-below.test", 7))).line, 2);
});

test("$badfilter reaches other adblock lists, and no list of another format", async (t) => {
	const { index, about } = await run(
		t,
		{ lists: [list("one"), list("plain"), list("two")] },
		{ one: "||a.test^\n||b.test^\n", plain: "a.test\nb.test\n", two: "||a.test^$badfilter\n||c.test^\n" },
	);
	t.equal(verdict(index, "www.a.test"), "-");
	t.equal(verdict(index, "a.test"), "block 23 a.test");
	t.equal(verdict(index, "www.b.test"), "block 22 b.test");
	t.same(
		about.lists.map(({ rules }) => rules),
		[0, 1, 2, 1],
	);
});

test("a list without a copy, and one whose copy cannot be read, are left out", async (t) => {
	const { index, about, read } = await run(
		t,
		{ lists: [list("none"), list("broken"), list("good")] },
		{
			none: undefined,
			// Some of its rules come out before the end turns out to be missing.
			broken: gzipSync(Array.from({ length: 60_000 }, (_, i) => `n${i}.test\n`).join("")).subarray(0, -20),
			good: "a.test\n",
		},
	);
	t.equal(verdict(index, "a.test"), "block 24 a.test");
	t.equal(index.blockedNames, 1, "nothing of the broken one is left behind");
	t.match(
		read.find(([name]) => name === "broken"),
		["broken", /gzip file that ends too early/],
	);
	t.same(
		about.lists.map(({ name, rules, format }) => [name, rules, format]),
		[
			["config", 0, undefined],
			["none", 0, undefined],
			["broken", 0, undefined],
			["good", 1, "domains"],
		],
	);
});

test("networks of lists, of a policy zone and of the configuration", async (t) => {
	const { index, about } = await run(
		t,
		{
			blocking: { denyNetworks: ["198.51.100.0/24", "::ffff:203.0.113.7"], deny: ["a.test"] },
			lists: [
				list("addresses"),
				list("zone", { format: "rpz" }),
				list("mine", { kind: "allow" }),
				list("guarded", { kind: "protect" }),
			],
		},
		{
			addresses: "# botnet\n192.0.2.7\n192.0.2.7 # again\n192.0.2.300\n2001:db8::/32\n",
			zone: "$TTL 60\n@ SOA a. b. 1 2 3 4 5\n24.0.2.0.192.rpz-ip CNAME *.\nzone.test CNAME .\n",
			mine: "2001:db8::7\n198.51.100.9\n",
			guarded: "192.0.2.0/24\n",
		},
	);
	const { networks } = index;
	const look = (address: string) => {
		const { family, bytes } = parsePrefix(address) ?? { family: 4, bytes: new Uint8Array(4) };
		const entry = (family === 4 ? networks?.find4(bytes, 0) : networks?.find6(bytes, 0)) ?? 0;
		if (entry === 0 || networks === undefined) return "-";
		return `${ENTRY_ACTIONS[networks.action(entry)]} ${networks.list(entry)} line ${networks.line(entry)}`;
	};
	t.equal(look("192.0.2.7"), "block 22 line 2");
	t.equal(look("192.0.2.8"), "nodata 23 line 3");
	t.equal(look("2001:db8::7"), "allow 24 line 1");
	t.equal(look("2001:db8::8"), "block 22 line 5");
	t.equal(look("198.51.100.9"), "allow 24 line 2");
	t.equal(look("198.51.100.8"), "block 0 line 1");
	t.equal(look("203.0.113.7"), "block 0 line 2", "mapped into IPv6 it is the same");
	t.equal(verdict(index, "zone.test"), "nxdomain 23 zone.test");
	t.same(
		about.lists.map(({ name, format, rules, bad }) => [name, format, rules, bad]),
		[
			["config", undefined, 3, 0],
			["addresses", "networks", 2, 1],
			["zone", "rpz", 2, 0],
			["mine", "networks", 2, 0],
			["guarded", "networks", 0, 0],
		],
	);
});

test("no lists at all", async (t) => {
	const { index, about } = await run(t, {}, {});
	t.equal(index.blockedNames, 0);
	t.equal(verdict(index, "a.test"), "-");
	t.same(
		about.lists.map(({ name }) => name),
		["config"],
	);
});

test("hostsMatch, and a list's own match above it", async (t) => {
	const { index } = await run(
		t,
		{ blocking: { hostsMatch: "subtree" }, lists: [list("a"), list("b", { match: "exact" })] },
		{ a: "0.0.0.0 a.test\n", b: "0.0.0.0 b.test\n" },
	);
	t.equal(verdict(index, "www.a.test"), "block 22 a.test");
	t.equal(verdict(index, "www.b.test"), "-");
	t.equal(verdict(index, "b.test"), "block 23 b.test");
});

test("a zone that says more of a name than fits an answer does not stop the others", async (t) => {
	const texts = Array.from({ length: 300 }, () => `"${"x".repeat(250)}"`).join("\n");
	const { index } = await run(
		t,
		{ lists: [list("zone", { format: "rpz" }), list("other")] },
		{
			zone: `$TTL 60\nhuge.test TXT (\n${texts}\n)\n${"many.test A 192.0.2.1\n".repeat(70_000)}`,
			other: "a.test\n",
		},
	);
	t.equal(verdict(index, "a.test"), "block 23 a.test");
	t.equal(index.records(index.find(asked("many.test", 7))).length, 255);
});
