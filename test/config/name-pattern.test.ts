import { test } from "tap";
import { isNamePattern } from "../../src/config/canonical-name.ts";
import { faultsOf, placeOf } from "./faults-of.ts";

test("names and *.names may be allowed and denied", async (t) => {
	const right = [
		"example.org",
		"*.example.org",
		"Example.ORG.",
		"_dmarc.example.org",
		"zip",
		"bücher.example",
		"*.bücher.example",
		"xn--bcher-kva.example",
		`${"a".repeat(63)}.example`,
	];
	const wrong = [
		"",
		".",
		"*",
		"*.",
		"a..example",
		".example",
		"foo.*.example",
		"*example.org",
		"192.0.2.1",
		"127.1",
		"0x7f.0x1",
		"::1",
		"http://example.org",
		"example.org/path",
		"bücher.example/path",
		"bücher.example:80",
		"||example.org^",
		"ex ample.org",
		`${"a".repeat(64)}.example`,
		`${"a.".repeat(126)}example`,
	];
	for (const name of right) t.equal(isNamePattern(name), true, name);
	for (const name of wrong) t.equal(isNamePattern(name), false, name);
});

test("a wrong one is told with its place in the list", async (t) => {
	const faults = await faultsOf("blocking:\n  allow: [example.org, 192.0.2.1]\n  deny: [8]\n");
	t.same(faults.map(placeOf), ["2:24 blocking.allow[1]", "3:10 blocking.deny[0]"]);
});
