/** Replies leave from the address that was asked: a client whose socket is connected hears nobody else. */
import { test } from "tap";
import { Authority } from "./authority.ts";
import { ask, askName, portOf, Stream } from "./client.ts";
import { Cordon, ENGINES, settings } from "./cordon.ts";
import { address, question } from "./message.ts";

const WILDCARDS = ["0.0.0.0:0", "[::]:0"];

for (const engine of ENGINES) {
	test(`listening everywhere, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const config = settings(authority.url, {
			listen: { dns: WILDCARDS, udpEngine: engine },
			blocking: { deny: ["bad.example"] },
		});
		const cordon = await Cordon.start(t, config);
		const [v4, v6] = cordon.dns.map(portOf);
		// dgram has a socket for each address of the machine, and 127.0.0.2 is none.
		const hosts = engine === "batch" ? ["127.0.0.1", "127.0.0.2", "127.77.0.3"] : ["127.0.0.1"];
		const servers = [...hosts.map((host) => `${host}:${v4}`), `[::1]:${v6}`];
		for (const server of servers) {
			t.equal(address(await askName(server, "bad.example")), "0.0.0.0", `blocked, ${server}`);
			t.equal(
				address(await askName(server, `${hosts.indexOf(server)}.any.example`)),
				"192.0.2.1",
				`forwarded, ${server}`,
			);
			t.equal(address(await askName(server, "any.example")), "192.0.2.1", `perhaps cached, ${server}`);
		}
		const release = authority.hold("slow.any.example");
		const slow = servers.map((server) => ask(server, question("slow.any.example")));
		await authority.hears("slow.any.example");
		for (const server of servers) await askName(server, "bad.example");
		release();
		for (const [i, reply] of (await Promise.all(slow)).entries())
			t.equal(address(reply), "192.0.2.1", `all wait for one flight, ${servers[i]}`);
		for (const host of ["127.0.0.1", "127.0.0.2"]) {
			const stream = await Stream.open(`${host}:${v4}`);
			stream.send(question("bad.example"));
			t.equal(address((await stream.receive(1))[0]), "0.0.0.0", `TCP, ${host}`);
			stream.socket.destroy();
		}
		if (engine === "dgram")
			await t.rejects(
				askName(`127.0.0.2:${v4}`, "bad.example"),
				{ code: "ECONNREFUSED" },
				"better none than one from elsewhere",
			);
		t.match(await cordon.stop(), { code: 0 });
	});

	test(`from one address to all of them at the same port, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const cordon = await Cordon.start(
			t,
			settings(authority.url, { listen: { dns: ["127.0.0.1:0"], udpEngine: engine } }),
		);
		const port = portOf(cordon.dns[0] ?? "");
		t.equal(cordon.dns[0], `127.0.0.1:${port}`);
		const line = await cordon.reload({ listen: { dns: [`0.0.0.0:${port}`] } });
		t.match(line, /reloaded|not taken over/);
		t.equal(address(await askName(`127.0.0.1:${port}`, "any.example")), "192.0.2.1", "either way it answers");
	});
}
