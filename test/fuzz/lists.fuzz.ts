/** Readers of all list formats, from bytes on disk to rules: nothing throws, and no name is anything but normalised. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { BlocklistBuilder } from "../../src/blocklist/builder.ts";
import { BlocklistIndex } from "../../src/blocklist/index.ts";
import { SCOPES } from "../../src/blocklist/layout.ts";
import type { NetworkRule, Rule } from "../../src/blocklist/rule.ts";
import { LIST_FORMATS } from "../../src/config/vocabulary.ts";
import { ListError } from "../../src/feeds/list-error.ts";
import { readList } from "../../src/feeds/read.ts";
import { domainName } from "../../src/wire/domain.ts";
import { pick, type Random } from "../bench/domains.ts";
import { asked, joined } from "../blocklist/compiled.ts";
import { below, expect, mutated, randomBytes, steersTerminal } from "./campaign.ts";
import { campaign } from "./led.ts";

const WORDS = [
	..."0.0.0.0 127.0.0.1 :: ::1 fe80::1%lo0 a.test www.A.test. test bücher.test xn--bcher-kva.test _dmarc.a.test".split(
		" ",
	),
	..."|| @@ @@|| ^ $important $badfilter ,important $third-party $dnsrewrite=1.2.3.4 ## #@# #?# ! # ; // *. .a.test *.a.test".split(
		" ",
	),
	..."address=/a.test/ address=/a.test/0.0.0.0 server=/b.test/ local=/c.test/ local-zone: local-data: always_nxdomain static".split(
		" ",
	),
	..."$ORIGIN $TTL $INCLUDE rpz.test. @ 3600 1h IN CH SOA NS A AAAA CNAME TXT SRV MX PTR TYPE65280 \\# ( ) . *. rpz-passthru. rpz-drop. rpz-tcp-only.".split(
		" ",
	),
	..."\\000 \\. \\032 \\\\ %00 [Adblock] <html> <!DOCTYPE /regex/ a-.test -a.test a..test 1.2.3 0x7f.1 192.0.2.1".split(
		" ",
	),
	..."192.0.2.0/24 192.0.2.7/24 0.0.0.0/0 10.0.0.0/8 2001:db8::/32 ::/0 ::ffff:192.0.2.7 ::ffff:192.0.2.0/120 /24 192.0.2.300".split(
		" ",
	),
	..."rpz-ip .rpz-ip 24.0.2.0.192.rpz-ip 128.7.zz.db8.2001.rpz-ip 8.zz.rpz-ip 33.0.2.0.192.rpz-ip rpz-nsip rpz-client-ip".split(
		" ",
	),
	"\ufeff",
	"\u202e",
	"\u3002",
	"ﬀ.test",
	`${"x".repeat(63)}.test`,
	`${"x".repeat(64)}.test`,
	"y".repeat(300),
	'"',
	'"text"',
	"\0",
	"\x1f\x8b",
];
const LINES = [
	"0.0.0.0 ads.test # comment",
	"||ads.test^$important",
	"@@||good.test^",
	"*.wild.test",
	"plain.test",
	"address=/d.test/0.0.0.0",
	'local-zone: "u.test." always_nxdomain',
	"$ORIGIN rpz.test.",
	"@ 60 IN SOA a. b. 1 2 3 4 5",
	"bad.test CNAME .",
	"*.bad.test.rpz.test. CNAME .",
	"data.test 60 IN A 192.0.2.1",
	'data.test TXT ( "a"',
	'"b" )',
	"32.1.2.0.192.rpz-ip CNAME .",
	"48.zz.1.db8.2001.rpz-ip CNAME rpz-passthru.",
	"192.0.2.0/24 ; why",
	"2001:db8::7 # why",
];
const ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n"];
const OTHERS = LINES.map((line) => Buffer.from(line));
const folder = mkdtempSync(join(tmpdir(), "cordon-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "list");

function line(random: Random): string {
	if (random() < 0.5) return pick(LINES, random);
	const words = Array.from({ length: below(7, random) }, () => pick(WORDS, random));
	return words.join(pick(["", " ", "\t", "  "], random));
}

function text(random: Random): Buffer {
	const count = random() < 0.02 ? 6000 : below(30, random);
	let lines = "";
	for (let i = 0; i < count; i++) lines += line(random) + pick(ENDS, random);
	return Buffer.from(lines);
}

function checkRule(rule: Rule): void {
	const { name, scope, records = [] } = rule;
	expect(domainName(name) === name, `a name that is not normalised: ${JSON.stringify(name)}`);
	expect(name.includes("."), `a single label: ${name}`);
	expect(SCOPES.includes(scope), `scope ${scope}`);
	for (const { type, ttl, rdata } of records) {
		expect(Number.isInteger(type) && type >= 0 && type <= 0xffff, `type ${type}`);
		expect(Number.isInteger(ttl) && ttl >= 0 && ttl < 2 ** 31, `TTL ${ttl}`);
		expect(rdata instanceof Uint8Array, "no bytes");
	}
}

function checkNetwork({ network, action, records = [] }: NetworkRule): void {
	const { family, bytes, length } = network;
	expect(bytes.length === (family === 4 ? 4 : 16), `${bytes.length} bytes of family ${family}`);
	expect(length >= (family === 4 ? 8 : 16) && length <= bytes.length * 8, `a prefix of ${length} bits`);
	for (let bit = length; bit < bytes.length * 8; bit++)
		expect(((bytes[bit >> 3] >> (7 - (bit & 7))) & 1) === 0, "bits beyond the length");
	expect((action === "data") === records.length > 0, `${records.length} records for ${action}`);
}

async function read(bytes: Buffer, format: (typeof LIST_FORMATS)[number] | "auto"): Promise<string> {
	writeFileSync(path, bytes);
	const builder = new BlocklistBuilder(1, 1);
	const rules: Rule[] = [];
	const networks: NetworkRule[] = [];
	let last = 0;
	try {
		const report = await readList(
			path,
			{ format, hostsMatch: "exact", maxBytes: 1 << 22 },
			(rule, at) => {
				checkRule(rule);
				follow(at);
				rules.push(rule);
				expect(builder.add(rule, { list: 1, kind: "block" }, at), `the builder refuses ${rule.name}`);
			},
			(rule, at) => {
				checkNetwork(rule);
				follow(at);
				networks.push(rule);
				builder.addNetwork(rule, { list: 1, kind: "block" }, at);
			},
		);
		expect(report.rules === rules.length + networks.length, "counts other rules than it gives");
		expect(report.lines >= last, "a rule from beyond the last line");
		expect(report.badLines.length <= 20 && report.badLines.length <= report.bad, "bad lines");
		for (const bad of report.badLines) expect(!steersTerminal(bad.text), "shows what a terminal obeys");
		const index = new BlocklistIndex(joined(builder.finish()));
		for (const { name, scope, cancels } of rules.slice(0, 50)) {
			if (cancels) continue;
			expect(index.find(asked(scope === "below" ? `x.${name}` : name, 1)) !== 0, `${name} is not found`);
		}
		for (const { network } of networks.slice(0, 50)) {
			const { family, bytes: first } = network;
			const found = family === 4 ? index.networks?.find4(first, 0) : index.networks?.find6(first, 0);
			expect(found !== undefined && found !== 0, `${first.join(".")} is not found`);
			expect(
				index.networks?.findAll(network).includes(found ?? 0) === true,
				"another decides than there are",
			);
		}
		return report.html ? "a web page" : report.format;
	} catch (error) {
		if (error instanceof ListError) return error.reason;
		throw error;
	}

	function follow(at: number): void {
		expect(at >= last && at > 0, `line ${at} after ${last}`);
		last = at;
	}
}

await campaign({
	lines: (random, note) => {
		const bytes = text(random);
		const format = random() < 0.5 ? "auto" : pick(LIST_FORMATS, random);
		note(() => `${format}: ${JSON.stringify(bytes.toString("latin1").slice(0, 4000))}`);
		return read(bytes, format);
	},
	"damaged lines": (random, note) => {
		let bytes = text(random);
		for (let i = below(20, random); i >= 0; i--) bytes = mutated(bytes, OTHERS, random);
		const format = random() < 0.5 ? "auto" : pick(LIST_FORMATS, random);
		note(() => `${format}: ${bytes.toString("hex").slice(0, 8000)}`);
		return read(bytes, format);
	},
	bytes: (random, note) => {
		const bytes = randomBytes(below(3000, random), random);
		note(() => bytes.toString("hex"));
		return read(bytes, random() < 0.3 ? "auto" : pick(LIST_FORMATS, random));
	},
	gzip: (random, note) => {
		const packed = gzipSync(text(random));
		const bytes = random() < 0.3 ? packed : mutated(packed, [packed], random);
		note(() => bytes.toString("hex"));
		return read(bytes, "auto");
	},
});
