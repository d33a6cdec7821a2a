import fc from "fast-check";
import { test } from "tap";
import { adblockReader } from "../../../src/feeds/format/adblock.ts";
import { detectFormat } from "../../../src/feeds/format/detect.ts";
import { dnsmasqReader } from "../../../src/feeds/format/dnsmasq.ts";
import { domainsReader } from "../../../src/feeds/format/domains.ts";
import { hostsReader } from "../../../src/feeds/format/hosts.ts";
import type { LineReader } from "../../../src/feeds/format/line.ts";
import { rpzReader } from "../../../src/feeds/format/rpz.ts";
import { unboundReader } from "../../../src/feeds/format/unbound.ts";

const READERS: readonly (() => LineReader)[] = [
	() => hostsReader("exact"),
	() => domainsReader("subtree"),
	() => adblockReader("exact"),
	() => dnsmasqReader,
	unboundReader,
	rpzReader,
];

/** Lines that nearly mean something. */
const line = fc
	.array(
		fc.constantFrom(
			..."||,@@,^,$important,$,##,#,*.,.,/,!,0.0.0.0,::1, ,\t,a.example,com,ü.example,address=/,server=/,local-zone:".split(
				",",
			),
			...'",\\,(,),;,@,CNAME,A,TXT,SOA,$ORIGIN,$TTL,60,IN,rpz-drop.,*,\\#,\u0000,\u202e'.split(","),
			" always_null",
		),
		{ maxLength: 12 },
	)
	.map((words) => words.join(""));

test("no line makes a reader throw, or gives a name that is none", async (t) => {
	fc.assert(
		fc.property(fc.array(fc.oneof(line, fc.string({ unit: "binary" })), { maxLength: 8 }), (lines) => {
			detectFormat(lines);
			for (const make of READERS) {
				const reader = make();
				for (const outcome of lines.map((l) => reader.read(l))) {
					if (outcome.kind === "rules") {
						for (const { name } of outcome.rules)
							if (!/^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/.test(name)) return false;
					}
				}
			}
			return true;
		}),
		{ numRuns: 2000 },
	);
	t.pass();
});

test("no line takes a reader long", async (t) => {
	for (const piece of [
		"a",
		" ",
		"#",
		"/",
		"*.",
		"a.",
		"$a,",
		"1",
		"(",
		"\\",
		" #",
		"1h",
		'"',
		"||",
		"CNAME ",
	]) {
		const text = piece.repeat(4096 / piece.length);
		for (const make of READERS) {
			const started = process.hrtime.bigint();
			const reader = make();
			for (const before of ["", "||", "@@/", "x "]) reader.read(before + text);
			detectFormat([text]);
			t.ok(process.hrtime.bigint() - started < 200_000_000n, JSON.stringify(piece));
		}
	}
});
