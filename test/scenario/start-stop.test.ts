/** From the command to readiness, and to the exit code. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "tap";
import { Authority, a } from "./authority.ts";
import { ask, askName, Stream } from "./client.ts";
import { Cordon, ENGINES, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";

const NOWHERE = "udp://127.0.0.1:9";

for (const engine of ENGINES) {
	test(`what is in flight at SIGTERM is answered, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		authority.set("slow.example", TYPE.A, a("192.0.2.9"));
		const release = authority.hold("slow.example");
		const cordon = await Cordon.start(t, settings(authority.url, { listen: { udpEngine: engine } }));
		t.equal((await cordon.get("/readyz")).status, 200);
		const [v4 = "", v6 = ""] = cordon.dns;
		const stream = await Stream.open(v4);
		stream.send(question("slow.example"));
		const answers = [ask(v4, question("slow.example")), ask(v6, question("slow.example"))];
		await authority.hears("slow.example");
		// A later question's answer means that all three before it have been read.
		await Promise.all([askName(v4, "any.example"), askName(v6, "any.example")]);
		stream.send(question("any.example"));
		await stream.receive(1);

		cordon.child.kill("SIGTERM");
		await cordon.logged(/stopping: no new queries/);
		release();
		for (const reply of await Promise.all(answers)) t.equal(address(reply), "192.0.2.9");
		t.equal(address((await stream.receive(2))[1]), "192.0.2.9");
		await stream.closed;
		const { code, stderr } = await cordon.ended;
		t.equal(code, 0);
		t.notMatch(stderr, /ERROR|WARN/);
	});

	test(`told to stop while its workers load, engine ${engine}`, async (t) => {
		const cordon = new Cordon(t, settings(NOWHERE, { listen: { udpEngine: engine } }));
		await cordon.logged(/the blocklist is compiled/);
		t.match(await cordon.stop(), { code: 0, stdout: "" });
	});

	test(`SIGINT, engine ${engine}`, async (t) => {
		const cordon = await Cordon.start(t, settings(NOWHERE, { listen: { udpEngine: engine } }));
		t.match(await cordon.stop("SIGINT"), { code: 0 });
	});
}

test("told to stop while it waits for a list", async (t) => {
	const server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`;
	const lists = [{ name: "hung", url, allowPrivateAddress: true }];
	const cordon = new Cordon(t, settings(NOWHERE, { lists }));
	await once(server, "request");
	t.match(await cordon.stop(), { code: 0, stdout: "" });
});
