/** A successor takes over from the Cordon that runs: nobody who asks notices. */
import { test } from "tap";
import { freePort } from "../bench/free-port.ts";
import { Authority, a } from "./authority.ts";
import { ask, askName, Stream } from "./client.ts";
import { Cordon, settings } from "./cordon.ts";
import { address, question, TYPE } from "./message.ts";
import { PoolNode, poolSettings } from "./pool-node.ts";
import { Traffic } from "./traffic.ts";

const linuxOnly = process.platform === "linux" ? {} : { skip: "sockets are handed over on Linux only" };

/** One query after the other, each over a connection of its own, until told to stop. */
class StreamTraffic {
	answered = 0;
	readonly faults: string[] = [];
	#isEnding = false;
	readonly #ended: Promise<void>;

	constructor(server: string) {
		this.#ended = this.#run(server);
	}

	async #run(server: string): Promise<void> {
		while (!this.#isEnding) {
			try {
				const stream = await Stream.open(server);
				stream.send(question("any.example"));
				await stream.receive(1);
				stream.socket.destroy();
				this.answered++;
			} catch (error) {
				this.faults.push((error as Error).message);
			}
		}
	}

	async stop(): Promise<void> {
		this.#isEnding = true;
		await this.#ended;
	}
}

test("no query is lost, over UDP and TCP, whatever the number of workers", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	let now = await Cordon.start(t, settings(authority.url, { listen: { udpEngine: "batch" } }));
	const { dns, admin } = now;
	const [v4 = "", v6 = ""] = dns;
	const traffic = [
		await Traffic.start(v4, ["any.example", "other.any.example"], address),
		await Traffic.start(v6, ["any.example"], address),
	];
	const streams = new StreamTraffic(v4);
	for (const workers of [2, 3, 1, 2]) {
		const next = now.successor(t, { workers });
		await next.ready();
		t.strictSame(next.dns, dns, "at the same addresses, any port though it was");
		t.equal(next.admin, admin);
		const { code, stderr } = await now.ended;
		t.equal(code, 0);
		t.match(stderr, /a successor takes over[\s\S]*the successor answers[\s\S]*handed over and answered/);
		t.notMatch(stderr, /WARN|ERROR/);
		t.match(next.stderr, `took over from the Cordon before pid=${now.child.pid}`);
		t.equal((await next.get("/readyz")).status, 200);
		const status = JSON.parse((await next.get("/api/v1/status")).body);
		t.equal(status.workers.length, workers);
		for (const one of traffic) await one.goOn(100);
		now = next;
	}
	await streams.stop();
	for (const one of traffic) {
		t.equal(await one.stop(), 0, "lost over UDP");
		t.strictSame(Array.from(one.verdicts.keys()), ["192.0.2.1"]);
	}
	t.strictSame(streams.faults, [], "lost over TCP");
	t.ok(streams.answered > 0);
	t.match(await now.stop(), { code: 0 });
});

test("what is in flight is answered by the Cordon that was asked", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	authority.set("slow.example", TYPE.A, a("192.0.2.9"));
	const release = authority.hold("slow.example");
	const first = await Cordon.start(t, settings(authority.url, { listen: { udpEngine: "batch" } }));
	const [server = ""] = first.dns;
	const busy = await Stream.open(server);
	busy.send(question("slow.example"));
	const idle = await Stream.open(server);
	idle.send(question("any.example"));
	await idle.receive(1);
	const answer = ask(server, question("slow.example"));
	await authority.hears("slow.example");
	// Its answer means that those before it have been read.
	await askName(server, "any.example");

	const second = first.successor(t);
	await first.logged(/the successor answers/);
	await idle.closed;
	t.ok(idle.hasEnded && !idle.wasReset, "who waits for nothing is let go of");
	release();
	t.equal(address(await answer), "192.0.2.9");
	t.equal(address((await busy.receive(1))[0]), "192.0.2.9");
	await busy.closed;
	t.ok(busy.hasEnded && !busy.wasReset);
	t.match(await first.ended, { code: 0 });
	await second.ready();
	t.match(await second.stop(), { code: 0 });
});

test("other addresses: new ones are opened, old ones are closed", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	const config = settings(authority.url, {
		listen: {
			udpEngine: "batch",
			dns: ["127.0.0.1:0", "127.0.0.2:0"],
			admin: `127.0.0.1:${await freePort()}`,
		},
	});
	const first = await Cordon.start(t, config);
	const [stays = "", goes = ""] = first.dns;
	const traffic = await Traffic.start(stays, ["any.example"], address);
	const second = first.successor(t, {
		listen: { dns: ["127.0.0.1:0", "[::1]:0"], admin: `127.0.0.1:${await freePort()}` },
	});
	await second.ready();
	t.match(await first.ended, { code: 0 });
	t.equal(second.dns[0], stays);
	t.not(second.admin, first.admin);
	t.equal(address(await askName(second.dns[1] ?? "", "any.example")), "192.0.2.1");
	await t.rejects(ask(goes, question("any.example")), "nobody is there any more");
	await traffic.goOn(50);
	t.equal(await traffic.stop(), 0);
});

test("the pool goes on: what was contributed before and after", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	const node = await PoolNode.start(t, poolSettings(authority.url, { listen: { udpEngine: "batch" } }));
	const first = node.cordon;
	const on = (cordon: Cordon, ...argv: readonly string[]) => cordon.run(...argv, "--admin", cordon.admin);
	const options = ["--category", "c2", "--confidence", "100"];
	t.match(await on(first, "pool", "add", "before.any.example", ...options), { code: 0 });
	const second = first.successor(t);
	await second.ready();
	t.match(await first.ended, { code: 0 });
	t.match(await on(second, "pool", "add", "after.any.example", ...options), { code: 0 });
	t.match(await on(second, "pool", "list"), {
		code: 0,
		stdout: /after\.any\.example[\s\S]*before\.any\.example/,
	});
	t.match(await on(second, "pool", "verify"), { code: 0, stdout: /^equal/ });
	t.match(await second.stop(), { code: 0 });
});

test("where there is none to take over from, it starts as usual", async (t) => {
	const authority = await Authority.start(t);
	const cordon = new Cordon(t, settings(authority.url), undefined, [], ["--takeover"]);
	await cordon.ready();
	t.match(cordon.stderr, /no Cordon runs with this dataDir.*starting as usual/);
	t.equal(address(await askName(cordon.dns[0] ?? "", "any.example")), "192.0.2.1");
	t.match(await cordon.stop(), { code: 0 });
});

test("SIGUSR2: a running Cordon starts its successor itself", linuxOnly, async (t) => {
	const authority = await Authority.start(t);
	const first = await Cordon.start(t, settings(authority.url, { listen: { udpEngine: "batch" } }));
	const [server = ""] = first.dns;
	const traffic = await Traffic.start(server, ["any.example"], address);
	const exited = new Promise((resolve) => first.child.once("exit", resolve));
	first.child.kill("SIGUSR2");
	const [, pid] = await first.logged(/starting a successor pid=(\d+)/);
	t.teardown(() => {
		try {
			process.kill(Number(pid), "SIGKILL");
		} catch {
			// It has ended as it should.
		}
	});
	t.equal(await exited, 0);
	await first.heard("stdout", /Cordon is ready[\s\S]*Cordon is ready[\s\S]*config/);
	await traffic.goOn(50);
	t.equal(await traffic.stop(), 0);
	process.kill(Number(pid), "SIGTERM");
	t.match((await first.ended).stderr, /stopping: no new queries/);
});

test("without the batch engine the port is closed and opened again", async (t) => {
	const authority = await Authority.start(t);
	const dns = [`127.0.0.1:${await freePort()}`];
	const config = settings(authority.url, { listen: { udpEngine: "dgram", dns } });
	const first = await Cordon.start(t, config);
	const second = first.successor(t);
	await second.ready();
	t.match(await first.ended, { code: 0 });
	t.match(second.stderr, /WARN.*sockets cannot be handed over.*queries that come in between are lost/);
	t.equal(address(await askName(dns[0] ?? "", "any.example")), "192.0.2.1");
	t.match(await second.stop(), { code: 0 });
});
