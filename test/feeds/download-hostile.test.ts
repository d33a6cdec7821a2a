import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { test } from "tap";
import type { DownloadOptions } from "../../src/feeds/download.ts";
import type { DownloadFailure } from "../../src/feeds/download-error.ts";
import { BODY, fails, request } from "./download-asked.ts";
import { serveLists } from "./list-server.ts";

const HOSTILE: readonly {
	readonly name: string;
	readonly respond: (response: ServerResponse) => void;
	readonly given?: Partial<DownloadOptions>;
	readonly reason: DownloadFailure;
	readonly message: RegExp;
}[] = [
	{
		name: "a body shorter than its Content-Length",
		respond: (response) => {
			response.writeHead(200, { "Content-Length": 1000 });
			response.write(BODY, () => response.socket?.end());
		},
		reason: "truncated",
		message: /broke off/,
	},
	{
		name: "a body longer than its Content-Length",
		respond: (response) => {
			response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${BODY}`);
		},
		reason: "truncated",
		message: /broke off/,
	},
	{
		name: "a chunked body without its last chunk",
		respond: (response) => {
			response.writeHead(200);
			response.write(BODY, () => response.socket?.destroy());
		},
		reason: "truncated",
		message: /broke off/,
	},
	{
		name: "a chunked body with a broken chunk",
		respond: (response) => {
			response.socket?.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nZZ\r\n");
		},
		reason: "truncated",
		message: /broke off \(HPE_/,
	},
	{
		name: "a packed body that ends too early",
		respond: (response) => {
			response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(BODY).subarray(0, 30));
		},
		reason: "truncated",
		message: /ends too early/,
	},
	{
		name: "a packed body that is not packed",
		respond: (response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(BODY),
		reason: "unreadable",
		message: /damaged \(Z_DATA_ERROR\)/,
	},
	{
		name: "a brotli body that is none",
		respond: (response) => response.writeHead(200, { "Content-Encoding": "br" }).end(Buffer.alloc(64, 0xff)),
		reason: "unreadable",
		message: /damaged/,
	},
	{
		name: "a body that never ends",
		respond: (response) => {
			const chunk = Buffer.alloc(65_536, "a");
			const pour = () => {
				while (!response.destroyed && response.write(chunk));
			};
			response.on("drain", pour);
			pour();
		},
		reason: "too-big",
		message: /more than 1048576 bytes sent.*maxSize/,
	},
	{
		name: "a body announced as too big",
		respond: (response) => response.writeHead(200, { "Content-Length": 5_000_000 }).flushHeaders(),
		reason: "too-big",
		message: /5000000 bytes announced, more than 1048576/,
	},
	{
		name: "a gzip bomb",
		respond: (response) => {
			response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync(Buffer.alloc(20_000_000)));
		},
		reason: "too-big",
		message: /more than 1048576 bytes unpacked/,
	},
	{
		name: "a slow drip",
		respond: (response) => {
			const drip = setInterval(() => response.write("a"), 10);
			response.on("close", () => clearInterval(drip));
		},
		given: { timeoutMs: 150 },
		reason: "timeout",
		message: /not done after 0\.15 s/,
	},
	{
		name: "silence",
		respond: () => {},
		given: { timeoutMs: 100 },
		reason: "timeout",
		message: /not done after 0\.1 s.*downloads\.timeout/,
	},
	{
		name: "headers that never end",
		respond: (response) => {
			const drip = setInterval(() => response.socket?.write("X: y\r\n"), 10);
			response.socket?.write("HTTP/1.1 200 OK\r\n");
			response.on("close", () => clearInterval(drip));
		},
		given: { timeoutMs: 150 },
		reason: "timeout",
		message: /not done/,
	},
	{
		name: "a hang-up before the answer",
		respond: (response) => response.socket?.destroy(),
		reason: "network",
		message: /no answer \(ECONNRESET\)/,
	},
	{
		name: "no HTTP",
		respond: (response) => response.socket?.end("220 SSH-2.0-secret-banner\r\n"),
		reason: "network",
		message: /no answer \(HPE_/,
	},
	{
		name: "an upgrade",
		respond: (response) => {
			response.socket?.write("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
		},
		given: { timeoutMs: 5000 },
		reason: "network",
		message: /no answer/,
	},
	{
		name: "an empty answer without a status of success",
		respond: (response) => response.writeHead(204).end(),
		reason: "http-status",
		message: /answered 204/,
	},
	{
		name: "a part of the list",
		respond: (response) => response.writeHead(206, { "Content-Range": "bytes 0-1/9" }).end("ab"),
		reason: "http-status",
		message: /answered 206/,
	},
];

for (const { name, respond, given, reason, message } of HOSTILE) {
	test(`hostile: ${name}`, async (t) => {
		const server = await serveLists(t, (_request, response) => respond(response));
		const error = await fails(t, request(t, server.url), given ?? {}, reason, message);
		t.notMatch(error.message, /banner|malware\.example/, "says nothing that the server said");
	});
}
