/** How long, and how many: the timers and limits of TCP. */
import { test } from "tap";
import { Authority } from "./authority.ts";
import { Stream } from "./client.ts";
import { Cordon, ENGINES, settings } from "./cordon.ts";
import { address, question } from "./message.ts";

for (const engine of ENGINES) {
	test(`timers, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const tcp = { firstByteTimeout: "400ms", idleTimeout: "1200ms" };
		const config = settings(authority.url, { listen: { udpEngine: engine, tcp } });
		const cordon = await Cordon.start(t, config);
		const [server = ""] = cordon.dns;

		const [silent, idle, dribbling, waiting] = (await Promise.all(
			Array.from({ length: 4 }, () => Stream.open(server)),
		)) as [Stream, Stream, Stream, Stream];
		idle.send(question("any.example"));
		await idle.receive(1);
		const answeredAt = performance.now();
		// One byte now and then: the question would take minutes.
		const slowly = setInterval(() => dribbling.socket.write(Buffer.of(0)), 20);
		dribbling.socket.write(Buffer.from([0, 200]));
		const release = authority.hold("slow.any.example");
		waiting.send(question("slow.any.example"));

		const silence = await silent.closed;
		t.ok(silence >= 390 && silence < 1150, `silent from the start: ${silence} ms`);
		await dribbling.closed;
		clearInterval(slowly);
		t.ok(performance.now() - answeredAt < 1150, "a byte now and then keeps nobody here");
		await idle.closed;
		t.ok(performance.now() - answeredAt >= 1150, "an idle connection is kept for as long as is said");
		t.notOk(waiting.socket.destroyed, "one that waits for an answer is not idle");
		release();
		t.equal(address((await waiting.receive(1))[0]), "192.0.2.1");
		await waiting.closed;
		t.match(await cordon.stop(), { code: 0 });
	});

	test(`connections in all and by client, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const tcp = { maxConnections: 12, maxConnectionsPerClient: 8 };
		const dns = ["127.0.0.1:0", "[::1]:0"];
		const config = settings(authority.url, { listen: { dns, udpEngine: engine, tcp } });
		const cordon = await Cordon.start(t, config);
		const [v4 = "", v6 = ""] = cordon.dns;
		// Each waits for an answer, for one that is idle would make room for others.
		const release = authority.hold("slow.any.example");
		const served = async (server: string) => {
			try {
				const stream = await Stream.open(server);
				stream.send(question("any.example"), question("slow.any.example"));
				await stream.receive(1);
				return stream;
			} catch {
				return undefined;
			}
		};
		const first = await Promise.all(Array.from({ length: 4 }, () => served(v4)));
		for (let i = 0; i < 4; i++) first.push(await served(v4));
		t.notOk(first.includes(undefined), "eight of one client, over two workers");
		for (let i = 0; i < 4; i++) t.equal(await served(v4), undefined, "no more of that one");
		const others: (Stream | undefined)[] = [];
		for (let i = 0; i < 4; i++) others.push(await served(v6));
		t.notOk(others.includes(undefined), "four of another");
		t.equal(await served(v6), undefined, "twelve in all");

		const { body } = await cordon.get("/metrics");
		t.match(body, /^cordon_tcp_connections 12$/m);
		t.match(body, /^cordon_tcp_connections_accepted_total 12$/m);
		t.match(body, /^cordon_tcp_connections_refused_total 5$/m);

		// A reset: after a mere end the answer on its way would still be waited for.
		first[0]?.socket.resetAndDestroy();
		// Nothing tells us when the worker has seen it go.
		let again = await served(v4);
		for (let i = 0; i < 50 && again === undefined; i++) again = await served(v4);
		t.ok(again, "a place that is given up can be taken");
		release();
		t.match(await cordon.stop(), { code: 0 });
	});
}
