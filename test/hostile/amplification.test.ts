/** Amplification: what goes to an address that may be a victim's, and an open resolver's operator is told. */
import { test } from "tap";
import { Authority, bigText } from "../scenario/authority.ts";
import { ask, askName, connectedUdp, Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { question, TYPE } from "../scenario/message.ts";
import { metric, until } from "./resources.ts";

const QUESTIONS = 1000;
const WAVE = 100;

test("a flood in a victim's name: limited in number, what is left is small, the victim itself gets on over TCP", async (t) => {
	const authority = await Authority.start(t);
	authority.set("big.example", TYPE.TXT, ...bigText(1100));
	const cordon = await Cordon.start(
		t,
		settings(authority.url, {
			workers: 1,
			access: { responseRateLimit: { responsesPerSecond: 10, errorsPerSecond: 10, window: "5s" } },
		}),
	);
	const [server = ""] = cordon.dns;
	t.ok((await ask(server, question("big.example", TYPE.TXT, 4096))).bytes.length > 1000);
	const victim = await connectedUdp(server);
	t.teardown(() => victim.close());
	let bytesOut = 0;
	victim.on("message", (bytes: Buffer) => {
		bytesOut += bytes.length;
	});
	let bytesIn = 0;
	for (let sent = 0; sent < QUESTIONS; sent += WAVE) {
		const before = await metric(cordon, "cordon_packets_received_total");
		for (let i = 0; i < WAVE; i++) {
			const packet = question("big.example", TYPE.TXT, 4096);
			bytesIn += packet.length;
			victim.send(packet);
		}
		await until(cordon, "cordon_packets_received_total", (count) => count >= before + WAVE);
	}
	const limited = await metric(cordon, "cordon_limited_total", /limit="response"/);
	t.ok(limited > QUESTIONS / 2, `${limited} of ${QUESTIONS} were limited`);
	const dropped = await metric(
		cordon,
		"cordon_limited_total",
		/limit="response",action="dropped"|action="dropped",limit="response"/,
	);
	t.ok(Math.abs(dropped * 2 - limited) <= 1, "every second one is dropped, every second one truncated");
	t.comment(`${bytesIn} bytes came, ${bytesOut} went to the victim`);
	const stream = await Stream.open(server);
	stream.send(question("big.example", TYPE.TXT));
	t.ok(((await stream.receive(1))[0]?.bytes.length ?? 0) > 1000);
});

test("no answer over UDP is larger than listen.udpMaxAnswer, whatever the client offers", async (t) => {
	const authority = await Authority.start(t);
	authority.set("huge.example", TYPE.TXT, ...bigText(60_000));
	const cordon = await Cordon.start(t, settings(authority.url));
	const [server = ""] = cordon.dns;
	for (const size of [512, 1232, 4096, 65_535]) {
		const reply = await ask(server, question("huge.example", TYPE.TXT, size));
		t.equal(reply.isTruncated, true);
		t.ok(reply.bytes.length < 100, `${reply.bytes.length} bytes for ${size}`);
	}
});

test("an open resolver is told to its operator once; a rate limit at reload answers it", async (t) => {
	const authority = await Authority.start(t);
	const access = { allow: ["0.0.0.0/0", "::/0"] };
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, access }));
	t.match(cordon.stderr, /WARN.*access\.allow lets everybody ask and no rate is limited: an open resolver/);
	t.equal(cordon.stderr.split("an open resolver").length, 2, "once");
	const from = cordon.now;
	await cordon.reload({ access: { rateLimit: { queriesPerSecond: 1, burst: 3, action: "drop" } } });
	t.notMatch(cordon.stderr.slice(from), /open resolver/);
	const [server = ""] = cordon.dns;
	const socket = await connectedUdp(server);
	t.teardown(() => socket.close());
	socket.on("message", () => {});
	for (let i = 0; i < 50; i++) socket.send(question("any.example"));
	await until(cordon, "cordon_limited_total", (count) => count >= 40, /limit="client"/);
	t.equal(
		await metric(cordon, "cordon_responses_total", /rcode="dropped"/),
		await metric(cordon, "cordon_limited_total"),
	);
	await cordon.reload({ access: { rateLimit: { queriesPerSecond: 0 } } });
	t.equal((await askName(server, "any.example")).rcode, 0, "off again");
});

test("a client with many ports reaches every worker, and is counted as one", async (t) => {
	const authority = await Authority.start(t);
	const burst = 40;
	const cordon = await Cordon.start(
		t,
		settings(authority.url, {
			workers: 4,
			access: { rateLimit: { queriesPerSecond: 1, burst } },
			blocking: { deny: ["blocked.example"] },
		}),
	);
	const [server = ""] = cordon.dns;
	for (let wave = 0; wave < 4; wave++) {
		const sockets = await Promise.all(Array.from({ length: 50 }, () => connectedUdp(server)));
		const heard = sockets.map((socket) => new Promise((resolve) => socket.once("message", resolve)));
		for (const socket of sockets) socket.send(question("blocked.example"));
		await Promise.all(heard);
		for (const socket of sockets) socket.close();
	}
	const answered = await metric(cordon, "cordon_responses_total", /via="blocked"/);
	const refused = await metric(cordon, "cordon_limited_total", /limit="client"/);
	t.equal(answered + refused, 200);
	// Each worker alone would have let through as many.
	t.ok(answered >= burst && answered < burst * 2, `${answered} of 200 were answered`);
});
