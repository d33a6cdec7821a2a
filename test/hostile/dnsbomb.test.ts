/**
 * DNSBomb (CVE-2024-33655): questions in a victim's name are collected at the resolver, held back by the attacker's own
 * name server, and answered all at once. What comes out at once has to be bounded in number and in time.
 */
import { test } from "tap";
import { connectedUdp, Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { question } from "../scenario/message.ts";
import { startServer } from "../upstream/server.ts";
import { a, reply } from "../wire/message.ts";
import { metric, until } from "./resources.ts";

const QUESTIONS = 600;
const WAVE = 100;
const MOST = 50;

async function collect(server: string, cordon: Cordon, name: (i: number) => string) {
	const victim = await connectedUdp(server);
	let good = 0;
	victim.on("message", (bytes: Buffer) => {
		if ((bytes.readUInt8(3) & 15) === 0) good++;
	});
	for (let wave = 0; wave < QUESTIONS; wave += WAVE) {
		const before = await metric(cordon, "cordon_packets_received_total");
		for (let i = wave; i < wave + WAVE; i++) victim.send(question(name(i)));
		await until(cordon, "cordon_packets_received_total", (count) => count >= before + WAVE);
	}
	return { victim, good: () => good };
}

test("a pulse is no larger than maxWaitingPerClient", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const cordon = await Cordon.start(
		t,
		settings(`udp://127.0.0.1:${upstream.port}`, {
			workers: 1,
			access: { maxWaitingPerClient: MOST, waitingExempt: [] },
			upstreams: { timeout: "20s", attempts: 1 },
		}),
	);
	// The same few names many times, as an attacker asks who wants large answers from few questions of its server.
	const { victim, good } = await collect(cordon.dns[0] ?? "", cordon, (i) => `bomb${i % 10}.example`);
	t.teardown(() => victim.close());
	t.equal(await metric(cordon, "cordon_askers_waiting"), MOST);
	t.equal(await metric(cordon, "cordon_limited_total", /limit="waiting"/), QUESTIONS - MOST);
	for (const { query, send } of upstream.arrivals) send(reply(query, { answer: [a("192.0.2.1")] }));
	await until(cordon, "cordon_askers_waiting", (waiting) => waiting === 0);
	t.equal(await metric(cordon, "cordon_responses_total", /via="upstream"/), MOST);
	t.ok(good() <= MOST, `${good()} answers`);
});

test("nothing that was held back for longer than discardAfter comes out over UDP", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const cordon = await Cordon.start(
		t,
		settings(`udp://127.0.0.1:${upstream.port}`, {
			workers: 1,
			access: { discardAfter: "50ms", maxWaitingPerClient: 0 },
			upstreams: { timeout: "20s", attempts: 1 },
		}),
	);
	const [server = ""] = cordon.dns;
	const { victim, good } = await collect(server, cordon, (i) => `bomb${i % 10}.example`);
	t.teardown(() => victim.close());
	const stream = await Stream.open(server);
	stream.send(question("bomb0.example"));
	await until(cordon, "cordon_askers_waiting", (waiting) => waiting === QUESTIONS + 1);
	// The attack itself: its server waits.
	await new Promise((resolve) => setTimeout(resolve, 200));
	for (const { query, send } of upstream.arrivals) send(reply(query, { answer: [a("192.0.2.1")] }));
	await stream.receive(1);
	await until(cordon, "cordon_askers_waiting", (waiting) => waiting === 0);
	t.equal(await metric(cordon, "cordon_limited_total", /limit="late"/), QUESTIONS);
	t.equal(await metric(cordon, "cordon_responses_total", /via="upstream"/), 1, "the one over TCP");
	t.equal(good(), 0);
	victim.send(question("bomb3.example"));
	await until(cordon, "cordon_responses_total", (count) => count === 1, /via="cache"/);
	// What was held back is in the cache; the gauge is brought up to date once a second.
	t.equal(await until(cordon, "cordon_cache_entries", (entries) => entries > 0), 10);
});
