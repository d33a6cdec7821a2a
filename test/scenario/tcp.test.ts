/** TCP as clients use it (RFC 7766). */
import { test } from "tap";
import { Authority, bigText } from "./authority.ts";
import { framed, Stream } from "./client.ts";
import { Cordon, ENGINES, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";

for (const engine of ENGINES) {
	test(`TCP, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		authority.set("big.example", TYPE.TXT, ...bigText(60_000));
		const config = settings(authority.url, {
			listen: { udpEngine: engine },
			blocking: { deny: ["bad.example"] },
		});
		const cordon = await Cordon.start(t, config);
		const [server = "", v6 = ""] = cordon.dns;

		await t.test("pipelined questions are answered as answers come", async (t) => {
			const release = authority.hold("slow.any.example");
			const stream = await Stream.open(server);
			const packets = Array.from({ length: 100 }, (_, i) =>
				question(i === 0 ? "slow.any.example" : i % 3 === 0 ? "bad.example" : `p${i}.any.example`),
			);
			stream.send(...packets);
			await stream.receive(99);
			const ids = packets.map((packet) => packet.readUInt16BE(0));
			t.notOk(
				stream.replies.some(({ id }) => id === ids[0]),
				"the first is still waiting",
			);
			release();
			const replies = await stream.receive(100);
			t.equal(replies[99]?.id, ids[0], "and comes last");
			t.strictSame(
				replies.map(({ id }) => id).sort((x, y) => x - y),
				ids.toSorted((x, y) => x - y),
			);
			t.equal(replies.filter((reply) => address(reply) === "0.0.0.0").length, 33);
			stream.socket.end();
			await stream.closed;
		});

		await t.test("a length that comes byte by byte", async (t) => {
			const stream = await Stream.open(v6);
			for (const byte of framed(question("bad.example", TYPE.A, 1232))) {
				stream.socket.write(Buffer.of(byte));
				await new Promise((resolve) => setImmediate(resolve));
			}
			t.match((await stream.receive(1))[0], { ede: { code: 15 } });
			const [one, two] = [framed(question("a.any.example")), framed(question("b.any.example"))];
			stream.socket.write(Buffer.concat([one, two.subarray(0, 1)]));
			await stream.receive(2);
			stream.socket.write(two.subarray(1));
			t.equal(address((await stream.receive(3))[2]), "192.0.2.1");
			stream.socket.destroy();
		});

		await t.test("a client that has said all still gets its answers", async (t) => {
			for (const count of [1, 350]) {
				const name = `half${count}.any.example`;
				const release = authority.hold(name);
				const stream = await Stream.open(server);
				stream.send(...Array.from({ length: count }, (_, i) => question(i % 2 === 0 ? name : "bad.example")));
				stream.socket.end();
				await authority.hears(name);
				release();
				const replies = await stream.receive(count);
				t.equal(replies.length, count, `${count} questions, more than may be in flight at once or not`);
				await stream.closed;
				t.ok(stream.hasEnded, "closed in good order");
			}
		});

		await t.test("a big answer", async (t) => {
			const stream = await Stream.open(server);
			stream.send(question("big.example", TYPE.TXT), question("big.example", TYPE.TXT, 512));
			for (const reply of await stream.receive(2)) {
				t.equal(reply.answers.length, 223);
				t.notOk(reply.isTruncated);
			}
			stream.socket.destroy();
		});

		await t.test("garbage closes the connection", async (t) => {
			const reply = question("any.example");
			reply.writeUInt8(0x81, 2);
			for (const garbage of [Buffer.from([0, 0]), Buffer.from([0, 3, 1, 2, 3]), framed(reply)]) {
				const stream = await Stream.open(server);
				stream.socket.write(Buffer.concat([garbage, framed(question("bad.example"))]));
				await stream.closed;
				t.equal(stream.replies.length, 0, garbage.toString("hex"));
			}
			const stream = await Stream.open(server);
			const two = question("any.example");
			two.writeUInt16BE(2, 4);
			stream.send(two, question("bad.example"));
			const replies = await stream.receive(2);
			t.equal(replies[0]?.rcode, 1, "what can be answered with FORMERR does not");
			t.equal(address(replies[1] ?? replies[0]), "0.0.0.0");
			stream.socket.destroy();
		});
		t.match(await cordon.stop(), { code: 0 });
	});
}

test("a client that never reads", async (t) => {
	const authority = await Authority.start(t);
	authority.set("big.example", TYPE.TXT, ...bigText(60_000));
	const config = settings(authority.url, { workers: 1, listen: { tcp: { idleTimeout: "1s" } } });
	const cordon = await Cordon.start(t, config);
	const [server = ""] = cordon.dns;
	const reader = await Stream.open(server);
	reader.send(question("big.example", TYPE.TXT));
	await reader.receive(1);
	const before = await metric(cordon, "process_resident_memory_bytes");

	const deaf = await Stream.open(server);
	deaf.socket.pause();
	// 1.2 GB of answers, if it got them.
	const flood = Buffer.concat(
		Array.from({ length: 20_000 }, () => framed(question("big.example", TYPE.TXT))),
	);
	deaf.socket.write(flood);
	for (let i = 2; i < 20; i++) {
		reader.send(question("any.example"));
		await reader.receive(i);
	}
	const grown = (await metric(cordon, "process_resident_memory_bytes")) - before;
	t.ok(grown < 100e6, `what waits for it is bounded: ${grown} bytes more`);
	t.ok((await metric(cordon, "cordon_packets_received_total")) < 1000, "no more of its questions are read");
	// It would not notice itself; and nothing is asked of it, so that it does nothing to stay.
	while ((await metric(cordon, "cordon_tcp_connections")) > 0);
	t.pass("it is cut off in the end");
	deaf.socket.destroy();
	t.match(await cordon.stop(), { code: 0 });
});

async function metric(cordon: Cordon, name: string): Promise<number> {
	const { body } = await cordon.get("/metrics");
	return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(body)?.[1]);
}
