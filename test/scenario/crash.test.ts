/** A worker that dies is started again; what waits in its sockets is answered. */
import { test } from "tap";
import { Authority } from "./authority.ts";
import { ask, askName, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";
import { address, question } from "./message.ts";
import { Traffic } from "./traffic.ts";

const PRELOAD = ["--import", new URL("crashing.js", import.meta.url).href];

async function restarts(cordon: Cordon): Promise<string[]> {
	const { body } = await cordon.get("/metrics");
	return body.split("\n").filter((line) => line.startsWith("cordon_worker_restarts_total"));
}

test("queries that wait in the sockets of a worker that crashed are answered by the next", async (t) => {
	const authority = await Authority.start(t);
	const config = settings(authority.url, {
		listen: { udpEngine: "batch" },
		workers: 1,
		blocking: { deny: ["bad.example"] },
	});
	const cordon = await Cordon.start(t, config, folder(t), PRELOAD);
	const [server = "", v6 = ""] = cordon.dns;
	const stream = await Stream.open(server);
	t.equal(address(await askName(server, "any.example")), "192.0.2.1");
	for (let round = 1; round <= 2; round++) {
		const from = cordon.now;
		cordon.child.kill("SIGWINCH");
		await cordon.logged(/a worker crashed and is started again/, from);
		// Nobody serves now: for as long as the pause before the restart, and the start itself, they wait.
		const late = await Stream.open(server);
		late.send(question("bad.example"));
		const waiting = Array.from({ length: 50 }, (_, i) =>
			ask(i % 2 === 0 ? server : v6, question(i % 3 === 0 ? "bad.example" : "any.example")),
		);
		const answers = (await Promise.all(waiting)).map(address);
		t.equal(answers.filter((one) => one === "0.0.0.0").length, 17);
		t.equal(answers.filter((one) => one === "192.0.2.1").length, 33);
		t.equal(
			address((await late.receive(1))[0]),
			"0.0.0.0",
			"a connection that waited to be accepted as well",
		);
		t.strictSame(await restarts(cordon), [`cordon_worker_restarts_total{worker="0"} ${round}`]);
	}
	await stream.closed;
	t.match(cordon.stderr, /ERROR workers: a worker crashed.*worker=0.*a bug in a worker/);
	const { body } = await cordon.get("/metrics");
	t.match(body, /^cordon_worker_up\{worker="0"\} 1$/m);
	t.match(body, /^cordon_responses_total\{via="blocked",rcode="NOERROR"\} 36$/m, "counts outlive the crash");
	t.match(await cordon.stop(), { code: 0 });
});

for (const engine of ENGINES) {
	test(`the address stays the same after a crash, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const config = settings(authority.url, { listen: { udpEngine: engine }, workers: 1 });
		const cordon = await Cordon.start(t, config, folder(t), PRELOAD);
		cordon.child.kill("SIGWINCH");
		await cordon.logged(/a worker crashed and is started again/);
		// SIGHUP in the pause before the restart must not start it twice.
		t.match(await cordon.reload({ blocking: { deny: ["bad.example"] } }), /reloaded/);
		for (const server of cordon.dns)
			t.equal(address(await askName(server, "bad.example")), "0.0.0.0", `still at ${server}`);
		const status = JSON.parse((await cordon.get("/api/v1/status")).body);
		t.strictSame(status.dns, cordon.dns);
		t.strictSame(status.workers, [{ serving: true, restarts: 1 }]);
		t.match(await cordon.stop(), { code: 0 });
		t.equal(cordon.stderr.match(/ERROR/g)?.length, 1);
	});
}

test("the others go on answering", async (t) => {
	process.env.CRASHING_WORKERS = "2";
	t.teardown(() => {
		delete process.env.CRASHING_WORKERS;
	});
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(
		t,
		settings(authority.url, { listen: { udpEngine: "batch" } }),
		folder(t),
		PRELOAD,
	);
	const traffic = await Traffic.start(cordon.dns[0] ?? "", ["any.example"], address);
	await traffic.goOn(100);
	for (const worker of [0, 1]) {
		const from = cordon.now;
		cordon.child.kill("SIGWINCH");
		await cordon.logged(new RegExp(`a worker crashed.*worker=${worker}`), from);
		await traffic.goOn(200);
	}
	const lost = await traffic.stop();
	t.ok(lost <= 16, `at most what a worker had read and not yet answered is lost: ${lost}`);
	t.strictSame(Array.from(traffic.verdicts.keys()), ["192.0.2.1"]);
	t.strictSame(await restarts(cordon), [
		'cordon_worker_restarts_total{worker="0"} 1',
		'cordon_worker_restarts_total{worker="1"} 1',
	]);
});
