/** A takeover that fails, at any step and on either side, leaves a Cordon that serves. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Test, test } from "tap";
import { PacketConnection, PacketServer } from "../../src/sockets/unix.ts";
import { ListeningSockets } from "../../src/supervisor/listening.ts";
import { Channel, closeAll } from "../../src/supervisor/takeover/channel.ts";
import {
	type FromPredecessor,
	type FromSuccessor,
	PROTOCOL,
	readFromPredecessor,
	readFromSuccessor,
} from "../../src/supervisor/takeover/message.ts";
import { freePort } from "../bench/free-port.ts";
import { Authority } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, folder, settings } from "./cordon.ts";
import { address, type Reply } from "./message.ts";
import { Traffic } from "./traffic.ts";

const PATIENCE_MS = 20_000;
const HELLO = { kind: "hello", protocol: PROTOCOL, version: "0.0.0" } as const;

type Successor = Channel<FromPredecessor, FromSuccessor>;

function knock(directory: string): Successor {
	const connection = PacketConnection.connect(join(directory, "data", "cordon.sock"));
	return new Channel<FromPredecessor, FromSuccessor>(connection, readFromPredecessor);
}

/** Takes in what is said until `kind`, and closes what comes along. */
async function hear(channel: Successor, kind: FromPredecessor["kind"]): Promise<FromPredecessor> {
	for (;;) {
		const { message, descriptors } = await channel.next(PATIENCE_MS);
		closeAll(descriptors);
		if (message.kind === kind) return message;
	}
}

async function running(t: Test): Promise<{ cordon: Cordon; traffic: Traffic }> {
	const authority = await Authority.start(t);
	// Taken back, an address may be opened anew.
	const listen = { udpEngine: "batch", admin: `127.0.0.1:${await freePort()}` };
	const cordon = await Cordon.start(t, settings(authority.url, { listen }));
	return { cordon, traffic: await Traffic.start(cordon.dns[0] ?? "", ["any.example"], address) };
}

/** That it answers, has its data folder, and can still be taken over. */
async function stillServes(t: Test, cordon: Cordon, traffic: Traffic, mayLose = false): Promise<void> {
	await traffic.goOn(50);
	t.equal((await cordon.get("/readyz")).status, 200);
	const pool = await cordon.run("pool", "verify", "--admin", cordon.admin);
	t.match(pool, { code: 0, stdout: /^equal/ }, "the pool is its own");
	const second = cordon.successor(t);
	await second.ready();
	t.match(await cordon.ended, { code: 0 });
	await traffic.goOn(50);
	const lost = await traffic.stop();
	t.ok(mayLose || lost === 0, `lost: ${lost}`);
	t.match(await second.stop(), { code: 0 });
}

/** How far a successor comes before it ends, and what the log then says. */
const STEPS: Readonly<
	Record<
		string,
		{ readonly come: (channel: Successor) => Promise<void>; readonly log: RegExp; readonly mayLose?: true }
	>
> = {
	"after hello": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
		},
		log: /the successor failed; this Cordon goes on as before/,
	},
	"when it has asked for the data folder": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
			channel.send({ kind: "let-go", inherits: true, keepsAdmin: true });
		},
		log: /the successor failed; this Cordon goes on as before/,
	},
	"when the data folder is its own": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
			channel.send({ kind: "let-go", inherits: true, keepsAdmin: false });
			await hear(channel, "yours");
			channel.send({ kind: "alive" });
		},
		log: /the successor failed; this Cordon goes on as before/,
	},
	"when it has asked for ports, and nobody answers": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
			channel.send({ kind: "let-go", inherits: false, keepsAdmin: false });
			await hear(channel, "yours");
		},
		mayLose: true,
		log: /the successor failed; this Cordon goes on as before/,
	},
	"as soon as it has taken over": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
			channel.send({ kind: "let-go", inherits: true, keepsAdmin: true });
			await hear(channel, "yours");
			channel.send({ kind: "serving", workers: 1, keys: ["127.0.0.1:0"] });
			channel.close();
		},
		log: /ended as soon as it had taken over/,
	},
	"by saying why": {
		come: async (channel) => {
			channel.send(HELLO);
			await hear(channel, "granted");
			channel.send({ kind: "let-go", inherits: true, keepsAdmin: true });
			await hear(channel, "yours");
			channel.send({ kind: "failed", why: "its disk is full" });
		},
		log: /the successor failed.*its disk is full/,
	},
};

for (const [when, { come, log, mayLose }] of Object.entries(STEPS)) {
	test(`a successor that ends ${when}`, async (t) => {
		const { cordon, traffic } = await running(t);
		const channel = knock(cordon.directory);
		await come(channel);
		channel.close();
		await cordon.logged(log);
		await stillServes(t, cordon, traffic, mayLose);
	});
}

test("a real successor that is killed in the middle", async (t) => {
	const { cordon, traffic } = await running(t);
	const successor = cordon.successor(t);
	await cordon.logged(/a successor takes over/);
	await successor.stop("SIGKILL");
	await cordon.logged(/the successor failed/);
	await stillServes(t, cordon, traffic);
});

test("a successor whose configuration has a fault, or that cannot have an address", async (t) => {
	const { cordon, traffic } = await running(t);
	const faulty = cordon.successor(t, { workers: "many" });
	t.match(await faulty.ended, { code: 1, stderr: /workers/ });
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	t.teardown(() => server.close());
	const bound = server.address();
	const taken = `127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
	// Found out before anything is let go of, and after.
	const noDns = cordon.successor(t, { workers: 2, listen: { dns: ["127.0.0.1:0", taken] } });
	t.match(await noDns.ended, { code: 1, stderr: /cannot listen on .*another program has this port/ });
	await cordon.logged(/the successor failed.*another program has this port/);
	const noAdmin = cordon.successor(t, { listen: { dns: ["127.0.0.1:0", "[::1]:0"], admin: taken } });
	t.match(await noAdmin.ended, { code: 1, stderr: /cannot serve the admin page/ });
	await cordon.logged(/the successor failed.*cannot serve the admin page/);
	await cordon.reload();
	await stillServes(t, cordon, traffic);
});

test("strangers at the door", async (t) => {
	const { cordon, traffic } = await running(t);
	const mute = knock(cordon.directory);
	const garbage = PacketConnection.connect(join(cordon.directory, "data", "cordon.sock"));
	const closed = new Promise<void>((resolve) => {
		garbage.onEnd = resolve;
	});
	garbage.send("\0\xff{");
	await closed;
	const other = knock(cordon.directory);
	other.send({ ...HELLO, protocol: PROTOCOL + 1 });
	t.match(await hear(other, "refused"), { why: /by protocol \d+; restart instead/ });
	const early = knock(cordon.directory);
	early.send({ kind: "alive" });
	t.match(await hear(early, "refused"), { why: /did not say hello/ });
	mute.close();
	await stillServes(t, cordon, traffic);
});

const rootOnly = process.getuid?.() === 0 ? {} : { skip: "needs root, to be somebody else" };

test("another user may not even knock", rootOnly, async (t) => {
	const directory = folder(t);
	chmodSync(directory, 0o755);
	const data = join(directory, "data");
	mkdirSync(data, { mode: 0o755 });
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(
		t,
		settings(authority.url, { listen: { udpEngine: "batch" } }),
		directory,
	);
	const code = `require("node:net").connect(${JSON.stringify(join(data, "cordon.sock"))})
		.on("error", (error) => process.stdout.write(error.code)).on("connect", () => process.stdout.write("in"))`;
	const child = spawn(process.execPath, ["-e", code], { uid: 65_534, gid: 65_534, cwd: "/", env: {} });
	let printed = "";
	child.stdout.on("data", (text) => {
		printed += text;
	});
	await once(child, "close");
	t.equal(printed, "EACCES");
	t.match(await cordon.stop(), { code: 0 });
});

/** A Cordon that hands over its sockets, played by the test, and ends at some step. */
for (const last of ["granted", "let-go", "serving"] as const) {
	test(`the Cordon before is killed ${last === "granted" ? "as soon as it has given its sockets" : `at ${last}`}`, async (t) => {
		const authority = await Authority.start(t);
		const directory = folder(t);
		mkdirSync(join(directory, "data"));
		const sockets = new ListeningSockets();
		const endpoint = { address: "127.0.0.1", port: await freePort(), family: 4 } as const;
		const key = sockets.open(endpoint);
		let early: Promise<Reply> | undefined;
		const server = new PacketServer(join(directory, "data", "cordon.sock"), async (connection) => {
			const channel = new Channel<FromSuccessor, FromPredecessor>(connection, readFromSuccessor);
			await channel.next(PATIENCE_MS);
			// It waits in the socket that is handed over.
			early = askName(key, "any.example");
			const cookieSecret = "00".repeat(16);
			channel.send({ kind: "welcome", protocol: PROTOCOL, version: "0", engine: "batch", cookieSecret });
			const { handed } = sockets;
			channel.send(
				{ kind: "sockets", sockets: handed.map(({ fd: _, ...about }) => about) },
				handed.map(({ fd }) => fd),
			);
			channel.send({ kind: "granted" });
			for (let said = ""; said !== last && last !== "granted"; ) {
				const { message } = await channel.next(PATIENCE_MS);
				said = message.kind;
				if (said === "let-go" && last !== "let-go") channel.send({ kind: "yours" });
			}
			// As the kernel does it for a process that is killed.
			sockets.close(key);
			server.close();
			channel.close();
		});
		const config = settings(authority.url, { listen: { udpEngine: "batch", dns: [key] } });
		const cordon = new Cordon(t, config, directory, [], ["--takeover"]);
		await cordon.ready();
		t.equal(early && address(await early), "192.0.2.1");
		t.equal(address(await askName(key, "any.example")), "192.0.2.1");
		t.match(await cordon.stop(), { code: 0 });
	});
}
