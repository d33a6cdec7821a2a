/** Messages between processes of one machine, with open descriptors. */
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { inspectSocket } from "../../src/sockets/inspect.ts";
import * as libc from "../../src/sockets/libc.ts";
import { openTcp, openUdp } from "../../src/sockets/open.ts";
import { type Packet, PacketConnection, PacketServer, sendDatagram } from "../../src/sockets/unix.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "Linux only" };

function folder(t: Test, name: string): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-unix-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	mkdirSync(join(path, name));
	return join(path, name);
}

interface Pair {
	readonly client: PacketConnection;
	/** The next message that the server's side hears. */
	hear(): Promise<Packet>;
	readonly ended: Promise<void>;
}

async function pair(t: Test, path: string): Promise<Pair> {
	const heard: Packet[] = [];
	let wake = () => {};
	let end = () => {};
	const ended = new Promise<void>((resolve) => {
		end = resolve;
	});
	const server = new PacketServer(path, (connection) => {
		t.equal(connection.peer.pid, process.pid);
		t.equal(connection.peer.uid, process.geteuid?.());
		connection.onEnd = end;
		connection.onPacket = (packet) => {
			heard.push(packet);
			wake();
		};
	});
	t.teardown(() => server.close());
	const client = PacketConnection.connect(path);
	t.teardown(() => client.close());
	const hear = async (): Promise<Packet> => {
		while (heard.length === 0) {
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
		return heard.shift() as Packet;
	};
	return { client, hear, ended };
}

// An address has room for 108 bytes.
for (const name of ["short", "long".repeat(40)]) {
	test(`messages arrive whole, in a folder with a ${name.slice(0, 5)} name`, linuxOnly, async (t) => {
		const path = join(folder(t, name), "socket");
		t.throws(() => PacketConnection.connect(path), { code: "ENOENT" });
		const { client, hear, ended } = await pair(t, path);
		t.equal(statSync(path).mode & 0o777, 0o600);
		for (const text of ["one", "two ".repeat(10_000)]) t.ok(client.send(text));
		t.same(await hear(), { text: "one", descriptors: [] });
		t.equal((await hear()).text.length, 40_000);
		client.close();
		await ended;
		t.equal(client.send("three"), false);
	});
}

test("descriptors are copies of the same sockets", linuxOnly, async (t) => {
	const { client, hear } = await pair(t, join(folder(t, "x"), "socket"));
	const udp = openUdp({ address: "::1", port: 0, family: 6 }, true);
	const tcp = openTcp({ address: "127.0.0.1", port: 0, family: 4 }, false);
	const before = [inspectSocket(udp), inspectSocket(tcp)];
	t.match(before, [
		{ kind: "udp", endpoint: { address: "::1", family: 6 }, listens: false, sharesPort: true, isDual: false },
		{ kind: "tcp", endpoint: { address: "127.0.0.1", family: 4 }, listens: true, sharesPort: false },
	]);
	t.ok(client.send("these", [udp, tcp]));
	const { text, descriptors } = await hear();
	t.equal(text, "these");
	for (const fd of [udp, tcp]) libc.close(fd);
	t.same(descriptors.map(inspectSocket), before, "open when the first ones are closed");
	for (const fd of descriptors) libc.close(fd);
	t.equal(inspectSocket(0), undefined);
});

test("a message that is too long ends the conversation", linuxOnly, async (t) => {
	const { client, ended } = await pair(t, join(folder(t, "x"), "socket"));
	client.send("x".repeat(70_000));
	await t.resolves(ended);
});

test("a datagram to nobody", linuxOnly, (t) => {
	t.equal(sendDatagram(join(folder(t, "x"), "nobody"), "READY=1"), false);
	t.equal(sendDatagram("@cordon-nobody", "READY=1"), false);
	t.end();
});
