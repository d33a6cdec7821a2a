/** What is no question over TCP, and connections that come and go (RFC 1035, section 4.2.2; RFC 7766, section 8). */
import { type Test, test } from "tap";
import { Authority } from "../scenario/authority.ts";
import { framed, portOf, Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { address, question } from "../scenario/message.ts";
import { descriptorsOf, FEW, halfDead, look, metric, until } from "./resources.ts";

async function start(t: Test, tcp: object = {}) {
	const authority = await Authority.start(t);
	const limits = { maxConnectionsPerClient: 100_000, maxConnections: 100_000, ...tcp };
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, listen: { tcp: limits } }));
	return { authority, cordon, server: cordon.dns[0] ?? "" };
}

test("frames that hold no question end the connection; a long one before it is here", async (t) => {
	const { cordon, server } = await start(t);
	const frames: readonly (readonly [string, Buffer])[] = [
		["empty", Buffer.of(0, 0)],
		["one byte", Buffer.of(0, 1, 0)],
		["less than a header", framed(Buffer.alloc(11))],
		["a response", framed(Buffer.from(question("any.example")).fill(0x81, 2, 3))],
		["4097 bytes announced", Buffer.of(0x10, 0x01)],
		["65,535 bytes announced", Buffer.of(0xff, 0xff)],
		["HTTP", Buffer.from("GET / HTTP/1.1\r\nHost: any.example\r\n\r\n")],
		["TLS", Buffer.from("160301020001", "hex")],
	];
	for (const [what, bytes] of frames) {
		const stream = await Stream.open(server);
		stream.send(question("any.example"));
		await stream.receive(1);
		stream.socket.write(bytes);
		await stream.closed;
		t.equal(stream.replies.length, 1, what);
	}
	t.equal(await metric(cordon, "cordon_packets_malformed_total"), frames.length);
	const stream = await Stream.open(server);
	// Padding makes a question long; 4096 bytes are read.
	const padded = Buffer.concat([question("any.example", 1, 1232), Buffer.alloc(4096)]).subarray(0, 4096);
	stream.send(padded);
	t.equal(address((await stream.receive(1))[0]), "192.0.2.1", "4096 bytes are read");
});

test("five hundred questions in one segment, known and unknown, are all answered", async (t) => {
	const { server } = await start(t);
	const stream = await Stream.open(server);
	stream.send(...Array.from({ length: 500 }, (_, i) => question(`n${i % 50}.any.example`)));
	const replies = await stream.receive(500);
	t.equal(replies.filter((reply) => address(reply) === "192.0.2.1").length, 500);
});

test("churn and storms of resets leave nothing behind", async (t) => {
	const { authority, cordon, server } = await start(t);
	const warm = await Stream.open(server);
	warm.send(question("any.example"));
	await warm.receive(1);
	const release = authority.hold("slow.any.example");
	const before = look(cordon);
	for (let round = 0; round < 20; round++) {
		const streams = await Promise.all(Array.from({ length: 50 }, () => Stream.open(server)));
		for (const [i, stream] of streams.entries()) {
			if (i % 3 === 0) stream.send(question("slow.any.example"), question("any.example"));
			if (i % 3 === 1) stream.socket.write(Buffer.of(0, 99, 1));
			stream.socket.resetAndDestroy();
		}
		await Promise.all(streams.map(({ closed }) => closed));
	}
	await until(cordon, "cordon_tcp_connections", (open) => open === 1);
	release();
	await until(cordon, "cordon_askers_waiting", (waiting) => waiting === 0);
	t.ok(descriptorsOf(cordon) <= before.descriptors + FEW, "descriptors are given back");
	t.equal(halfDead(portOf(server)), 0);
	t.ok((await metric(cordon, "cordon_tcp_connections_accepted_total")) > 500);
	warm.send(question("any.example"));
	t.equal(address((await warm.receive(2))[1]), "192.0.2.1");
});

test("when connections run low the idlest goes first, and none that waits for an answer", async (t) => {
	const { authority, cordon, server } = await start(t, { maxConnections: 10 });
	const release = authority.hold("slow.any.example");
	const open = async (name: string, answered: boolean) => {
		const stream = await Stream.open(server);
		stream.send(question(name));
		if (answered) await stream.receive(1);
		return stream;
	};
	const idle: Stream[] = [];
	for (let i = 0; i < 4; i++) idle.push(await open("any.example", true));
	const busy: Stream[] = [];
	for (let i = 0; i < 4; i++) busy.push(await open("slow.any.example", false));
	await until(cordon, "cordon_askers_waiting", (waiting) => waiting === 4);
	// The first is heard of again, so that the second is the idlest.
	idle[0]?.send(question("any.example"));
	await idle[0]?.receive(2);
	await open("any.example", true);
	await idle[1]?.closed;
	t.notOk(idle[0]?.socket.destroyed);
	t.equal(await metric(cordon, "cordon_tcp_connections_displaced_total"), 1);
	t.equal(await metric(cordon, "cordon_tcp_connections_refused_total"), 0);
	for (let i = 0; i < 20; i++) await open("any.example", true);
	t.equal(await metric(cordon, "cordon_tcp_connections"), 8, "a fifth stays free");
	for (const stream of busy) t.notOk(stream.socket.destroyed);
	release();
	for (const stream of busy) t.equal(address((await stream.receive(1))[0]), "192.0.2.1");
});
