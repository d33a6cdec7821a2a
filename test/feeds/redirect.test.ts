import type { LookupFunction } from "node:net";
import { test } from "tap";
import { download } from "../../src/feeds/download.ts";
import type { DownloadFailure } from "../../src/feeds/download-error.ts";
import { redirectTarget } from "../../src/feeds/redirect.ts";
import { BODY, fails, options, request } from "./download-asked.ts";
import { serveLists } from "./list-server.ts";

test("redirects are followed, with validators and without credentials of others", async (t) => {
	const other = await serveLists(t, (_request, response) => response.end(BODY));
	const server = await serveLists(t, (asked, response) => {
		const to = asked.url === "/start?key=s3cret" ? "/same" : `http://eve:pw@127.0.0.1:${other.port}/list`;
		response.writeHead(asked.url === "/same" ? 307 : 302, { Location: to }).end("moved");
	});
	const url = `http://me:secret@127.0.0.1:${server.port}/start?key=s3cret`;
	const asked = request(t, url, { validators: { etag: '"v1"' } });
	t.match(await download(asked, options()), { kind: "downloaded" });
	t.same(
		server.requests.map((each) => each.headers.authorization),
		["me:secret", "me:secret"].map((login) => `Basic ${Buffer.from(login).toString("base64")}`),
	);
	t.equal(other.requests[0]?.headers.authorization, undefined);
	t.equal(other.requests[0]?.headers["if-none-match"], '"v1"');
	t.equal(other.requests[0]?.headers.referer, undefined);
});

test("a redirect loop ends after five", async (t) => {
	const server = await serveLists(t, (_request, response) =>
		response.writeHead(302, { Location: "/again" }).end(),
	);
	await fails(t, request(t, server.url), { attempts: 3 }, "too-many-redirects", /more than 5 times/);
	t.equal(server.requests.length, 6, "the first request, five redirects, and no other try");
});

test("redirects to where a list may not lead", async (t) => {
	// The first server has to count as public, or nothing would be asked at all.
	const isPrivate = (address: string) => address !== "127.0.0.1";
	const cases: readonly (readonly [string, DownloadFailure, RegExp])[] = [
		["http://127.0.0.2/list", "forbidden-address", /127\.0\.0\.2.*allowPrivateAddress/],
		["http://169.254.169.254/latest/meta-data/", "forbidden-address", /169\.254\.169\.254/],
		["http://0x7f000002/", "forbidden-address", /127\.0\.0\.2/],
		["//127.2/list", "forbidden-address", /127\.0\.0\.2/],
		["http://[::1]/list", "forbidden-address", /leads to ::1/],
		["http://[::ffff:10.0.0.1]/list", "forbidden-address", /::ffff:a00:1/],
		["http://internal.example.org/", "forbidden-address", /10\.0\.0\.1/],
		["file:///etc/passwd", "forbidden-scheme", /redirects to file:/],
		["ftp://127.0.0.1/list", "forbidden-scheme", /redirects to ftp:/],
		["javascript:secret", "forbidden-scheme", /redirects to javascript:/],
		["http://", "http-status", /Location/],
	];
	const lookup: LookupFunction = (_hostname, _options, callback) => {
		callback(null, [{ address: "10.0.0.1", family: 4 }]);
	};
	for (const [location, reason, message] of cases) {
		const server = await serveLists(t, (_request, response) => {
			response.writeHead(302, { Location: location }).end();
		});
		const asked = request(t, server.url, { allowPrivateAddress: false });
		const error = await fails(t, asked, { attempts: 3, isPrivate, lookup }, reason, message);
		t.notMatch(error.message, /secret|passwd/);
		t.equal(server.requests.length, 1, `${location}: not tried again`);
	}
	const nowhere = await serveLists(t, (_request, response) => response.writeHead(301).end());
	await fails(t, request(t, nowhere.url), {}, "http-status", /Location/);
});

test("private addresses are refused before anything is sent", async (t) => {
	const server = await serveLists(t, (_request, response) => response.end(BODY));
	const urls = [
		server.url,
		`http://lists.example.org:${server.port}/`,
		`http://localhost:${server.port}/`,
		`http://0:${server.port}/`,
		`http://[::ffff:127.0.0.1]:${server.port}/`,
		`https://127.0.0.1:${server.port}/`,
	];
	for (const url of urls) {
		const asked = request(t, url, { allowPrivateAddress: false });
		await fails(
			t,
			asked,
			{ attempts: 3 },
			"forbidden-address",
			/not a public address; set allowPrivateAddress/,
		);
	}
	t.equal(server.requests.length, 0);
	t.match(await download(request(t, urls[1] ?? ""), options()), { kind: "downloaded" });
});

test("a name that answers differently each time gains nothing", async (t) => {
	const server = await serveLists(t, (_request, response) => response.end(BODY));
	let lookups = 0;
	const rebinding: LookupFunction = (_hostname, _options, callback) => {
		lookups++;
		callback(null, [{ address: lookups === 1 ? "127.0.0.1" : "127.0.0.2", family: 4 }]);
	};
	const isPrivate = (address: string) => address !== "127.0.0.1";
	const asked = request(t, `http://lists.example.org:${server.port}/`, { allowPrivateAddress: false });
	t.match(await download(asked, options({ lookup: rebinding, isPrivate })), { kind: "downloaded" });
	t.equal(lookups, 1, "the address that was checked is the one connected to");
	await fails(
		t,
		{ ...asked, path: `${asked.path}2` },
		{ lookup: rebinding, isPrivate },
		"forbidden-address",
		/0\.2/,
	);
	t.equal(server.requests.length, 1);
});

test("schemes", async (t) => {
	for (const url of ["file:///etc/passwd", "ftp://example.org/list"]) {
		await fails(t, request(t, url), { attempts: 3 }, "forbidden-scheme", /only http: and https:/);
	}
	const from = new URL("https://me:pw@example.org/a/b?c#d");
	t.match(redirectTarget(from, "http://example.org/"), { reason: "forbidden-scheme" });
	t.equal(String(redirectTarget(from, "c#x")), "https://me:pw@example.org/a/c");
	t.equal(String(redirectTarget(from, "https://eve:x@example.org:444/")), "https://example.org:444/");
	t.equal(String(redirectTarget(new URL("http://a.example/"), "https://b.example/")), "https://b.example/");
});
