/** Lists over HTTPS: a server is believed only when its certificate holds. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Test, test } from "tap";
import { Authority, type Certified } from "./certificate.ts";
import { BODY, fails, request } from "./download-asked.ts";

const HOST = "lists.example.org";
const CLIENT = fileURLToPath(new URL("https-client.js", import.meta.url));

/** The URL of a list on this server; all names lead to 127.0.0.1. */
async function listening(t: Test, server: Server): Promise<string> {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => server.close());
	return `https://${HOST}:${(server.address() as AddressInfo).port}/list.txt`;
}

async function serveWith(t: Test, certified: Certified): Promise<string> {
	return await listening(
		t,
		createServer({ ...certified }, (_request, response) => {
			response.setHeader("Connection", "close");
			response.end(BODY);
		}),
	);
}

/** What a process makes of the URLs that trusts this authority. */
async function downloadTrusting(
	t: Test,
	authority: Authority,
	urls: readonly string[],
): Promise<readonly unknown[]> {
	const folder = t.testdir({});
	const trusted = join(folder, "authority.pem");
	writeFileSync(trusted, authority.cert);
	// The test runner's hooks are not for it.
	const { NODE_OPTIONS: _, ...env } = process.env;
	const child = spawn(process.execPath, [CLIENT, folder, ...urls], {
		env: { ...env, NODE_EXTRA_CA_CERTS: trusted },
		stdio: ["ignore", "pipe", "inherit"],
	});
	t.teardown(() => child.kill("SIGKILL"));
	const outcomes = (await json(child.stdout)) as readonly unknown[];
	t.equal(outcomes.length, urls.length);
	const last = outcomes.at(-1);
	if (typeof last === "object" && last !== null && "kind" in last)
		t.equal(readFileSync(join(folder, "download"), "utf8"), BODY);
	return outcomes;
}

test("a certificate that nobody we trust has signed", async (t) => {
	const authority = new Authority("An authority of one's own");
	const advice = /; if it is meant, start Cordon with NODE_EXTRA_CA_CERTS=FILE, the PEM of who signed it$/;
	const asked = request(t, await serveWith(t, authority.certify({ host: HOST })));
	const error = await fails(
		t,
		asked,
		{},
		"network",
		/: its TLS certificate is signed by nobody this machine trusts/,
	);
	t.match(error.message, /\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)/);
	t.match(error.message, advice);
	t.ok(error.message.startsWith(`list a-list: ${asked.url}: `));

	const selfSigned = authority.certifySelf({ host: HOST });
	const again = await fails(t, request(t, await serveWith(t, selfSigned)), {}, "network", advice);
	t.match(again.message, /signed by nobody this machine trusts \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
});

test("certificates of an authority that is trusted", async (t) => {
	const authority = new Authority("An authority of one's own");
	const wanted = {
		expired: { host: HOST, from: -2, to: -1 },
		early: { host: HOST, from: 1, to: 2 },
		otherHost: { host: "other.example.org" },
		good: { host: HOST },
	};
	const urls: string[] = [];
	for (const each of Object.values(wanted)) urls.push(await serveWith(t, authority.certify(each)));
	const [expired, early, otherHost, good] = await downloadTrusting(t, authority, urls);
	t.match(expired, {
		reason: "network",
		message: /: its TLS certificate is not valid today \(CERT_HAS_EXPIRED\); check the clock/,
	});
	t.match(early, {
		reason: "network",
		message: /: its TLS certificate is not valid today \(CERT_NOT_YET_VALID\); check the clock/,
	});
	t.match(otherHost, {
		reason: "network",
		message: /: its TLS certificate is for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\); check the URL/,
	});
	t.match(good, { kind: "downloaded", stored: { bytes: BODY.length } });
	const stranger = new Authority("Another authority");
	t.match(await downloadTrusting(t, stranger, urls.slice(3)), [
		{ reason: "network", message: /signed by nobody this machine trusts/ },
	]);
});

test("what answers is no TLS", async (t) => {
	const plain = createPlainServer((_request, response) => response.end(BODY));
	const url = await listening(t, plain);
	await fails(
		t,
		request(t, url),
		{},
		"network",
		/: its server does not speak TLS as it should \(\w+\); check scheme/,
	);
	const mute = createTcpServer((socket) => socket.destroy());
	await fails(
		t,
		request(t, await listening(t, mute)),
		{},
		"network",
		/: no answer \(ECONNRESET\); check that the server/,
	);
});
