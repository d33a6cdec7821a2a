/** The sockets of the supervisor: shared by its workers, and none left over when one cannot be had. */
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { type Test, test } from "tap";
import { ListeningSockets } from "../../src/supervisor/listening.ts";

const ANY = { address: "127.0.0.1", port: 0, family: 4 } as const;
const linuxOnly = process.platform === "linux" ? {} : { skip: "descriptors are counted in /proc" };

function openSockets(): number {
	return readdirSync("/proc/self/fd").filter((fd) => {
		try {
			return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
		} catch {
			// The descriptor by which the folder was read.
			return false;
		}
	}).length;
}

/** A server that keeps a TCP port for itself. */
async function holdTcp(t: Test, address: string, port: number): Promise<number> {
	const server = createServer().listen(port, address);
	await once(server, "listening");
	t.teardown(() => server.close());
	return (server.address() as AddressInfo).port;
}

test("each worker has its own pair on one port", linuxOnly, (t) => {
	const before = openSockets();
	const sockets = new ListeningSockets();
	const key = sockets.open(ANY);
	const doors = [0, 1].map((worker) => sockets.forWorker(worker)[0]);
	t.equal(doors.length, 2);
	t.same(
		doors.map((door) => door?.endpoint),
		[sockets.endpoints[0], sockets.endpoints[0]],
	);
	t.not(doors[0]?.fds?.udp, doors[1]?.fds?.udp);
	t.equal(openSockets(), before + 6, "two pairs, and a copy of TCP's for each worker");
	sockets.closeWorker(1);
	t.equal(openSockets(), before + 4, "the copy is the worker's own");
	sockets.close(key);
	t.equal(openSockets(), before + 2);
	t.same(sockets.keys, []);
	t.end();
});

test("a port that is taken over TCP only", linuxOnly, async (t) => {
	const port = await holdTcp(t, ANY.address, 0);
	const before = openSockets();
	const sockets = new ListeningSockets();
	t.throws(() => sockets.open({ ...ANY, port }), {
		message: new RegExp(
			`^cannot listen on 127\\.0\\.0\\.1:${port}: another program has this port .*listen\\.dns$`,
		),
	});
	t.same(sockets.keys, []);
	t.equal(openSockets(), before, "no descriptor is left");
});

test("a worker's TCP socket that cannot be had takes nothing with it", linuxOnly, async (t) => {
	const sockets = new ListeningSockets();
	const good = sockets.open(ANY);
	const bad = sockets.open({ ...ANY, address: "127.0.0.2" });
	t.teardown(() => {
		sockets.close(good);
		sockets.close(bad);
	});
	sockets.closeStreams((key) => key === bad);
	await holdTcp(t, "127.0.0.2", sockets.endpoints[1]?.port ?? 0);
	const before = openSockets();
	t.throws(() => sockets.forWorker(1), { message: /^cannot listen on 127\.0\.0\.2:\d+: another program/ });
	t.equal(openSockets(), before + 2, "the pair of the other address stays, for when it is asked for again");
	t.throws(() => sockets.forWorker(1), { message: /another program/ });
	t.equal(openSockets(), before + 2);
	sockets.closeWorker(1);
	t.equal(openSockets(), before);
});
