import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Test, test } from "tap";
import { ADMIN, CERT, READER } from "./fake-desk.ts";
import { isProblem, serving, until } from "./pool-server.ts";

const LINES = 50_000;

function line(i: number): string {
	return `${JSON.stringify({ domain: `d${i}.example`, category: "malware", reason: "r".repeat(60) })}\n`;
}

function* ndjson(count: number): Generator<string> {
	for (let i = 0; i < count; i += 500) {
		let piece = "";
		for (let j = i; j < Math.min(i + 500, count); j++) piece += line(j);
		yield piece;
	}
}

/** A request to give contributions as NDJSON, whose body is still to be sent. */
function uploading(t: Test, port: number, headers: Readonly<Record<string, string>> = {}) {
	const request: ClientRequest = httpRequest({
		...{ host: "127.0.0.1", port, path: "/api/v1/contributions", method: "POST", agent: false },
		headers: { authorization: `Bearer ${ADMIN}`, "content-type": "application/x-ndjson", ...headers },
	});
	const response = new Promise<IncomingMessage>((resolve, reject) => {
		request.on("response", resolve).on("error", reject);
	});
	response.catch(() => {});
	t.teardown(() => request.destroy());
	return { request, response };
}

async function textOf(response: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of response) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString();
}

/** Bytes as they are; `said` is all that came back so far. */
function rawClient(t: Test, port: number, bytes: string) {
	const socket: Socket = connect(port, "127.0.0.1", () => socket.write(bytes));
	const client = { socket, said: "", closed: false };
	socket.on("data", (chunk) => {
		client.said += chunk.toString("latin1");
	});
	socket.on("error", () => {});
	socket.on("close", () => {
		client.closed = true;
	});
	t.teardown(() => socket.destroy());
	return client;
}

const HEAD =
	`POST /api/v1/contributions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN}\r\n` +
	"content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n";

test("50,000 lines are taken while they arrive, and each has its verdict", async (t) => {
	const { port, desk } = await serving(t);
	const { request, response } = uploading(t, port, { accept: "application/x-ndjson" });
	request.write(line(0));
	await until(() => desk.taken === 1, "the first line is judged while the others are still to come");
	await pipeline(Readable.from(ndjson(LINES)), request);
	const answer = await response;
	t.equal(answer.statusCode, 200);
	const verdicts = (await textOf(answer)).trimEnd().split("\n");
	t.equal(verdicts.length, LINES + 2);
	t.match(JSON.parse(verdicts[LINES]), { line: LINES + 1, domain: `d${LINES - 1}.example` });
	t.match(JSON.parse(verdicts[LINES + 1]), {
		summary: { counts: { lines: LINES + 1, added: LINES, replaced: 1 } },
	});
	t.equal(desk.kept.size, LINES);
});

test("the body is read no faster than it is judged", async (t) => {
	const { port, desk } = await serving(t);
	let open: () => void = () => {};
	const gate = new Promise<void>((resolve) => {
		open = resolve;
	});
	desk.before = () => gate;
	const { request, response } = uploading(t, port);
	let sent = 0;
	const total = Buffer.byteLength([...ndjson(LINES)].join(""));
	const sending = pipeline(
		Readable.from(ndjson(LINES)).on("data", (piece: string) => {
			sent += piece.length;
		}),
		request,
	);
	await until(() => desk.asked.length === 1, "the batch has been begun");
	await until(() => sent > 100_000, "something has been sent");
	await new Promise((resolve) => setImmediate(resolve));
	t.ok(request.socket?.writableNeedDrain ?? true, "the client has to wait");
	t.ok(request.writableLength + (request.socket?.bytesWritten ?? 0) < total, "not all of it has been taken");
	open();
	await sending;
	t.match(JSON.parse(await textOf(await response)), { counts: { added: LINES } });
});

test("a client that hangs up in the middle: nothing of its batch is taken, others are served", async (t) => {
	const { port, desk, api, lines } = await serving(t);
	for (const encoding of ["identity", "gzip"]) {
		const asked = desk.asked.length;
		const { request } = uploading(t, port, { "content-encoding": encoding });
		request.on("error", () => {});
		request.write(encoding === "gzip" ? Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]) : line(1));
		await until(() => desk.asked.length > asked, "the batch has been begun");
		request.destroy();
		await until(() => desk.brokenOff !== undefined, "the desk is told");
		t.match(desk.brokenOff, { name: "HungUp" }, encoding);
		desk.brokenOff = undefined;
	}
	t.equal(desk.kept.size, 0);
	t.equal((await api("/members")).status, 200);
	t.notOk(
		lines.some((said) => /ERROR|WARN/.test(said)),
		"it is no fault of ours",
	);
	desk.taken = 0;
	const again = uploading(t, port);
	again.request.end(line(1));
	t.match(
		JSON.parse(await textOf(await again.response)),
		{ counts: { added: 1 } },
		"its place is free again",
	);
});

test("a body that trickles is cut off, with a reason", async (t) => {
	const { port, desk } = await serving(t, { intake: { graceMs: 100, bytesPerSecond: 1_000_000 } });
	const client = rawClient(t, port, `${HEAD}\r\n1\r\n{\r\n`);
	const drip = setInterval(() => client.socket.write("1\r\n \r\n"), 20);
	t.teardown(() => clearInterval(drip));
	await until(() => client.closed, "the connection is closed");
	t.match(client.said, /^HTTP\/1\.1 408 .*the body arrives too slowly: \d+ bytes so far/s);
	t.match(client.said, /connection: close/);
	t.match(desk.brokenOff, { name: "Refusal", status: 408 });
	t.equal(desk.kept.size, 0);
});

test("a small body that never comes is cut off as well", async (t) => {
	const { port, desk } = await serving(t, { intake: { graceMs: 50 } });
	const client = rawClient(
		t,
		port,
		`POST /api/v1/members HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN}\r\n` +
			"content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
	);
	await until(() => client.closed, "the connection is closed");
	t.match(client.said, /^HTTP\/1\.1 408 /);
	t.same(desk.asked, []);
});

test("a desk that takes its time is no fault of the client", async (t) => {
	const { port, desk } = await serving(t, { intake: { graceMs: 60, bytesPerSecond: 1_000_000_000 } });
	desk.before = () => new Promise((resolve) => setTimeout(resolve, 200));
	const { request, response } = uploading(t, port);
	request.end(line(1));
	t.equal((await response).statusCode, 200);
});

test("who asks first is asked for the body only when it will be taken", async (t) => {
	const { port, desk } = await serving(t);
	const expecting = `${HEAD}expect: 100-continue\r\nconnection: close\r\n\r\n`;
	const good = rawClient(t, port, expecting);
	await until(() => good.said !== "", "it is answered");
	t.equal(good.said, "HTTP/1.1 100 Continue\r\n\r\n");
	const body = line(1);
	good.socket.write(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
	await until(() => good.closed, "the answer is there");
	t.match(good.said, /"added":1/);
	for (const [bytes, status] of [
		[expecting.replace(ADMIN, "wrong"), 401],
		[expecting.replace("x-ndjson", "pdf"), 415],
		[expecting.replace("/contributions", "/contributions?x=1"), 400],
		[expecting.replace("/contributions", "/status"), 405],
	] as const) {
		const refused = rawClient(t, port, bytes);
		await until(() => refused.closed, "the connection is closed");
		t.match(refused.said, new RegExp(`^HTTP/1\\.1 ${status} `), "and not a byte of the body was asked for");
	}
	t.equal(desk.kept.size, 1);
});

test("a client that sends on though it was refused still reads why", async (t) => {
	const { port, desk } = await serving(t);
	for (const [headers, status] of [
		[{ authorization: "Bearer wrong" }, 401],
		[{ authorization: `Bearer ${READER}` }, 403],
		[{ "content-type": "text/csv" }, 415],
	] as const) {
		const { request, response } = uploading(t, port, headers);
		const sending = pipeline(Readable.from(ndjson(20_000)), request).catch(() => {});
		const answer = await response;
		t.equal(answer.statusCode, status);
		t.match(JSON.parse(await textOf(answer)), { status });
		await sending;
	}
	t.equal(desk.kept.size, 0);
});

test("a refused client that never ends its body is left in the end", async (t) => {
	const { port } = await serving(t);
	const client = rawClient(t, port, `${HEAD.replace("x-ndjson", "pdf")}\r\n`);
	const drip = setInterval(() => client.socket.write("1\r\n \r\n"), 50);
	t.teardown(() => clearInterval(drip));
	await until(() => client.closed, "the connection is closed");
	t.match(client.said, /^HTTP\/1\.1 415 /);
	const other = rawClient(
		t,
		port,
		"GET /healthz HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n",
	);
	const more = setInterval(() => other.socket.write("1\r\n \r\n"), 50);
	t.teardown(() => clearInterval(more));
	await until(() => other.closed, "a body where none is read does not hold it either");
	t.match(other.said, /^HTTP\/1\.1 200 /);
});

test("one member sends two batches at once, not more", async (t) => {
	const { port, desk, api } = await serving(t);
	const body = { domain: "a.example", category: "malware" };
	const open = [uploading(t, port), uploading(t, port)];
	for (const { request } of open) request.write("\n");
	await until(() => desk.asked.length === 2, "both have begun");
	const third = await api("/contributions", { body });
	isProblem(t, third, 429, /^admin is sending 2 batches already/);
	t.equal(third.headers["retry-after"], "5");
	t.equal((await api("/contributions", { body, token: CERT })).status, 201, "others are not hindered");
	for (const { request } of open) request.end(line(1));
	for (const { response } of open) t.equal((await response).statusCode, 200);
	t.equal((await api("/contributions", { body })).status, 201);
});

test("headers that are hostile", async (t) => {
	const { port, desk } = await serving(t);
	const get = (headers: string) =>
		rawClient(
			t,
			port,
			`GET /api/v1/members HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${headers}\r\n`,
		);
	for (const [headers, status] of [
		[`authorization: Bearer ${ADMIN}\r\nauthorization: Bearer wrong\r\n`, 200],
		["authorization: Bearer \x00\r\n", 400],
		[`authorization: Bearer ${ADMIN}\r\n x: folded\r\n`, 400],
		[`authorization: ${"Bearer ".repeat(2000)}\r\n`, 431],
		[`authorization: Bearer ${ADMIN}\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n`, 400],
		[`authorization: Bearer ${ADMIN}\r\ncontent-length: -1\r\n`, 400],
		[`authorization: Bearer ${ADMIN}\r\nexpect: miracles\r\n`, 417],
	] as const) {
		const client = get(headers);
		await until(
			() => client.closed,
			`the connection is closed after ${JSON.stringify(headers.slice(0, 60))}`,
		);
		t.match(client.said, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(headers.slice(0, 60)));
	}
	t.same(desk.asked, [["members", "admin"]]);
});
