/** Connections that do as little as they can: slow-loris, silence, half-closed ones (RFC 7766, section 6.2.3; RFC 9210). */
import { test } from "tap";
import { Authority } from "../scenario/authority.ts";
import { portOf, Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { address, question } from "../scenario/message.ts";
import { descriptorsOf, FEW, halfDead, look, megabytes, metric, until } from "./resources.ts";

const MANY = 200;

test("slow-loris: a question byte by byte never becomes one, and its connection goes", async (t) => {
	const authority = await Authority.start(t);
	const tcp = { firstByteTimeout: "300ms", idleTimeout: "300ms", maxConnectionsPerClient: 1000 };
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, listen: { tcp } }));
	const [server = ""] = cordon.dns;
	const honest = await Stream.open(server);
	honest.send(question("any.example"));
	await honest.receive(1);
	honest.socket.destroy();
	await until(cordon, "cordon_tcp_connections", (open) => open === 0);
	const before = look(cordon);

	const slow = await Promise.all(Array.from({ length: MANY }, () => Stream.open(server)));
	const packet = question("any.example");
	const framed = Buffer.concat([Buffer.of(0, 200), packet, Buffer.alloc(200 - packet.length)]);
	let at = 0;
	const dribble = setInterval(() => {
		for (const { socket } of slow) if (!socket.destroyed) socket.write(framed.subarray(at, at + 1));
		at = Math.min(at + 1, 100);
	}, 20);
	await until(cordon, "cordon_tcp_connections", (open) => open === MANY);
	const during = look(cordon);
	t.ok(during.descriptors >= before.descriptors + MANY, "all of them are held open for a while");
	const other = await Stream.open(server);
	other.send(question("any.example"));
	t.equal(address((await other.receive(1))[0]), "192.0.2.1", "others are served meanwhile");
	await Promise.all(slow.map(({ closed }) => closed));
	clearInterval(dribble);
	for (const { replies } of slow) if (replies.length > 0) t.fail("answered");

	await other.closed;
	await until(cordon, "cordon_tcp_connections", (open) => open === 0);
	const after = look(cordon);
	t.ok(
		after.descriptors <= before.descriptors + FEW,
		`descriptors: ${before.descriptors}, then ${after.descriptors}`,
	);
	t.comment(`memory ${[before, during, after].map(({ memory }) => megabytes(memory)).join(", ")}`);
	t.equal(halfDead(portOf(server)), 0);
});

test("half-closed: answered, then closed; nothing stays in CLOSE_WAIT", async (t) => {
	const authority = await Authority.start(t);
	const config = settings(authority.url, { workers: 1, listen: { tcp: { maxConnectionsPerClient: 1000 } } });
	const cordon = await Cordon.start(t, config);
	const [server = ""] = cordon.dns;
	const release = authority.hold("slow.any.example");
	const before = descriptorsOf(cordon);
	const all = await Promise.all(
		Array.from({ length: MANY }, async (_, i) => {
			const stream = await Stream.open(server);
			if (i % 4 === 0) stream.send(question("slow.any.example"));
			// Part of a question, which never comes whole.
			if (i % 4 === 1) stream.socket.write(Buffer.of(0, 40, 1, 2, 3));
			// And many that say nothing at all, or that are read already.
			if (i % 4 === 2) stream.send(question("any.example"));
			stream.socket.end();
			return stream;
		}),
	);
	await Promise.all(all.filter((_, i) => i % 4 !== 0).map(({ closed }) => closed));
	await until(cordon, "cordon_tcp_connections", (open) => open === MANY / 4);
	release();
	await Promise.all(all.map(({ closed }) => closed));
	for (const [i, { replies }] of all.entries())
		if (replies.length !== (i % 2 === 0 ? 1 : 0)) t.fail(`connection ${i} has ${replies.length} answers`);
	await until(cordon, "cordon_tcp_connections", (open) => open === 0);
	t.equal(halfDead(portOf(server)), 0);
	t.ok(descriptorsOf(cordon) <= before + FEW, "no descriptor stays");
	t.equal(await metric(cordon, "cordon_tcp_held_bytes"), 0);
});
