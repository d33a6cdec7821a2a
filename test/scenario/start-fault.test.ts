/** What keeps Cordon from serving: each told once, plainly, with exit code 1. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { askName, portOf } from "./client.ts";
import { Command, Cordon, ENGINES, folder, runCommand, settings } from "./cordon.ts";

const NOWHERE = "udp://127.0.0.1:9";

for (const engine of ENGINES) {
	test(`a port that is taken, engine ${engine}`, async (t) => {
		const first = await Cordon.start(t, settings(NOWHERE, { listen: { udpEngine: engine } }));
		const [server = ""] = first.dns;
		const second = new Cordon(
			t,
			settings(NOWHERE, { listen: { dns: [server], udpEngine: engine, admin: false } }),
		);
		const { code, stdout, stderr } = await second.ended;
		t.equal(code, 1);
		t.equal(stdout, "");
		t.match(stderr, new RegExp(`^cordon serve: cannot listen.*${portOf(server)}.*\n$`, "m"));
		t.match(stderr, /another program has this port.*stop it, or choose another/);

		const admin = first.admin.replace("http://", "");
		const third = new Cordon(
			t,
			settings(NOWHERE, { listen: { dns: ["127.0.0.1:0"], udpEngine: engine, admin } }),
		);
		const ended = await third.ended;
		t.equal(ended.code, 1);
		t.match(
			ended.stderr,
			new RegExp(`^cordon serve: .*${portOf(admin)}.*\n$`, "m"),
			"the admin server's as well",
		);
		t.equal((await first.get("/healthz")).status, 200);
		t.match(await first.stop(), { code: 0 });
	});
}

test("an address that this machine does not have", async (t) => {
	for (const udpEngine of ENGINES) {
		const config = settings(NOWHERE, { listen: { dns: ["192.0.2.1:0"], udpEngine, admin: false } });
		const { code, stderr } = await new Cordon(t, config).ended;
		t.equal(code, 1);
		t.match(stderr, /^cordon serve: cannot listen.*192\.0\.2\.1.*\n$/m);
	}
});

test("a bad configuration: all faults at once", async (t) => {
	const config = {
		listen: { dns: ["localhost"], udpEngine: "fast" },
		blocking: { answer: "nothing", ttl: "soon" },
		lists: [{ name: "a" }, { name: "a", file: "x" }],
		wrokers: 2,
	};
	const { code, stdout, stderr } = await new Cordon(t, config).ended;
	t.equal(code, 1);
	t.equal(stdout, "");
	for (const key of ["listen.dns", "listen.udpEngine", "blocking.answer", "blocking.ttl", "lists", "wrokers"])
		t.match(stderr, key);
	t.notMatch(stderr, /\n\s+at /, "no stack");
});

test("no configuration", async (t) => {
	const path = join(folder(t), "missing.yaml");
	const { code, stdout, stderr } = await runCommand(["serve", "--config", path]);
	t.equal(code, 1);
	t.equal(stdout, "");
	t.match(stderr, path);
	t.equal(stderr.split("\n").length, 2, "one line");
});

test("a dataDir that cannot be", async (t) => {
	const directory = folder(t);
	writeFileSync(join(directory, "data"), "a file where a folder should be");
	const { code, stdout, stderr } = await new Cordon(t, settings(NOWHERE), directory).ended;
	t.equal(code, 1);
	t.equal(stdout, "");
	t.match(stderr, /^cordon serve: .*dataDir.*\n$/);
	t.match(stderr, join(directory, "data"));
});

test("a snapshot that cannot be written costs the next start, not this one", async (t) => {
	const directory = folder(t);
	mkdirSync(join(directory, "data", "blocklist.snapshot.new"), { recursive: true });
	const own = settings(NOWHERE, { blocking: { deny: ["bad.example"] } });
	const cordon = await Cordon.start(t, own, directory);
	t.match(cordon.stderr, /ERROR lists: the snapshot of the blocklist cannot be written.*blocklist\.snapshot/);
	const { rcode, answers } = await askName(cordon.dns[0] ?? "", "bad.example");
	t.match({ rcode, answers: answers.length }, { rcode: 0, answers: 1 }, "blocked all the same");
	t.equal((await cordon.stop()).code, 0);
});

test("a list whose file was never there", async (t) => {
	const lists = [{ name: "gone", file: "gone.txt" }];
	const { code, stdout, stderr } = await new Cordon(t, settings(NOWHERE, { lists })).ended;
	t.equal(code, 1);
	t.equal(stdout, "");
	t.match(stderr, /lists\[0\]\.file names a file that does not exist: .*gone\.txt/);
	t.equal(stderr.split("\n").length, 2, "one line");
});

test("usage", async (t) => {
	t.match(await runCommand(["serve", "--help"]), { code: 0, stdout: /^usage: cordon serve/, stderr: "" });
	t.match(await runCommand(["serv"]), { code: 1, stderr: /there is no command "serv"/ });
	t.match(await runCommand(["--version"]), { code: 0, stdout: /^cordon \d+\.\d+\.\d+\n$/ });
	const odd = new Command(t, ["serve", "--confg", "x"]);
	t.match(await odd.ended, { code: 1, stdout: "", stderr: /--confg/ });
});
