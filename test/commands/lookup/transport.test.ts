import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import t from "tap";
import { ANSWERED, makeReply } from "./messages.ts";
import { run } from "./run.ts";
import { type Answer, startHttps, startTcp, startTls, startUdp } from "./servers.ts";

const ADDRESS = { type: 1, data: Buffer.of(192, 0, 2, 1) };
const good: Answer = (query) => [makeReply(query, { answer: [ADDRESS] })];
const http = (status: number, body: Buffer, type = "application/dns-message") => ({
	status,
	headers: { "content-type": type },
	body,
});

t.test("a truncated answer is asked for again over TCP", async (t) => {
	const tcp = await startTcp(good);
	const udp = await startUdp((query) => [makeReply(query, { flags: ANSWERED | 0x0200 })], tcp.port);
	t.teardown(udp.close);
	const whole = await run("a.test", `@127.0.0.1:${udp.port}`);
	t.match(whole.stdout, /^;; Truncated, retrying in TCP mode\.\n[\s\S]*192\.0\.2\.1\n[\s\S]*\(TCP\)\n/);
	tcp.close();
	const half = await run("a.test", `@127.0.0.1:${udp.port}`);
	t.equal(half.code, 0);
	t.match(
		half.stdout,
		/^;; Truncated, and over TCP: tcp:\/\/127\.0\.0\.1:\d+: connection refused[\s\S]*flags: qr tc rd ra;[\s\S]*\(UDP\)\n/,
	);
});

t.test("over TCP, in pieces, with a stray message before it", async (t) => {
	const server = await startTcp(
		(query) => [makeReply(query, { id: query.readUInt16BE(0) ^ 1 }), ...good(query)],
		0,
		1,
	);
	t.teardown(server.close);
	for (const args of [
		["--tcp", "--server", `127.0.0.1:${server.port}`],
		[`@tcp://127.0.0.1:${server.port}`],
	]) {
		const { code, stdout } = await run("a.test", ...args);
		t.equal(code, 0);
		t.match(
			stdout,
			/^;; Ignored a message from tcp:\/\/127\.0\.0\.1:\d+: id \d+ instead of \d+\n[\s\S]*192\.0\.2\.1\n[\s\S]*\(TCP\)\n/,
		);
	}
});

t.test("over TLS, with a certificate that is checked", async (t) => {
	const server = await startTls(good);
	t.teardown(server.close);
	for (const host of ["127.0.0.1", "localhost"]) {
		const url = `tls://${host}:${server.port}`;
		const trusting = await run("a.test", "--server", url, "--insecure");
		t.equal(trusting.code, 0, trusting.stderr);
		t.match(trusting.stdout, new RegExp(`SERVER: 127\\.0\\.0\\.1#${server.port}\\(${host}\\) \\(TLS\\)`));
		const checking = await run("a.test", "--server", url);
		t.equal(checking.code, 9);
		t.match(
			checking.stderr,
			/the certificate is not trusted: self-signed certificate.*--insecure asks all the same/,
		);
	}
});

for (const http2 of [true, false]) {
	t.test(`over HTTPS, ${http2 ? "HTTP/2" : "HTTP/1.1"}`, async (t) => {
		const server = await startHttps(
			(query, path) => {
				t.equal(query.readUInt16BE(0), 0, "the id is 0");
				const [message = query] = good(query);
				switch (path) {
					case "/dns-query":
						return http(200, message);
					case "/html":
						return http(200, Buffer.from("<html>"), "text/html; charset=utf-8");
					case "/other":
						return http(200, makeReply(query, { id: 7 }));
					case "/long":
						return http(200, Buffer.alloc(70_000));
					case "/moved":
						return {
							status: 301,
							headers: { location: "https://dns.test/dns-query" },
							body: Buffer.alloc(0),
						};
					default:
						return http(404, Buffer.from("nothing here"), "text/plain");
				}
			},
			{ http2 },
		);
		t.teardown(server.close);
		const at = `https://127.0.0.1:${server.port}`;
		const { code, stdout, stderr } = await run("a.test", "--server", at, "--insecure");
		t.equal(code, 0, stderr);
		t.match(stdout, /192\.0\.2\.1\n[\s\S]*\(127\.0\.0\.1\/dns-query\) \(HTTPS\)\n/);
		for (const [path, want] of [
			["/html", /HTTP 200, but of type "text\/html; charset=utf-8" instead of application\/dns-message/],
			["/other", /the HTTP answer is no answer to this query[\s\S]*ignored a message: id 7 instead of 0/],
			["/long", /longer than 65535 bytes/],
			["/moved", /HTTP 301: the server has moved to "https:\/\/dns\.test\/dns-query"; ask there/],
			["/nowhere", /HTTP 404 instead of an answer; is the path right\?/],
		] as const) {
			const { code, stderr } = await run("a.test", "--server", at + path, "--insecure");
			t.equal(code, 9, path);
			t.match(stderr, want, path);
		}
		const checking = await run("a.test", "--server", at);
		t.equal(checking.code, 9);
		t.match(checking.stderr, /certificate is not trusted/);
	});
}

t.test("no reply", async (t) => {
	let heard = 0;
	const silent = await startUdp(() => {
		heard++;
		return [];
	});
	const closing = await startTcp(() => []);
	t.teardown(silent.close);
	const none = await run("a.test", `@127.0.0.1:${silent.port}`, "--timeout", "300ms");
	t.match(none, {
		code: 9,
		stdout: "",
		stderr: `cordon lookup: udp://127.0.0.1:${silent.port}: no reply within 0.3 s\n`,
	});
	t.equal(heard, 3, "three datagrams within the time");
	t.match(await run("a.test", `@tcp://127.0.0.1:${closing.port}`), {
		code: 9,
		stderr: /closed the connection without an answer/,
	});
	closing.close();
	for (const scheme of ["tcp", "tls", "https"]) {
		t.match(await run("a.test", `@${scheme}://127.0.0.1:${closing.port}`), {
			code: 9,
			stderr: /connection refused; is a server running there/,
		});
	}
	t.match(await run("a.test", `@udp://127.0.0.1:${closing.port}`, "--timeout", "2s"), {
		code: 9,
		stderr: /connection refused/,
	});
});

t.test("a server that accepts connections and then says nothing", async (t) => {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => server.close());
	const { port } = server.address() as AddressInfo;
	for (const scheme of ["tcp", "tls", "https"]) {
		const { code, stderr } = await run("a.test", `@${scheme}://127.0.0.1:${port}`, "--timeout", "200ms");
		t.equal(code, 9);
		t.match(stderr, /no reply within 0\.2 s\n$/);
	}
});
