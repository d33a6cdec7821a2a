/** dnstap as its receivers see it: fstrm_capture and dnstap-ldns, and one of our own that does not always behave. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { type Decoded, decodeDnstap } from "../scribe/dnstap/decoded.ts";
import { control, FINISH, PROPER, Receiver, socketPath } from "../scribe/dnstap/receiver.ts";
import { Authority, a, bigText } from "./authority.ts";
import { ask, askName, portOf, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, run, type Settings, settings } from "./cordon.ts";
import { question, TYPE } from "./message.ts";

const LOOPBACK = Buffer.of(127, 0, 0, 1);
const LOOPBACK_V6 = Buffer.concat([Buffer.alloc(15), Buffer.of(1)]);
const BLOCKED = Buffer.from("\x03bad\x07example\0", "latin1");

async function start(t: Test, dnstap: Settings, ...over: readonly Settings[]) {
	const authority = await Authority.start(t);
	authority.set("good.example", TYPE.A, a("192.0.2.7"));
	authority.set("big.example", TYPE.TXT, ...bigText(60_000));
	// One worker, for each has a cache of its own.
	const own = { blocking: { deny: ["bad.example"] }, log: { dnstap }, workers: 1 };
	const cordon = await Cordon.start(t, settings(authority.url, own, ...over));
	return { authority, cordon, server: cordon.dns[0] ?? "" };
}

/** `fstrm_capture`, from when it listens. */
async function capture(t: Test, path: string, into: string): Promise<ChildProcess> {
	const child = spawn("fstrm_capture", ["-t", "protobuf:dnstap.Dnstap", "-u", path, "-w", into, "-d", "-d"], {
		stdio: ["ignore", "ignore", "pipe"],
	});
	t.teardown(() => child.kill("SIGKILL"));
	let said = "";
	await new Promise<void>((resolve, reject) => {
		child.on("error", reject);
		child.on("exit", () => reject(new Error(said)));
		child.stderr?.setEncoding("utf8").on("data", (text: string) => {
			said += text;
			if (/opened output file/.test(said)) resolve();
		});
	});
	return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	const gone = once(child, "exit");
	child.kill(signal);
	await gone;
}

/** The data frames of a file of Frame Streams. */
function framesIn(path: string): readonly Decoded[] {
	const bytes = readFileSync(path);
	const frames: Decoded[] = [];
	for (let at = 0; at < bytes.length; ) {
		const size = bytes.readUInt32BE(at);
		const from = at + 4;
		if (size > 0) frames.push(decodeDnstap(bytes.subarray(from, from + size)));
		at = size > 0 ? from + size : from + 4 + bytes.readUInt32BE(from);
	}
	return frames;
}

function decoded(receiver: Receiver): readonly Decoded[] {
	return receiver.frames.map(decodeDnstap);
}

/** `CQ udp good.example`: the name from the message, in small letters. */
function summary({ type, protocol, query, response }: Decoded): string {
	const message = query ?? response ?? Buffer.alloc(0);
	const labels: string[] = [];
	for (let at = 12; message[at] > 0; at += 1 + message[at])
		labels.push(message.toString("latin1", at + 1, at + 1 + message[at]).toLowerCase());
	return `${type} ${protocol} ${labels.join(".")}`;
}

async function metric(cordon: Cordon, name: string): Promise<number> {
	const { body } = await cordon.get("/metrics");
	const line = body.split("\n").find((one) => one.startsWith(`${name} `));
	return Number(line?.slice(name.length + 1));
}

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
	const deadline = AbortSignal.timeout(20_000);
	while (!(await holds())) if (deadline.aborted) throw new Error(`waited in vain: ${what}`);
}

for (const udpEngine of ENGINES) {
	test(`fstrm_capture and dnstap-ldns, engine ${udpEngine}`, async (t) => {
		const path = socketPath(t);
		const file = join(folder(t), "taken.fstrm");
		const receiver = await capture(t, path, file);
		const to = { to: `unix:${path}`, identity: "node1.example" };
		const { cordon, authority } = await start(t, to, { listen: { udpEngine } });
		const [v4 = "", v6 = ""] = cordon.dns;
		await cordon.logged(/the receiver of dnstap is connected/);
		const bad = question("bad.example", TYPE.A, 1232);
		const answers = [
			await ask(v4, bad),
			await askName(v4, "good.example"),
			await askName(v4, "good.example"),
			await ask(v6, question("Good.Example")),
			await askName(v4, "big.example", TYPE.TXT),
		];
		t.ok(answers[4]?.isTruncated);
		const stream = await Stream.open(v6);
		stream.send(question("big.example", TYPE.TXT, 1232));
		const [big] = await stream.receive(1);
		stream.socket.destroy();
		await cordon.stop();
		await ended(receiver, "SIGTERM");

		const seen = framesIn(file);
		const clients = seen.filter(({ type }) => type === "CQ" || type === "CR");
		const client = (type: string, number: number) => clients.filter((one) => one.type === type)[number];
		t.strictSame(
			clients.map(summary).sort(),
			[
				...["udp bad", "udp good", "udp good", "udp good", "udp big", "tcp big"].flatMap((what) => [
					`CQ ${what}.example`,
					`CR ${what}.example`,
				]),
			].sort(),
		);
		t.strictSame(
			new Set(seen.map(({ identity, version }) => `${identity} ${version}`)),
			new Set([
				`node1.example cordon ${(await run("node", ["-p", "require('./package.json').version"])).stdout.trim()}`,
			]),
		);
		const responses = clients.filter(({ type }) => type === "CR");
		for (const [i, answer] of [...answers, big].entries())
			t.strictSame(responses[i]?.response, answer?.bytes, `response ${i} as it was sent`);
		const blocked = responses[0];
		t.match(blocked, {
			family: 4,
			queryAddress: LOOPBACK,
			responseAddress: LOOPBACK,
			responsePort: portOf(v4),
			policy: { type: "cordon", rule: "config", action: 6, match: 1, value: BLOCKED },
		});
		const asked = clients.find((one) => one.query?.equals(bad));
		t.equal(asked?.queryPort, blocked?.queryPort);
		t.equal(asked?.queryTime, blocked?.queryTime, "the response has the time of its query");
		t.ok((blocked?.responseTime ?? 0) >= (blocked?.queryTime ?? 1));
		t.ok(Math.abs((blocked?.responseTime ?? 0) * 1000 - Date.now()) < 600_000, "by the time of day");
		t.match(responses[3], { family: 6, queryAddress: LOOPBACK_V6, responseAddress: LOOPBACK_V6 });
		t.equal(responses[3]?.policy, undefined);
		t.equal(client("CQ", 0)?.policy, undefined);

		const forwarded = seen.filter(({ type }) => type === "FQ" || type === "FR");
		t.strictSame(
			forwarded.map(summary).sort(),
			["udp good", "udp big", "tcp big"]
				.flatMap((what) => [`FQ ${what}.example`, `FR ${what}.example`])
				.sort(),
		);
		const upstreamPort = Number(authority.url.split(":").at(-1));
		for (const one of forwarded)
			t.match(one, { responseAddress: LOOPBACK, responsePort: upstreamPort, queryAddress: undefined });
		t.ok(forwarded.every(({ type, queryPort }) => type === "FQ" || (queryPort ?? 0) > 0));

		const { stdout, stderr, code } = await run("dnstap-ldns", ["-r", file]);
		t.equal(code, 0, stderr);
		const lines = stdout.trimEnd().split("\n");
		t.equal(lines.length, seen.length);
		t.match(stdout, / CQ 127\.0\.0\.1 UDP \d+b "bad\.example\." IN A$/m);
		t.match(stdout, / CR ::1 TCP \d{5}b "big\.example\." IN TXT$/m);
		t.match(stdout, / CQ ::1 UDP \d+b "Good\.Example\." IN A$/m);
		t.match(stdout, / FR 127\.0\.0\.1 UDP \d+b "good\.example\." IN A$/im);
		const yaml = (await run("dnstap-ldns", ["-y", "-r", file])).stdout;
		t.match(yaml, /identity: "node1\.example"/);
		t.match(yaml, /bad\.example\.\s+10\s+IN\s+A\s+0\.0\.0\.0/);
	});
}

test("an address that packets tell, on a wildcard", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, PROPER, { path });
	const { server } = await start(t, { to: `unix:${path}` }, { listen: { dns: ["0.0.0.0:0", "[::]:0"] } });
	const port = portOf(server);
	await askName(`127.0.0.2:${port}`, "bad.example");
	await askName(`127.0.0.3:${port}`, "good.example");
	await receiver.has(6);
	t.strictSame(
		new Set(
			decoded(receiver)
				.filter(({ type }) => type === "CQ" || type === "CR")
				.map((one) => `${summary(one)} ${one.responseAddress?.join(".")}:${one.responsePort}`),
		),
		new Set([
			`CQ udp bad.example 127.0.0.2:${port}`,
			`CR udp bad.example 127.0.0.2:${port}`,
			`CQ udp good.example 127.0.0.3:${port}`,
			`CR udp good.example 127.0.0.3:${port}`,
		]),
	);
});

test("a receiver that is killed and started again", async (t) => {
	const path = socketPath(t);
	const directory = folder(t);
	const first = await capture(t, path, join(directory, "first.fstrm"));
	const { cordon, server } = await start(t, { to: `unix:${path}` });
	await cordon.logged(/the receiver of dnstap is connected/);
	await askName(server, "bad.example");
	await until(async () => (await metric(cordon, "cordon_dnstap_frames_total")) === 2, "two frames");
	t.equal(await metric(cordon, "cordon_dnstap_up"), 1);
	const from = cordon.now;
	await ended(first, "SIGKILL");
	await cordon.logged(/WARN .*there is no connection to the receiver of dnstap.* to=unix:.*why=/, from);
	t.equal(await metric(cordon, "cordon_dnstap_up"), 0);
	await askName(server, "good.example");

	const second = await capture(t, path, join(directory, "second.fstrm"));
	await cordon.logged(/INFO .*the receiver of dnstap is connected/, from);
	await askName(server, "bad.example");
	await cordon.stop();
	await ended(second, "SIGTERM");
	t.strictSame(
		framesIn(join(directory, "second.fstrm")).map(summary).sort(),
		["CQ udp bad", "CQ udp good", "CR udp bad", "CR udp good", "FQ udp good", "FR udp good"].map(
			(what) => `${what}.example`,
		),
		"what came between waited",
	);
});

test("a receiver that reads no more: answers go on, what is too much is counted", async (t) => {
	const path = socketPath(t);
	const receiver = await Receiver.listen(t, { ...PROPER, isDeaf: true }, { path });
	const { cordon, server } = await start(t, { to: `unix:${path}`, buffer: "256KiB" });
	await cordon.logged(/the receiver of dnstap is connected/);
	const stream = await Stream.open(server);
	const dropped = () => metric(cordon, 'cordon_dnstap_dropped_total{reason="slow"}');
	let asked = 0;
	await until(async () => {
		for (let i = 0; i < 5; i++) stream.send(question("big.example", TYPE.TXT, 1232));
		asked += 5;
		await stream.receive(asked);
		return (await dropped()) > 0;
	}, "drops");
	t.match((await askName(server, "bad.example")).rcode, 0);
	t.equal(await metric(cordon, "cordon_dnstap_up"), 1);
	stream.socket.destroy();

	for (const socket of receiver.sockets) socket.resume();
	await until(async () => {
		const all = asked * 2 + 2 + 4;
		return (await metric(cordon, "cordon_dnstap_frames_total")) + (await dropped()) === all;
	}, "every message either sent or counted");
	const sent = await metric(cordon, "cordon_dnstap_frames_total");
	await receiver.has(sent);
	await cordon.stop();
	t.equal(receiver.frames.length, sent);
});

test("another content type is told of once, and found out when it is mended", async (t) => {
	const path = socketPath(t);
	const accept = control(1, "protobuf:something.else");
	const receiver = await Receiver.listen(t, { accept, finish: FINISH }, { path });
	const { cordon, server } = await start(t, { to: `unix:${path}` });
	const [line] = await cordon.logged(/^.*no connection to the receiver of dnstap.*\n/m);
	t.match(line, /why="the receiver takes no protobuf:dnstap\.Dnstap, but protobuf:something\.else"/);
	await receiver.until(() => receiver.connections >= 3, "tried again");
	t.equal(cordon.stderr.match(/no connection to the receiver/g)?.length, 1);
	receiver.behaviour = PROPER;
	await askName(server, "bad.example");
	await receiver.has(2);
	t.strictSame(decoded(receiver).map(summary), ["CQ udp bad.example", "CR udp bad.example"]);
});

test("a reload: on, over TCP, fewer messages, another receiver, and off", async (t) => {
	const one = await Receiver.listen(t, PROPER, { host: "127.0.0.1", port: 0 });
	const { cordon, server } = await start(t, { to: "off" });
	const reload = async (dnstap: Settings) => {
		t.match(await cordon.reload({ log: { dnstap } }), /reloaded/);
	};
	await askName(server, "bad.example");
	t.notOk((await cordon.get("/metrics")).body.includes("cordon_dnstap_up 1"));

	await reload({ to: `127.0.0.1:${one.port}`, identity: "first" });
	await askName(server, "bad.example");
	await one.has(2);
	await reload({ messages: ["client-response"], only: ["blocked"] });
	await askName(server, "good.example");
	await askName(server, "bad.example");
	await one.has(3);
	t.equal(one.connections, 1, "the connection stays");
	t.strictSame(decoded(one).map(summary).slice(2), ["CR udp bad.example"]);

	const path = socketPath(t);
	const two = await Receiver.listen(t, PROPER, { path });
	await reload({ to: `unix:${path}`, identity: "", version: "" });
	await one.until(() => one.sockets.size === 0, "the first is left");
	t.equal(one.controls.at(-1), "000000000000000400000003", "with STOP");
	await askName(server, "bad.example");
	await two.has(1);
	t.match(decoded(two)[0], { identity: undefined, version: undefined, type: "CR" });
	t.equal(one.frames.length, 3);

	await reload({ to: "off" });
	await two.until(() => two.sockets.size === 0, "the second is left");
	await askName(server, "bad.example");
	t.equal(await metric(cordon, "cordon_dnstap_up"), 0);
	t.equal(await metric(cordon, "cordon_dnstap_frames_total"), 4);
	await cordon.stop();
	t.equal(two.frames.length, 1);
});
