import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "tap";
import { examine } from "../../../src/commands/doctor/examine.ts";
import { ok } from "../../../src/commands/doctor/finding.ts";
import { serveLists } from "../../feeds/list-server.ts";
import { Authority } from "../../scenario/authority.ts";
import { look, patient, runDoctor, writeConfig } from "./patient.ts";

test("usage", async (t) => {
	t.match(await runDoctor("--help"), { code: 0, out: /Exit code: 0 all is well, 1 warnings, 2 faults/ });
	t.match(await runDoctor("port"), { code: 3, err: /there is no check "port"; did you mean "ports"\?/ });
	t.match(await runDoctor("--timeout", "never"), { code: 3, err: /--timeout never has to be a number/ });
	t.match(await runDoctor("--ofline"), { code: 3, err: /did you mean --offline\?/ });
});

test("faults of the configuration are findings", async (t) => {
	const { path } = writeConfig(t, { blocking: { answr: "nxdomain" } });
	const { code, out } = await runDoctor("--config", path);
	t.equal(code, 2);
	t.match(out, /^fault {3}configuration blocking\.answr .*\n +→ cordon check --config/);
	t.match(await runDoctor("--config", `${path}.not`), { code: 2, out: /does not exist/ });
});

test("what is fine is told on demand; the exit code follows the worst", async (t) => {
	const upstream = await Authority.start(t);
	const lists = await serveLists(t, (_, response) => response.end("bad.example\n"));
	const { path } = writeConfig(t, {
		upstreams: { servers: [upstream.url] },
		lists: [{ name: "web", url: `${lists.url}/list.txt`, allowPrivateAddress: true }],
	});
	const checks = ["configuration", "ports", "privilege", "sources", "disk", "node", "redis"];
	const quiet = await runDoctor(...checks, "--config", path);
	t.match(quiet, { code: 0, out: /^Cordon \S+, \S+: \d+ ok\n$/ });
	const all = await runDoctor(...checks, "--config", path, "--all");
	t.equal(all.code, 0);
	t.match(all.out, /ok {6}sources {7}1 of 1 lists can be had/);
	t.match(all.out, /ok {6}redis {9}no Redis is used/);
	t.same(
		lists.requests.map(({ method }) => method),
		["GET", "GET"],
	);
	const json = await runDoctor("lists", "--config", path, "--json");
	t.match(JSON.parse(json.out), {
		worst: "note",
		findings: [{ check: "lists", level: "note", text: /list web was never fetched/ }],
	});
});

test("offline, nothing is sent", async (t) => {
	const lists = await serveLists(t, (_, response) => response.end());
	const { path } = writeConfig(t, {
		lists: [{ name: "web", url: `${lists.url}/list.txt`, allowPrivateAddress: true }],
	});
	const { out } = await runDoctor("--offline", "--config", path);
	t.equal(lists.requests.length, 0);
	for (const check of ["upstreams", "sources", "redis"]) {
		t.match(out, new RegExp(`note +${check} +not looked at: --offline`));
	}
});

test("servers that never answer are given up", async (t) => {
	const silent = createSocket("udp4").bind(0, "127.0.0.1");
	await once(silent, "listening");
	t.teardown(() => silent.close());
	const lists = await serveLists(t, () => {});
	const { path } = writeConfig(t, {
		upstreams: { servers: [`127.0.0.1:${silent.address().port}`] },
		lists: [{ name: "web", url: `${lists.url}/list.txt`, allowPrivateAddress: true }],
	});
	const { code, out } = await runDoctor("upstreams", "sources", "--timeout", "0.2", "--config", path);
	t.equal(code, 2);
	t.match(out, /fault {3}upstreams .*no reply within 0\.2 s/);
	t.match(out, /fault {3}sources .*not done after 0\.2 s/);
});

test("a check that hangs or throws keeps no other from its word", async (t) => {
	const of = await patient(t, {}, { over: { timeoutMs: 20 } });
	let ended = false;
	const checks = [
		{
			name: "hangs",
			look: (_: unknown, signal: AbortSignal) =>
				new Promise<never>(() => {
					signal.addEventListener("abort", () => {
						ended = true;
					});
				}),
		},
		{
			name: "throws",
			look: () => {
				throw new Error("broken");
			},
		},
		{
			name: "denied",
			look: () => {
				throw Object.assign(new Error("EACCES: /secret"), { code: "EACCES" });
			},
		},
		{ name: "fine", look: () => [ok("well")] },
	];
	t.match(await examine(checks, of, false), [
		{ check: "hangs", level: "warning", text: /not known after 0\.06 s/ },
		{ check: "throws", level: "warning", text: "could not be looked at: broken" },
		{ check: "denied", level: "note", mend: /as root/ },
		{ check: "fine", level: "ok" },
	]);
	t.ok(ended);
});

test("what only Linux tells is said to be left out elsewhere", async (t) => {
	const of = await patient(t, {}, { over: { platform: "darwin" } });
	t.match(await look({ name: "ports", linux: true, look: () => [] }, of), [
		{ level: "note", text: "not looked at: only Linux tells, and this is darwin" },
	]);
});
