import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "tap";
import { CERT, READER } from "../admin/fake-desk.ts";
import { node, run } from "./pool-terminal.ts";

test("whose token: the file's, the environment's, or the node's own", async (t) => {
	const { config, file, desk, port } = await node(t);
	const token = file("cert.token", `${CERT}\n`);
	const asked = () => desk.asked.at(-1);
	const env = { CORDON_TOKEN: READER };
	t.equal((await run("pool", ["held", "--config", config])).code, 0);
	await run("member", ["list", "--config", config]);
	t.same(asked(), ["members", "admin"]);
	await run("member", ["list", "--config", config], { env });
	t.same(asked(), ["members", "eyes"]);
	await run("member", ["list", "--config", config, "--token-file", token], { env });
	t.same(asked(), ["members", "cert"]);
	await run("member", ["list", "--admin", `127.0.0.1:${port}`], { env });
	t.same(asked(), ["members", "eyes"]);
	await run("member", ["list", "--admin", `http://127.0.0.1:${port}`, "--config", config]);
	t.same(asked(), ["members", "admin"], "the token of the node that the configuration is of");
});

test("the token of a node goes nowhere without being asked for", async (t) => {
	const { port } = await node(t);
	const ran = await run("member", ["list", "--admin", `127.0.0.1:${port}`]);
	t.match(ran, { code: 1, err: /with --admin, say who you are: --token-file FILE, or CORDON_TOKEN/ });
});

test("a token that is not there, may not be read, or is none", async (t) => {
	const { config, dataDir, file } = await node(t);
	const own = join(dataDir, "operator.token");
	const held = () => run("pool", ["held", "--config", config]);
	writeFileSync(own, "\n");
	t.match(await held(), { code: 1, err: /operator\.token has no token: its first line must be one/ });
	writeFileSync(own, "two words\n");
	t.match(await held(), { code: 1, err: /operator\.token has no token/ });
	if (process.getuid?.() !== 0) {
		chmodSync(own, 0);
		t.match(await held(), {
			code: 1,
			err: /may not be read by this user\. Run this as the user that the server runs as/,
		});
	}
	rmSync(own);
	t.match(await held(), {
		code: 1,
		err: /operator\.token is not there\. Is the server running, with this configuration\?/,
	});
	const missing = ["held", "--config", config, "--token-file", "/nowhere/token"];
	t.match(await run("pool", missing), {
		code: 1,
		err: /\/nowhere\/token is not there\. Correct --token-file/,
	});
	const env = { CORDON_TOKEN: "two words" };
	t.match(await run("pool", ["held", "--config", config], { env }), {
		code: 1,
		err: /CORDON_TOKEN has no token/,
	});
	const wrong = ["held", "--config", config, "--token-file", file("wrong", "wrong\n")];
	t.match(await run("pool", wrong), {
		code: 1,
		err: /nobody has this token.*\(the token is from .*wrong\)\n/,
	});
});

test("a pool that is off, an admin server that is off", async (t) => {
	const { file } = await node(t);
	const off = file("off.yaml", "pool:\n  store: off\n");
	t.match(await run("pool", ["held", "--config", off]), { code: 1, err: /off\.yaml has pool\.store: off/ });
	const silent = file("silent.yaml", "listen:\n  admin: false\n");
	const env = { CORDON_TOKEN: "x" };
	t.match(await run("pool", ["held", "--config", silent], { env }), { code: 1, err: /listen\.admin: false/ });
	await t.rejects(run("pool", ["held", "--config", file("bad.yaml", "pool: 7\n")]), { name: "ConfigError" });
	t.match(await run("pool", ["held", "--admin", "http://"], { env }), {
		code: 1,
		err: /--admin http:\/\/ is no address/,
	});
});

test("2 when nobody answers, or a stranger does", async (t) => {
	const stranger = createServer((request, response) => {
		if (request.url?.includes("opinion")) response.writeHead(404).end('{"error":"\u001b[2J"}');
		else response.end("<h1>It works!</h1>");
	});
	await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
	const { port } = stranger.address() as AddressInfo;
	const ask = (...argv: string[]) =>
		run("pool", [...argv, "--admin", `127.0.0.1:${port}`], { env: { CORDON_TOKEN: "x" } });
	for (const argv of [["held"], ["show", "a.example"], ["add", "a.example"], ["status"]]) {
		t.match(await ask(...argv), { code: 2, err: /is not the admin server of Cordon|cannot ask/ }, argv[0]);
	}
	await new Promise((resolve) => {
		stranger.closeAllConnections();
		stranger.close(resolve);
	});
	t.match(await ask("held"), { code: 2, err: /nothing listens there\. Is Cordon running\?/ });
	t.match(await ask("add", "a.example"), { code: 2, err: /nothing listens there/ });
});
