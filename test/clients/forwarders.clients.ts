/** Other resolvers behind which Cordon stands: they forward to it, and validate what it passes on. */
import { readFileSync } from "node:fs";
import { type Test, test } from "tap";
import { freePort, prepareGround, printed } from "./ground.ts";

const ground = await prepareGround();

/** What a resolver in front of Cordon has to answer. */
async function answersWell(t: Test, port: number): Promise<void> {
	const dig = (...words: string[]) => printed("dig", "@127.0.0.1", "-p", `${port}`, ...words);
	t.match(await dig("both.zone.example"), /status: NOERROR[\s\S]*192\.0\.2\.2/);
	t.match(await dig("chain1.zone.example", "AAAA"), /CNAME\s+chain2[\s\S]*CNAME\s+chain3[\s\S]*2001:db8::2/);
	t.match(await dig("missing.zone.example"), /status: NXDOMAIN/);
	t.match(await dig("a.zone.example", "AAAA"), /status: NOERROR[\s\S]*ANSWER: 0,/);
	t.match(await dig("bad.example"), /IN\s+A\s+0\.0\.0\.0/, "what is blocked stays blocked");
	t.match(await dig("huge.zone.example", "TXT"), /ANSWER: 100,/, "what UDP has no room for");
	t.match(await dig("x.moved.zone.example"), /DNAME[\s\S]*192\.0\.2\.11/);
	t.match(await dig("https.zone.example", "HTTPS"), /HTTPS\s+1 \. alpn="h2"/);
	t.match(await dig("odd.zone.example", "TYPE65280"), /01020304/);
}

/** That it found the signatures in order which came through Cordon. */
async function validatesWell(t: Test, port: number): Promise<void> {
	const dig = (...words: string[]) => printed("dig", "@127.0.0.1", "-p", `${port}`, "+dnssec", ...words);
	t.match(await dig("a.signed.example"), /status: NOERROR.*\n.*flags: qr rd ra ad;[\s\S]*192\.0\.2\.21/);
	t.match(await dig("w.wild.signed.example"), /flags: qr rd ra ad;[\s\S]*192\.0\.2\.23/);
	t.match(await dig("missing.signed.example"), /status: NXDOMAIN.*\n.*flags: qr rd ra ad;/);
	t.match(await dig("a.signed.example", "MX"), /status: NOERROR.*\n.*flags: qr rd ra ad;[\s\S]*ANSWER: 0,/);
}

test("Unbound, which validates", async (t) => {
	const port = await freePort();
	const config = ground.write(
		"downstream-unbound.conf",
		`server:
  interface: 127.0.0.1@${port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${ground.directory}"
  pidfile: ""
  use-syslog: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor-file: "${ground.keyFile}"
  access-control: 127.0.0.0/8 allow
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${ground.port}
`,
	);
	await ground.launch("unbound", port, ["-d", "-c", config]);
	await answersWell(t, port);
	await validatesWell(t, port);
});

test("named, which validates", async (t) => {
	const port = await freePort();
	const [, algorithm = "", key = ""] =
		/DNSKEY\s+257 3 (\d+) (.*)/.exec(readFileSync(ground.keyFile, "latin1")) ?? [];
	const config = ground.write(
		"named.conf",
		`options {
  directory "${ground.directory}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion yes;
  allow-query { 127.0.0.0/8; };
  forward only;
  forwarders { 127.0.0.1 port ${ground.port}; };
  dnssec-validation yes;
  empty-zones-enable no;
  minimal-responses yes;
};
controls { };
trust-anchors { signed.example. static-key 257 3 ${algorithm} "${key.replaceAll(" ", "")}"; };
`,
	);
	await ground.launch("named", port, ["-g", "-c", config]);
	await answersWell(t, port);
	await validatesWell(t, port);
});

test("dnsdist, which asks whether Cordon is well", async (t) => {
	const [port, consolePort] = [await freePort(), await freePort()];
	const key = Buffer.alloc(32, 7).toString("base64");
	const config = ground.write(
		"dnsdist.conf",
		`setLocal("127.0.0.1:${port}")
setACL("127.0.0.0/8")
setSecurityPollSuffix("")
controlSocket("127.0.0.1:${consolePort}")
setKey("${key}")
newServer({address="127.0.0.1:${ground.port}", name="cordon", checkName="ns.zone.example.", mustResolve=true, checkInterval=1, maxCheckFailures=1})
newServer({address="127.0.0.1:${await freePort()}", name="nobody", checkName="ns.zone.example.", mustResolve=true, checkInterval=1, maxCheckFailures=1})
`,
	);
	await ground.launch("dnsdist", port, ["--supervised", "--disable-syslog", "-C", config]);
	const state = () => printed("dnsdist", "-C", config, "-e", "showServers()");
	t.match(await state(), /cordon +127\.0\.0\.1:\d+ +up/);
	for (let tries = 0; tries < 100 && !/nobody.* down/i.test(await state()); tries++);
	t.match(await state(), /nobody +127\.0\.0\.1:\d+ +down/i, "its check can fail");
	t.match(await state(), /cordon +127\.0\.0\.1:\d+ +up/);
	await answersWell(t, port);
});
