/** What a service manager hears (sd_notify), and sockets that it has opened before. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import * as libc from "../../src/sockets/libc.ts";
import { openTcp, openUdp } from "../../src/sockets/open.ts";
import { freePort } from "../bench/free-port.ts";
import { Authority } from "./authority.ts";
import { askName, connectedUdp, Stream } from "./client.ts";
import { Cordon, folder, MAIN, type Settings, settings } from "./cordon.ts";
import { DatagramSocket } from "./datagram-socket.ts";
import { address, question, type Reply, readReply } from "./message.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "the protocol of systemd" };

/** Sets variables of the environment that programs of this test get. */
function environment(t: Test, variables: Readonly<Record<string, string>>): void {
	for (const [name, value] of Object.entries(variables)) process.env[name] = value;
	t.teardown(() => {
		for (const name of Object.keys(variables)) delete process.env[name];
	});
}

for (const kind of ["a path", "an abstract name"]) {
	test(`the life of a service, told to ${kind}`, linuxOnly, async (t) => {
		const directory = folder(t);
		const path = kind === "a path" ? join(directory, "notify") : `@cordon-test-${process.pid}`;
		const manager = new DatagramSocket(path);
		t.teardown(() => manager.close());
		environment(t, { NOTIFY_SOCKET: path, WATCHDOG_USEC: "400000" });
		const authority = await Authority.start(t);
		const config = settings(authority.url, { listen: { udpEngine: "batch" } });
		const first = await Cordon.start(t, config, directory);
		const { pid } = first.child;
		t.match(await manager.hears(/^READY=1\n/), `STATUS=answering ${first.dns.join(", ")} with 2 workers`);
		t.match(await manager.hears(/^WATCHDOG=1$/), /./, "twice as often as is asked for");
		await first.reload();
		t.match(await manager.hears(/^RELOADING=1\n/), /\nMONOTONIC_USEC=\d+\nSTATUS=reloading$/);
		await manager.hears(/^READY=1\n/);

		const second = first.successor(t);
		await manager.hears(/^RELOADING=1\n[\s\S]*a successor takes over/);
		t.equal(await manager.hears(/^MAINPID=/), `MAINPID=${second.child.pid}`, "by the one that is trusted");
		t.match(await manager.hears(/^READY=1\n/), `MAINPID=${second.child.pid}`);
		t.match(await first.ended, { code: 0 });
		t.notMatch(manager.all.join("\n"), /STOPPING/, "the service goes on");
		t.notMatch(manager.all.at(-1), `MAINPID=${pid}`);
		t.match(await second.stop(), { code: 0 });
		await manager.hears(/^STOPPING=1\n/);
	});
}

test("a worker that hangs keeps the watchdog from being told", linuxOnly, async (t) => {
	const directory = folder(t);
	const path = join(directory, "notify");
	const manager = new DatagramSocket(path);
	t.teardown(() => manager.close());
	environment(t, { NOTIFY_SOCKET: path, WATCHDOG_USEC: "2000000" });
	const preload = ["--import", new URL("hanging.js", import.meta.url).href];
	const authority = await Authority.start(t);
	const config = settings(authority.url, { listen: { udpEngine: "batch" } });
	const cordon = await Cordon.start(t, config, directory, preload);
	await manager.hears(/^WATCHDOG=1$/);
	cordon.child.kill("SIGWINCH");
	await cordon.logged(/a worker hangs; the service manager's watchdog is not told/);
	await cordon.stop("SIGKILL");
});

test("a socket that nobody reads is told to the log, once", linuxOnly, async (t) => {
	environment(t, { NOTIFY_SOCKET: "/nowhere/notify" });
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(t, settings(authority.url));
	await cordon.reload();
	const { code, stderr } = await cordon.stop();
	t.equal(code, 0);
	t.equal(stderr.match(/the service manager cannot be told/g)?.length, 1);
});

/** The answer to one question, however long it takes until somebody is there to give it. */
async function waiting(server: string): Promise<Reply> {
	const socket = await connectedUdp(server);
	const heard = once(socket, "message");
	socket.send(question("any.example"));
	const [bytes] = (await heard) as [Buffer];
	socket.close();
	return readReply(bytes);
}

const LOOPBACK = { address: "127.0.0.1", family: 4 } as const;

/** Starts Cordon as a service manager does that has opened these sockets before. */
function activated(
	t: Test,
	config: Settings,
	sockets: readonly { readonly fd: number; readonly name: string }[],
): { readonly ended: Promise<string>; readonly ready: Promise<unknown>; stop(): void } {
	const path = join(folder(t), "cordon.yaml");
	writeFileSync(path, JSON.stringify(config));
	const { NODE_OPTIONS: _, ...env } = process.env;
	const child = spawn(
		"sh",
		["-c", 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, MAIN, "serve", "--config", path],
		{
			stdio: ["ignore", "pipe", "pipe", ...sockets.map(({ fd }) => fd)],
			env: {
				...env,
				LISTEN_FDS: `${sockets.length}`,
				LISTEN_FDNAMES: sockets.map(({ name }) => name).join(":"),
			},
		},
	);
	let text = "";
	for (const stream of [child.stdout, child.stderr])
		stream?.on("data", (piece) => {
			text += piece;
			if (/Cordon is ready[\s\S]*config/.test(text)) child.emit("ready");
		});
	const ended = once(child, "close").then(() => text);
	t.teardown(async () => {
		child.kill("SIGKILL");
		await ended;
		for (const { fd } of sockets) libc.close(fd);
	});
	return {
		ended,
		ready: once(child, "ready"),
		stop: () => void child.kill("SIGTERM"),
	};
}

for (const reusePort of [true, false]) {
	test(
		`sockets that are open already, ${reusePort ? "with" : "without"} ReusePort=yes`,
		linuxOnly,
		async (t) => {
			const authority = await Authority.start(t);
			const [dns, admin] = [await freePort(), await freePort()];
			const open = { ...LOOPBACK, port: dns };
			const sockets = [
				{ fd: openUdp(open, reusePort), name: "dns" },
				{ fd: openTcp({ ...LOOPBACK, port: admin }, false), name: "admin" },
				{ fd: openTcp(open, reusePort), name: "cordon.socket" },
			];
			const server = `127.0.0.1:${dns}`;
			const config = settings(authority.url, {
				listen: { udpEngine: "batch", dns: [server], admin: `127.0.0.1:${admin}` },
			});
			const cordon = activated(t, config, sockets);
			// It waits in the socket until somebody reads there.
			const early = waiting(server);
			await cordon.ready;
			t.equal(address(await early), "192.0.2.1");
			const asked = Array.from({ length: 40 }, () => askName(server, "any.example"));
			t.strictSame(new Set((await Promise.all(asked)).map(address)), new Set(["192.0.2.1"]));
			for (let i = 0; i < 4; i++) {
				const stream = await Stream.open(server);
				stream.send(question("any.example"));
				t.equal(address((await stream.receive(1))[0]), "192.0.2.1");
				stream.socket.destroy();
			}
			t.equal((await fetch(`http://127.0.0.1:${admin}/readyz`)).status, 200);
			cordon.stop();
			t.notMatch(await cordon.ended, /ERROR|WARN/);

			// The sockets live on, as nothing has happened to them: whoever comes next reads what came meanwhile.
			const late = waiting(server);
			const next = activated(t, config, sockets);
			await next.ready;
			t.equal(address(await late), "192.0.2.1");
			next.stop();
			await next.ended;
		},
	);
}

test("sockets that do not fit", linuxOnly, async (t) => {
	const [port, other] = [await freePort(), await freePort()];
	const config = settings("udp://127.0.0.1:9", {
		listen: { udpEngine: "batch", dns: [`127.0.0.1:${port}`], admin: false },
	});
	const open = { ...LOOPBACK, port: other };
	const faults = [
		{
			fd: openUdp(open, false),
			name: "dns",
			says: /opened a socket \(UDP on .*\) that is no address of listen\.dns/,
		},
		{ fd: openTcp(open, false), name: "admin", says: /a socket "admin" .* that is not listen\.admin/ },
		{
			fd: openTcp({ ...LOOPBACK, port }, false),
			name: "web",
			says: /FileDescriptorName= has to be dns or admin/,
		},
	];
	for (const { fd, name, says } of faults) {
		const cordon = activated(t, config, [{ fd, name }]);
		t.match(await cordon.ended, says);
	}
});
