import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { join } from "node:path";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { test } from "tap";
import { download } from "../../src/feeds/download.ts";
import { BODY, fails, options, request } from "./download-asked.ts";
import { serveLists } from "./list-server.ts";

test("a plain download", async (t) => {
	const server = await serveLists(t, (_request, response) => {
		response.setHeader("ETag", '"v1"');
		response.setHeader("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
		response.end(BODY);
	});
	const asked = request(t, `${server.url}/list.txt`);
	const result = await download(asked, options());
	t.match(result, {
		kind: "downloaded",
		stored: { bytes: BODY.length },
		validators: { etag: '"v1"', lastModified: "Wed, 21 Oct 2015 07:28:00 GMT" },
	});
	t.equal(readFileSync(asked.path, "utf8"), BODY);
	const headers = server.requests[0]?.headers;
	t.match(headers, { "user-agent": "cordon/0.0.0-test", "accept-encoding": "gzip" });
	t.notOk(headers?.["if-none-match"] ?? headers?.["if-modified-since"] ?? headers?.authorization);
});

test("validators are sent, and 304 means unchanged", async (t) => {
	const server = await serveLists(t, (_request, response) => response.writeHead(304).end());
	const validators = { etag: 'W/"v1"', lastModified: "Wed, 21 Oct 2015 07:28:00 GMT" };
	t.same(await download(request(t, server.url, { validators }), options()), {
		kind: "unchanged",
		validators,
	});
	t.match(server.requests[0]?.headers, {
		"if-none-match": 'W/"v1"',
		"if-modified-since": "Wed, 21 Oct 2015 07:28:00 GMT",
	});
	await fails(t, request(t, server.url), { attempts: 3 }, "http-status", /304.*no copy/);
	t.equal(server.requests.length, 2, "and is not tried again");
});

test("a Content-Encoding is undone, a resource that is gzip is kept", async (t) => {
	const packed: Readonly<Record<string, Buffer>> = {
		"/gzip": gzipSync(BODY),
		"/x-gzip": gzipSync(BODY),
		"/deflate": deflateSync(BODY),
		"/br": brotliCompressSync(BODY),
	};
	const server = await serveLists(t, (asked, response) => {
		const path = asked.url ?? "";
		if (path === "/list.gz") return response.end(gzipSync(BODY));
		response.setHeader("Content-Encoding", path.slice(1));
		response.end(packed[path] ?? BODY);
	});
	for (const coding of ["gzip", "x-gzip", "deflate", "br", "identity"]) {
		const asked = request(t, `${server.url}/${coding}`);
		await download(asked, options());
		t.equal(readFileSync(asked.path, "utf8"), BODY, coding);
	}
	const asked = request(t, `${server.url}/list.gz`);
	await download(asked, options());
	t.same(readFileSync(asked.path), gzipSync(BODY));
	await fails(t, request(t, `${server.url}/zstd`), { attempts: 3 }, "unreadable", /Content-Encoding/);
	await fails(t, request(t, `${server.url}/gzip,gzip`), { attempts: 3 }, "unreadable", /Content-Encoding/);
});

test("what is tried again and what is not", async (t) => {
	const cases = [
		[503, 4],
		[500, 4],
		[429, 4],
		[404, 1],
		[403, 1],
		[410, 1],
		[300, 1],
	] as const;
	for (const [status, tries] of cases) {
		const server = await serveLists(t, (_request, response) =>
			response.writeHead(status, "secret").end("body"),
		);
		const pauses: number[] = [];
		const retries: number[] = [];
		const error = await fails(
			t,
			request(t, server.url),
			{
				attempts: 4,
				pause: async (milliseconds) => {
					pauses.push(milliseconds);
				},
				onRetry: (_error, milliseconds) => retries.push(milliseconds),
			},
			"http-status",
			new RegExp(`answered ${status}`),
		);
		t.notMatch(error.message, /secret|body/);
		t.equal(server.requests.length, tries, `${status}`);
		t.same(pauses, [100, 200, 400].slice(0, tries - 1), "doubled each time");
		t.same(retries, pauses);
	}
});

test("503, then 200", async (t) => {
	const server = await serveLists(t, (_request, response) => {
		response.writeHead(server.requests.length === 1 ? 503 : 200).end(BODY);
	});
	const asked = request(t, server.url);
	t.match(await download(asked, options({ attempts: 3 })), { kind: "downloaded" });
	t.equal(readFileSync(asked.path, "utf8"), BODY);
});

test("a broken body, then a whole one: nothing of the first is left", async (t) => {
	const server = await serveLists(t, (_request, response) => {
		if (server.requests.length > 1) return response.end("b\n");
		response.writeHead(200, { "Content-Length": 1000 });
		response.write(BODY, () => response.socket?.end());
	});
	const asked = request(t, server.url);
	await download(asked, options({ attempts: 2 }));
	t.equal(readFileSync(asked.path, "utf8"), "b\n");
});

test("names that do not resolve, or never", async (t) => {
	const failing: LookupFunction = (_hostname, _options, callback) => {
		callback(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }), []);
	};
	const url = "http://user:hunter2@lists.example.org/l?token=abc&x#f";
	const error = await fails(
		t,
		request(t, url),
		{ lookup: failing },
		"network",
		/does not resolve \(ENOTFOUND\)/,
	);
	t.match(error.message, "http://***@lists.example.org/l?token=***&x=***: ");
	t.notMatch(error.message, /hunter2|abc|user/);
	await fails(t, request(t, url), { lookup: () => {}, timeoutMs: 50 }, "timeout", /not done after 0\.05 s/);
});

test("a stop ends a download and its pauses", async (t) => {
	const stop = new AbortController();
	const silent = await serveLists(t, () => stop.abort());
	await fails(t, request(t, silent.url), { signal: stop.signal, attempts: 3 }, "stopped", /stopping/);
	t.equal(silent.requests.length, 1);

	const later = new AbortController();
	const busy = await serveLists(t, (_request, response) => response.writeHead(503).end());
	const pause = async () => {
		later.abort();
		throw new Error("aborted");
	};
	await fails(t, request(t, busy.url), { signal: later.signal, attempts: 3, pause }, "stopped", /stopping/);
	t.equal(busy.requests.length, 1);
});

test("a disk that refuses", async (t) => {
	const server = await serveLists(t, (_request, response) => response.end(BODY));
	const path = join(t.testdir({}), "no", "such", "directory");
	await fails(t, request(t, server.url, { path }), { attempts: 3 }, "storage", /ENOENT.*dataDir/);
	t.equal(server.requests.length, 1);
});
