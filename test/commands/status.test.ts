import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Test, test } from "tap";
import { createAdmin } from "../../src/admin/server.ts";
import { formatSpan } from "../../src/commands/status/print.ts";
import { status } from "../../src/commands/status.ts";
import { createLog } from "../../src/observe/log.ts";
import { createMetrics } from "../../src/observe/metrics.ts";
import { FakeNode, STATUS } from "../observe/fake-node.ts";

async function run(...argv: string[]) {
	let stdout = "";
	let stderr = "";
	const code = await status(argv, {
		stdout: { write: (text) => (stdout += text) },
		stderr: { write: (text) => (stderr += text) },
	});
	return { code, stdout, stderr };
}

async function serving(t: Test) {
	const node = new FakeNode();
	const log = createLog({ level: "info", format: "text", write: () => {} });
	const admin = createAdmin({ view: node, metrics: createMetrics({ view: node, process: false }), log });
	const { port } = await admin.listen("127.0.0.1", 0);
	t.teardown(() => admin.close());
	return { node, port };
}

test("prints how it does; 0 when ready", async (t) => {
	const { port } = await serving(t);
	const { code, stdout, stderr } = await run("--admin", `http://127.0.0.1:${port}`);
	t.equal(stderr, "");
	t.equal(code, 0);
	for (const said of [
		/^Cordon 0\.1\.0, up .*: ready\n/,
		/answers on {2}127\.0\.0\.1:5300, \[::1\]:5300\n/,
		/workers {5}1 of 2 \(batch\), 2 restarts\n/,
		/blocks {6}1,000,123 domains, 12 allowed, 3 networks, 32\.0 MiB\n/,
		/malicious {2}held {5}1,000,000 blocked .*2 bad lines\n {4}lost 61 % of its names/,
		/udp:\/\/192\.0\.2\.1:53 {2}up /,
		/udp:\/\/192\.0\.2\.2:53 {2}not asked yet /,
	]) {
		t.match(stdout, said);
	}
});

test("1 when not ready; JSON on demand; nothing steers the terminal", async (t) => {
	const { port, node } = await serving(t);
	node.current = { ...STATUS, ready: false, waitingFor: "lists\u001b[2J\nForged: ready" };
	const text = await run("--admin", `127.0.0.1:${port}`);
	t.equal(text.code, 1);
	t.match(text.stdout, String.raw`not ready: lists\x1b[2J\x0aForged: ready`);
	const json = await run("--admin", `127.0.0.1:${port}`, "--json");
	t.equal(json.code, 1);
	t.match(JSON.parse(json.stdout), { status: { version: "0.1.0", ready: false }, summary: { queries: 0 } });
});

test("2 when it cannot be asked, with what to do", async (t) => {
	const free = createServer();
	await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
	const { port } = free.address() as AddressInfo;
	free.on("request", (request, response) => {
		response.end(request.url?.endsWith("status") ? "<h1>It works!</h1>" : "[]");
	});
	const other = await run("--admin", `http://127.0.0.1:${port}`);
	t.equal(other.code, 2);
	t.match(other.stderr, /is not the admin server of Cordon/);
	await new Promise((resolve) => {
		free.closeAllConnections();
		free.close(resolve);
	});
	const none = await run("--admin", `http://127.0.0.1:${port}`);
	t.equal(none.code, 2);
	t.match(
		none.stderr,
		new RegExp(`cannot ask http://127\\.0\\.0\\.1:${port}: nothing listens there.*npm start`),
	);
});

test("finds the admin server through the configuration", async (t) => {
	const { port } = await serving(t);
	const folder = t.testdir({});
	const file = join(folder, "cordon.yaml");
	await writeFile(file, `listen:\n  admin: 0.0.0.0:${port}\n`);
	t.equal((await run("--config", file)).code, 0);
	await writeFile(file, "listen:\n  admin: false\n");
	const off = await run("--config", file);
	t.equal(off.code, 1);
	t.match(off.stderr, /listen\.admin: false/);
});

test("wrong usage and help", async (t) => {
	t.match(await run("--help"), { code: 0, stdout: /^Usage: cordon status/ });
	t.match(await run("--nonsense"), { code: 1, stderr: /--nonsense/ });
	t.match(await run("--admin", "http://"), { code: 1, stderr: /no address/ });
	t.match(await run("--admin", "127.0.0.1", "--config", "x"), { code: 1, stderr: /give one of them/ });
});

test("lengths of time", async (t) => {
	for (const [ms, text] of [
		[-5, "0 s"],
		[400, "0 s"],
		[59_000, "59 s"],
		[61_000, "1 min 1 s"],
		[3_600_000, "1 h"],
		[90_061_000, "1 d 1 h"],
	] as const) {
		t.equal(formatSpan(ms), text);
	}
});
