/** Random subdomains, so that nothing is known and every question waits for an upstream that does not answer. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Test, test } from "tap";
import { ask, askName, connectedUdp } from "../scenario/client.ts";
import { Cordon, ENGINES, settings } from "../scenario/cordon.ts";
import { address, question } from "../scenario/message.ts";
import { startServer, type UpstreamServer } from "../upstream/server.ts";
import { a, reply } from "../wire/message.ts";
import { FEW, look, megabytes, metric, until } from "./resources.ts";

const MOST_FLIGHTS = 64;
const WAVES = 20;
const WAVE = 100;

/** Answers for names below `known.example` only. */
function halfDead(t: Test): Promise<UpstreamServer> {
	return startServer(t, ({ query, name }) =>
		name.endsWith("known.example") ? reply(query, { answer: [a("192.0.2.1")] }) : undefined,
	);
}

for (const engine of ENGINES) {
	test(`cached and blocked answers flow while questions are shed, engine ${engine}`, async (t) => {
		const upstream = await halfDead(t);
		const cordon = await Cordon.start(
			t,
			settings(`udp://127.0.0.1:${upstream.port}`, {
				workers: 1,
				listen: { udpEngine: engine },
				upstreams: { maxInFlight: MOST_FLIGHTS, timeout: "2s", attempts: 1 },
				blocking: { deny: ["blocked.example"] },
			}),
		);
		const [server = ""] = cordon.dns;
		t.equal(address(await askName(server, "known.example")), "192.0.2.1");
		const before = look(cordon);
		const received = await metric(cordon, "cordon_packets_received_total");

		const attacker = await connectedUdp(server);
		t.teardown(() => attacker.close());
		attacker.on("message", () => {});
		let most = 0;
		for (let wave = 0; wave < WAVES; wave++) {
			for (let i = 0; i < WAVE; i++) attacker.send(question(`x${wave}-${i}.random.example`));
			// Neither waits for the flood, nor for the upstream.
			t.equal(address(await askName(server, "known.example")), "192.0.2.1");
			t.equal(address(await askName(server, "www.blocked.example")), "0.0.0.0");
			most = Math.max(most, await metric(cordon, "cordon_flights"));
		}
		await until(cordon, "cordon_packets_received_total", (count) => count >= received + (WAVES * WAVE) / 2);
		t.ok(most > 0 && most <= MOST_FLIGHTS, `${most} flights at most`);
		const during = look(cordon);
		t.ok((await metric(cordon, "cordon_flights_shed_total")) > 0);
		t.equal(
			await metric(cordon, "cordon_responses_total", /via="cache"/),
			WAVES,
			"each of them from the cache",
		);
		t.ok(
			during.memory < before.memory + 60e6,
			`memory ${megabytes(before.memory)}, then ${megabytes(during.memory)}`,
		);

		await until(cordon, "cordon_flights", (flights) => flights === 0);
		t.equal(await metric(cordon, "cordon_askers_waiting"), 0);
		t.equal(address(await askName(server, "new.known.example")), "192.0.2.1", "all is as before");
		const after = look(cordon);
		t.ok(after.descriptors <= before.descriptors + FEW);
		t.comment(`memory ${[before, during, after].map(({ memory }) => megabytes(memory)).join(", ")}`);
	});
}

test("one client does not take the room of all: maxWaitingPerClient below maxInFlight", async (t) => {
	const upstream = await startServer(t, ({ query, name }) =>
		name.endsWith("known.example") ? reply(query, { answer: [a("192.0.2.1")] }) : undefined,
	);
	const cordon = await Cordon.start(
		t,
		settings(`udp://127.0.0.1:${upstream.port}`, {
			access: { maxWaitingPerClient: 20, waitingExempt: [] },
			upstreams: { maxInFlight: MOST_FLIGHTS, timeout: "10s", attempts: 1 },
		}),
	);
	const [server = ""] = cordon.dns;
	// From many ports, which leads to both workers.
	for (let i = 0; i < 100; i++) {
		const socket = await connectedUdp(server);
		socket.send(question(`x${i}.random.example`));
		socket.once("message", () => socket.close());
		t.teardown(() => {
			try {
				socket.close();
			} catch {
				// It was answered, and closed.
			}
		});
	}
	await until(cordon, "cordon_limited_total", (count) => count >= 60, /limit="waiting"/);
	t.ok((await metric(cordon, "cordon_flights")) <= 40, "two workers that count together, but for a moment");
	t.equal(await metric(cordon, "cordon_flights_shed_total"), 0);
	t.equal((await ask(server, question("new.known.example"))).rcode, 2, "the client itself has to wait");

	const [, port = ""] = server.split(":");
	const other = createSocket("udp4");
	other.bind(0, "127.0.0.2");
	await once(other, "listening");
	t.teardown(() => other.close());
	const heard = once(other, "message") as Promise<[Buffer]>;
	other.send(question("new.known.example"), Number(port), "127.0.0.1");
	const [bytes] = await heard;
	t.equal(bytes.readUInt8(3) & 15, 0, "another client is served");
});
