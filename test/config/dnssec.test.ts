import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { parseTrustAnchor, trustAnchorLines } from "../../src/config/trust-anchor.ts";

const HEX = "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D";

test("trust anchors are DS and DNSKEY records, as zone files write them", (t) => {
	for (const [text, zone] of [
		[`. 172800 IN DS 20326 8 2 ${HEX}`, "."],
		[`Example.ORG. DS 1 13 2 ${HEX.slice(0, 30)} ${HEX.slice(30)}`, "example.org"],
		["example.org IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", "example.org"],
	])
		t.match(parseTrustAnchor(text), { zone });
	for (const text of [
		"",
		". DS 20326 8 2",
		`. DS 20326 8 2 ${HEX.slice(2)}`,
		`. DS 20326 8 2 ${HEX}0`,
		`. DS 70000 8 2 ${HEX}`,
		`. DS 20326 256 2 ${HEX}`,
		`.. DS 20326 8 2 ${HEX}`,
		`. TXT 20326 8 2 ${HEX}`,
		". DNSKEY 257 3 8 ???",
	])
		t.equal(parseTrustAnchor(text), undefined, text);
	t.same(trustAnchorLines("; keys\n\n. DS 1 ; one\r\nexample DS 2\n"), [". DS 1", "example DS 2"]);
	t.end();
});

test("the root's keys are the anchors unless others are named, and nothing is validated unless it is wanted", async (t) => {
	const { dnssec } = toSettings(await parseConfig("{}", "/nowhere/cordon.yaml"), 1);
	t.equal(dnssec.validate, false);
	t.match(dnssec.trustAnchors, [
		{ zone: ".", type: "DS" },
		{ zone: ".", type: "DS" },
	]);
	t.same(
		dnssec.trustAnchors.map(({ data }) => (data[0] << 8) | data[1]),
		[20_326, 38_696],
	);
});

test("anchors of a file come beside those that are named", async (t) => {
	const folder = t.testdir({
		"anchors.txt": `; our own\nexample.org. IN DS 1 13 2 ${HEX}\n`,
		"empty.txt": "; none\n",
	});
	const path = join(folder, "cordon.yaml");
	const parse = (dnssec: object) => parseConfig(JSON.stringify({ dnssec }), path);
	const { dnssec } = toSettings(
		await parse({ trustAnchors: [], trustAnchorsFile: "anchors.txt", validate: true }),
		1,
	);
	t.match(dnssec.trustAnchors, [{ zone: "example.org", type: "DS" }]);
	t.equal(dnssec.trustAnchors.length, 1);
	await t.rejects(parse({ trustAnchorsFile: "gone.txt" }), /dnssec\.trustAnchorsFile.*does not exist/s);
	await t.rejects(parse({ trustAnchorsFile: "empty.txt" }), /names a file without a record/);
	writeFileSync(join(folder, "bad.txt"), "example.org. IN NS ns.example.org.\n");
	await t.rejects(
		parse({ trustAnchorsFile: "bad.txt" }),
		/no DS or DNSKEY record on one line: example\.org\. IN NS/,
	);
});

test("what cannot be meant is told", async (t) => {
	const parse = (dnssec: object) => parseConfig(JSON.stringify({ dnssec }), "/nowhere/cordon.yaml");
	await t.rejects(parse({ validate: true, trustAnchors: [] }), /trustAnchors.*nothing can be validated/s);
	await t.rejects(parse({ trustAnchors: ["example.org"] }), /must be a DS or DNSKEY record/);
	await t.rejects(parse({ negativeTrustAnchors: ["*.example.org"] }), /must be a domain name/);
	await t.resolves(parse({ validate: false, trustAnchors: [] }));
});
