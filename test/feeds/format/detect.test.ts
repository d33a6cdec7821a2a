import { test } from "tap";
import { detectFormat, looksLikeHtml } from "../../../src/feeds/format/detect.ts";

test("the format is found from the lines", async (t) => {
	for (const [format, lines] of [
		["hosts", ["# hosts", "127.0.0.1 localhost", "0.0.0.0 a.example", "0.0.0.0 b.example"]],
		["domains", ["# names", "a.example", "*.b.example", ".c.example"]],
		["domains", ["! names", "a.example # why"]],
		["adblock", ["[Adblock Plus 2.0]", "! Title", "||a.example^", "@@||b.example^"]],
		["adblock", ["||a.example^", "b.example", "c.example", "0.0.0.0 d.example", "0.0.0.0 e.example"]],
		["adblock", ["example.org##.advert", "-banner-"]],
		["dnsmasq", ["# conf", "address=/a.example/0.0.0.0", "server=/b.example/"]],
		["unbound", ["server:", 'local-zone: "a.example" always_nxdomain']],
		["rpz", ["$TTL 60", "@ SOA localhost. root.localhost. 1 2 3 4 5", " NS localhost.", "a.example CNAME ."]],
		["rpz", ["; feed", "a.example CNAME .", "*.a.example IN CNAME .", "b.example 60 IN A 192.0.2.1"]],
		["networks", ["# addresses", "192.0.2.7", "192.0.2.0/24 ; SBL1", "2001:db8::/32 # why", "2001:db8::7"]],
		["networks", ["192.0.2.7/24"]],
		["networks", ["192.0.2.7", "192.0.2.300", "fe80:::1", "2001:DB8::/129"]],
		// An address among names is a slip, names among addresses are not less so.
		["domains", ["192.0.2.7", "192.0.2.8", "a.example"]],
		["hosts", ["0.0.0.0", "0.0.0.0 a.example"]],
		["domains", []],
		["domains", ["{", '"error": true', "}"]],
		["html", ["", "<!DOCTYPE html>", "<html>"]],
		["html", ["<html><head>", "a.example"]],
	] as const) {
		t.equal(detectFormat(lines), format, lines.join(" | "));
	}
});

test("a web page is known by its first tag", async (t) => {
	for (const line of [
		"<!doctype html>",
		"  <HTML lang=en>",
		'<?xml version="1.0"?>',
		"<!-- captive portal -->",
	]) {
		t.ok(looksLikeHtml(line), line);
	}
	for (const line of ["# <html>", "a.example", "||a.example^", "<b.example>"])
		t.notOk(looksLikeHtml(line), line);
});
