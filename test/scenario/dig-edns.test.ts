/** EDNS as `dig` and `kdig` send it and read it. */
import { test } from "tap";
import { hostPort } from "./client.ts";
import { Cordon, run, settings } from "./cordon.ts";

const CONFIG = settings("udp://127.0.0.1:9", {
	listen: { identity: { server: "node-1", version: "one", nsid: true } },
	blocking: { deny: ["bad.example"] },
});

async function see(tool: string, server: string, ...argv: readonly string[]): Promise<string> {
	const { address, port } = hostPort(server);
	const own = tool === "dig" ? ["+tries=1", "+time=5"] : ["+retry=0", "+time=5"];
	const { stdout, stderr } = await run(tool, [`@${address}`, "-p", String(port), ...own, ...argv]);
	return stdout + stderr;
}

test("dig's and kdig's EDNS options", async (t) => {
	const cordon = await Cordon.start(t, CONFIG);
	for (const server of cordon.dns) {
		const dig = (...argv: readonly string[]) => see("dig", server, ...argv);
		t.match(await dig("bad.example"), /COOKIE: [0-9a-f]{48} \(good\)[\s\S]*EDE: 15/);
		t.match(await dig("+tcp", "bad.example"), /COOKIE: [0-9a-f]{48} \(good\)/);
		t.notMatch(await dig("+nocookie", "bad.example"), /COOKIE/);
		t.match(await dig("+header-only"), /status: NOERROR[\s\S]*QUERY: 0[\s\S]*COOKIE: [0-9a-f]{48} \(good\)/);
		t.match(await dig("+nocookie", "+header-only"), /status: FORMERR/);
		t.match(await dig("+nsid", "bad.example"), /NSID: .*"node-1"/);
		t.notMatch(await dig("bad.example"), /NSID/);
		t.match(await dig("+tcp", "+keepalive", "bad.example"), /TCP KEEPALIVE: 10\.0 secs/);
		t.notMatch(await dig("+notcp", "+keepalive", "bad.example"), /KEEPALIVE/);
		const unknown = await dig("+ednsopt=100:abcd", "+ednsflags=0x40", "+nocookie", "bad.example");
		t.match(unknown, /status: NOERROR[\s\S]*EDNS: version: 0, flags:; udp: 1232\n; EDE: 15/);
		t.match(await dig("+edns=1", "+noednsneg", "bad.example"), /status: BADVERS[\s\S]*EDNS: version: 0/);
		t.match(await dig("+edns=9", "+ednsneg", "bad.example"), /status: NOERROR/, "it settles for version 0");
		t.match(await dig("+opcode=15", "+header-only"), /opcode: RESERVED15, status: NOTIMP/);
		t.match(await dig("+zflag", "+nocookie", "bad.example"), /flags: qr rd ra;/);
		t.match(await dig("+norec", "bad.example"), /status: REFUSED[\s\S]*EDE: 20 \(Not Authoritative\)/);
		t.equal(await dig("+short", "CH", "TXT", "id.server"), '"node-1"\n');
		t.equal(await dig("+short", "CH", "TXT", "version.bind"), '"one"\n');
		t.match(await dig("CH", "TXT", "authors.bind"), /status: REFUSED/);
		t.match(await dig("ANY", "good.example"), /good\.example\.\s+3600\s+IN\s+HINFO\s+"RFC8482" ""/);
		t.match(await dig("ANY", "bad.example"), /EDE: 15/);
		const known = await see("kdig", server, "+cookie", "+nsid", "+padding=128", "bad.example");
		t.match(known, /COOKIE: [0-9A-F]{48}\n[\s\S]*NSID: .* "node-1"/);
		t.notMatch(known, /PADDING/);
	}
});

test("dig and kdig come back with their cookie where it is required", async (t) => {
	const cordon = await Cordon.start(
		t,
		settings("udp://127.0.0.1:9", CONFIG, { listen: { cookies: { required: true } } }),
	);
	const [server = ""] = cordon.dns;
	t.match(
		await see("dig", server, "bad.example"),
		/BADCOOKIE, retrying[\s\S]*status: NOERROR[\s\S]*\(good\)/,
	);
	t.match(await see("dig", server, "+nobadcookie", "bad.example"), /status: BADCOOKIE[\s\S]*ANSWER: 0/);
	t.match(await see("dig", server, "+nobadcookie", "+tcp", "bad.example"), /status: NOERROR/);
	t.match(await see("dig", server, "+nocookie", "bad.example"), /status: NOERROR/);
	t.match(
		await see("kdig", server, "+badcookie", "+cookie", "bad.example"),
		/status: BADCOOKIE[\s\S]*status: NOERROR/,
	);
});
