/** Floods whose sender never reads an answer: what is held for all of them together is bounded. */
import { test } from "tap";
import { Authority, bigText } from "../scenario/authority.ts";
import { Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { question, TYPE } from "../scenario/message.ts";
import { FEW, look, megabytes, metric, until } from "./resources.ts";

const MOST_HELD = 1 << 20;

test("many connections that ask for much and read nothing", async (t) => {
	const authority = await Authority.start(t);
	authority.set("big.example", TYPE.TXT, ...bigText(60_000));
	const tcp = { maxHeld: `${MOST_HELD}B`, maxConnectionsPerClient: 1000, idleTimeout: "1m" };
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, listen: { tcp } }));
	const [server = ""] = cordon.dns;
	const honest = await Stream.open(server);
	honest.send(question("big.example", TYPE.TXT));
	await honest.receive(1);
	const before = look(cordon);

	const greedy = await Promise.all(Array.from({ length: 100 }, () => Stream.open(server)));
	const questions = Array.from({ length: 200 }, () => question("big.example", TYPE.TXT));
	for (const { socket } of greedy) socket.pause();
	let most = 0;
	for (const stream of greedy) {
		if (!stream.socket.destroyed) stream.send(...questions);
		most = Math.max(most, await metric(cordon, "cordon_tcp_held_bytes"));
	}
	await until(cordon, "cordon_tcp_connections_overfull_total", (closed) => closed > 0);
	const during = look(cordon);
	most = Math.max(most, await metric(cordon, "cordon_tcp_held_bytes"));
	t.ok(most > 0 && most <= MOST_HELD, `${most} bytes were held at most`);
	t.ok(
		during.memory < before.memory + 100e6,
		`memory ${megabytes(before.memory)}, then ${megabytes(during.memory)}`,
	);

	for (let i = 2; i < 30; i++) {
		honest.send(question("big.example", TYPE.TXT));
		t.equal((await honest.receive(i))[i - 1]?.answers.length, 223, "whoever reads is served meanwhile");
	}
	t.notOk(honest.socket.destroyed);

	for (const { socket } of greedy) socket.destroy();
	await until(cordon, "cordon_tcp_connections", (open) => open === 1);
	await until(cordon, "cordon_tcp_held_bytes", (held) => held === 0);
	const after = look(cordon);
	t.ok(after.descriptors <= before.descriptors + FEW);
	t.comment(`memory ${[before, during, after].map(({ memory }) => megabytes(memory)).join(", ")}`);
});

test("questions that have to wait are held, and count", async (t) => {
	const authority = await Authority.start(t);
	const release = authority.hold("slow.any.example");
	const tcp = { maxHeld: "64KiB", maxInFlight: 10, maxConnectionsPerClient: 1000 };
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, listen: { tcp } }));
	const [server = ""] = cordon.dns;
	// More than a connection may have in flight, in one segment: the rest is read and waits.
	const questions = Array.from({ length: 300 }, () => question("slow.any.example"));
	const all: Stream[] = [];
	for (let i = 0; i < 40; i++) {
		const stream = await Stream.open(server);
		stream.send(...questions);
		all.push(stream);
	}
	await until(cordon, "cordon_tcp_connections_overfull_total", (closed) => closed > 0);
	t.ok((await metric(cordon, "cordon_tcp_held_bytes")) <= 64 << 10);
	release();
	const left = all.filter(({ socket }) => !socket.destroyed);
	const answered = await Promise.all(left.map((stream) => stream.receive(300).catch(() => [])));
	t.ok(
		answered.some((replies) => replies.length === 300),
		"those that had no more than their share get all",
	);
	for (const { socket } of all) socket.destroy();
	await until(cordon, "cordon_tcp_connections", (open) => open === 0);
	t.equal(await metric(cordon, "cordon_tcp_held_bytes"), 0);
});
