import { type Test, test } from "tap";
import { adblockReader } from "../../../src/feeds/format/adblock.ts";
import { shown } from "./shown.ts";

const reader = adblockReader("exact");

function check(t: Test, table: readonly (readonly [string, string | RegExp])[]) {
	for (const [line, outcome] of table) {
		if (typeof outcome === "string") t.equal(shown(reader.read(line)), outcome, line);
		else t.match(shown(reader.read(line)), outcome, line);
	}
}

test("rules for a whole host", async (t) => {
	check(t, [
		["||bad.example^", "block subtree bad.example"],
		["  ||Bad.Example.^ ", "block subtree bad.example"],
		["||bad.example", "block subtree bad.example"],
		["||bad.example^|", "block subtree bad.example"],
		["||*.bad.example^", "block below bad.example"],
		["@@||good.example^", "allow subtree good.example"],
		["@@||good.example^|", "allow subtree good.example"],
		["||bücher.example^", "block subtree xn--bcher-kva.example"],
		["||bad.example^ # why", "block subtree bad.example"],
	]);
});

test("modifiers that mean something, or narrow nothing", async (t) => {
	check(t, [
		["||bad.example^$important", "block subtree bad.example important"],
		["@@||good.example^$important", "allow subtree good.example important"],
		["||bad.example^$badfilter", "block subtree bad.example cancels"],
		["||bad.example^$important,badfilter", "block subtree bad.example important cancels"],
		["@@||good.example^$badfilter", "allow subtree good.example cancels"],
		["||bad.example^$all", "block subtree bad.example"],
		["||bad.example^$document", "block subtree bad.example"],
		["||bad.example^$doc,popup", "block subtree bad.example"],
		["||bad.example$all", "block subtree bad.example"],
	]);
});

test("modifiers that mean nothing in DNS make the line skipped and are named", async (t) => {
	check(t, [
		["||bad.example^$third-party", /^skipped: the modifier \$third-party has no meaning/],
		["||bad.example^$script,important", /^skipped: the modifier \$script has/],
		["||bad.example^$important,domain=a.example|b.example", /^skipped: the modifier \$domain has/],
		["||bad.example^$dnstype=A|AAAA", /^skipped: the modifier \$dnstype is not supported/],
		["||bad.example^$dnsrewrite=NOERROR;A;192.0.2.1", /^skipped: the modifier \$dnsrewrite is not supported/],
		["||bad.example^$client=192.0.2.0/24", /^skipped: the modifier \$client is/],
		["||bad.example^$ctag=device_tv", /^skipped: the modifier \$ctag is/],
		["||bad.example^$denyallow=a.bad.example", /^skipped: the modifier \$denyallow is/],
		["@@||good.example^$document", /^skipped: the modifier \$document has/],
		["*$denyallow=com|net", /^skipped: the modifier \$denyallow/],
		["||bad.example^$", /^bad: an empty modifier/],
	]);
});

test("rules for pages and parts of them are skipped", async (t) => {
	check(t, [
		["example.org##.advert", /^skipped: a cosmetic rule/],
		["##.advert", /^skipped: a cosmetic rule/],
		["example.org#@#.advert", /^skipped: a cosmetic rule/],
		["example.org#?#div:has(a)", /^skipped: a cosmetic rule/],
		["example.org#$#body { margin: 0 }", /^skipped: a cosmetic rule/],
		["example.org#@$?#p", /^skipped: a cosmetic rule/],
		['example.org$$script[tag-content="x"]', /^skipped: an HTML/],
		["/ads[0-9]+\\.example/", /^skipped: a regular expression/],
		["@@/ads[0-9]+/$important", /^skipped: a regular expression/],
		["||bad.example/path", /^skipped: .*path/],
		["||bad.example^path", /^skipped: .*path/],
		["||bad.example?query=1", /^skipped: .*path/],
		["||bad.example:8080^", /^skipped: .*port/],
		["|https://bad.example/", /^skipped: .*beginning of an address/],
		["|bad.example^", /^skipped: .*beginning of an address/],
		["||ads*.example^", /^skipped: a wildcard/],
		["||example.*^", /^skipped: a wildcard/],
		["||ads.", /^skipped: matches names by how they begin/],
		["||192.0.2.1^", /^skipped: an IP address/],
		["||[2001:db8::1]^", /^skipped: an IP address/],
		["-banner-", /^skipped: matches part/],
		["&ad_box_", /^skipped: matches part/],
		["bad.example^", /^skipped: matches part/],
		["@@good.example", /^skipped: matches part/],
		["bad.example$important", /^skipped: matches part/],
		["[$path=/a]example.org##.x", /^skipped/],
	]);
});

test("hosts lines and plain names are read as in their own lists", async (t) => {
	check(t, [
		["bad.example", "block exact bad.example"],
		["*.bad.example", "block below bad.example"],
		["0.0.0.0 bad.example", "block exact bad.example"],
		["127.0.0.1 localhost", "none"],
		["192.0.2.1", /^skipped: .*IP address/],
	]);
	t.equal(shown(adblockReader("subtree").read("bad.example")), "block subtree bad.example");
});

test("comments and headers say nothing", async (t) => {
	check(t, [
		["", "none"],
		["! comment", "none"],
		["!#if (x)", "none"],
		["# comment", "none"],
		["#", "none"],
		["[Adblock Plus 2.0]", "none"],
		["[Adblock]", "none"],
	]);
});

test("a rule that would block too much, or is garbled, is bad", async (t) => {
	check(t, [
		["||com^", /^bad: "com" is a single label/],
		["@@||com^", /^bad: "com" is a single label/],
		["||*.com^", /^bad: "com" is a single label/],
		["||*^", /^bad: the root/],
		["||^", /^bad: the root/],
		["||a..example^", /^bad: .*empty label/],
		["com", /^bad: .*single label/],
		["two words.example", /^bad: more than one word/],
	]);
});
