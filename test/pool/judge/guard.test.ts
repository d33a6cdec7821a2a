import { test } from "tap";
import { isPublicSuffix } from "../../../src/pool/judge/public-suffix.ts";
import { WELL_KNOWN } from "../../../src/pool/judge/well-known.ts";
import type { Guard } from "../../../src/pool/judging.ts";
import { listedName } from "../../../src/wire/domain.ts";
import { guardOf } from "./judging.ts";

function said(guard: Guard, domain: string): string {
	const word = guard.check(domain);
	return word.kind === "fine" ? "fine" : `${word.kind}: ${word.reason}`;
}

test("what is no name of the public DNS is refused", async (t) => {
	const guard = guardOf();
	const table: readonly [domain: string, answer: string | RegExp][] = [
		["bad.example.org", "fine"],
		["bad.example", "fine"],
		["bad.test", "fine"],
		["foo.localhost", /^refused: foo\.localhost is below localhost, which is for this machine/],
		["localhost", /^refused: localhost is for this machine/],
		["printer.local", /RFC 6762/],
		["host.invalid", /RFC 6761/],
		["hidden.onion", /RFC 7686/],
		["name.alt", /RFC 9476/],
		["db.internal", /^refused/],
		["nas.home.arpa", /RFC 8375/],
		["resolver.arpa", /^refused: resolver\.arpa is below arpa/],
		["1.2.0.192.in-addr.arpa", /^refused/],
		["8.b.d.0.1.0.0.2.ip6.arpa", /^refused/],
		["org", /^refused: org is a single label/],
		["test", /^refused: test is a single label/],
		["co.uk", /^refused: co\.uk is a public suffix/],
		["github.io", /^refused: github\.io is a public suffix/],
		["xn--55qx5d.cn", /^refused: xn--55qx5d\.cn is a public suffix/],
		["anything.ck", /^refused: anything\.ck is a public suffix/],
		["www.ck", "fine"],
		["evil.github.io", "fine"],
		["evil.co.uk", "fine"],
	];
	for (const [domain, answer] of table) t.match(said(guard, domain), answer, domain);
});

test("a pool may hold what no reader would have let in", async (t) => {
	const guard = guardOf();
	for (const domain of [
		"",
		".",
		"Bad.example",
		"bad.example.",
		"192.0.2.1",
		"bad example.org",
		"a..b",
		"bücher.de",
	]) {
		t.equal(guard.check(domain).kind, "refused", JSON.stringify(domain));
	}
});

test("the list of special names can be another", async (t) => {
	const guard = guardOf({}, [], new Map([["example", "documentation"]]));
	t.equal(guard.check("bad.example").kind, "refused");
	t.equal(guard.check("printer.local").kind, "fine");
});

test("the operator's own names: equal, below, above", async (t) => {
	const guard = guardOf({ ownNames: ["www.Isp.example.org", "*.bücher.example"] });
	t.match(said(guard, "www.isp.example.org"), /^refused: .* is one of this operator's own names$/);
	t.match(said(guard, "a.www.isp.example.org"), /^refused: .* is below www\.isp\.example\.org, one/);
	t.match(said(guard, "example.org"), /^refused: example\.org is above www\.isp\.example\.org, one/);
	t.equal(said(guard, "other.isp.example.org"), "fine");
	t.equal(said(guard, "aww.isp.example.org"), "fine");
	for (const domain of ["xn--bcher-kva.example", "a.xn--bcher-kva.example"]) {
		t.match(said(guard, domain), /^refused/, domain);
	}
});

test("hosts that the node depends on: equal and above, not below", async (t) => {
	const guard = guardOf({ infrastructure: ["lists.cert.example.net"] });
	t.match(said(guard, "lists.cert.example.net"), /^refused: .* a host that this node itself depends on$/);
	t.match(said(guard, "example.net"), /^refused: example\.net is above lists\.cert\.example\.net/);
	t.equal(said(guard, "evil.lists.cert.example.net"), "fine");
	t.equal(said(guard, "other.cert.example.net"), "fine");
});

test("protected names, and what is above them, wait for two people; what is below does not", async (t) => {
	const guard = guardOf({ protect: ["shop.bank.example", "*.portal.example"] }, ["popular.lists.test"]);
	const needs = (domain: string) => {
		const word = guard.check(domain);
		return word.kind === "protected" ? word.approvalsNeeded : 0;
	};
	for (const domain of [
		"shop.bank.example",
		"bank.example",
		"portal.example",
		"a.b.portal.example",
		"popular.lists.test",
		"lists.test",
		"connectivitycheck.gstatic.com",
		"gstatic.com",
		"google.com",
		"amazonaws.com",
	]) {
		t.equal(needs(domain), 2, domain);
		t.match(said(guard, domain), new RegExp(`^protected: ${domain} .*: two people have to approve it$`));
	}
	for (const domain of [
		"x.shop.bank.example",
		"pay.bank.example",
		"a.popular.lists.test",
		"evil.google.com",
	]) {
		t.equal(said(guard, domain), "fine", domain);
	}
});

test("refused stands above protected", async (t) => {
	const guard = guardOf({ ownNames: ["isp.example"], protect: ["isp.example"] });
	t.equal(guard.check("isp.example").kind, "refused");
});

test("each built-in name is one, is protected, and stands there once", async (t) => {
	const guard = guardOf();
	t.ok(WELL_KNOWN.length > 300);
	t.same(
		WELL_KNOWN.filter((name, i) => WELL_KNOWN.indexOf(name) !== i),
		[],
	);
	for (const name of WELL_KNOWN) {
		t.equal(listedName(name), name, name);
		// Some are suffixes below which customers have theirs, and could be blocked even less.
		t.equal(guard.check(name).kind, isPublicSuffix(name) ? "refused" : "protected", name);
	}
});
