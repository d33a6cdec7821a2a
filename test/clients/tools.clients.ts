/** The query tools that people have: what they print when they ask Cordon. */
import { readFileSync } from "node:fs";
import { test } from "tap";
import { prepareGround, printed } from "./ground.ts";

const { port, keyFile, write } = await prepareGround();
const HERE = "127.0.0.1";

test("dig", async (t) => {
	const dig = (...words: string[]) => printed("dig", `@${HERE}`, "-p", `${port}`, ...words);
	t.match(await dig("both.zone.example"), /status: NOERROR.*\n.*flags: qr rd ra;[\s\S]*IN\tA\t192\.0\.2\.2/);
	t.match(await dig("bad.example"), /EDE: 15 \(Blocked\): \(blocked by[\s\S]*IN\tA\t0\.0\.0\.0/);
	t.match(await dig("huge.zone.example", "TXT"), /Truncated, retrying in TCP mode[\s\S]*ANSWER: 100,/);
	t.match(
		await dig("+tcp", "+keepopen", "a.zone.example", "six.zone.example", "AAAA"),
		/192\.0\.2\.1[\s\S]*2001:db8::6/,
	);
	t.match(await dig("+ednsnegotiation", "+edns=1", "a.zone.example"), /status: NOERROR/);
	t.match(await dig("+noedns", "missing.zone.example"), /status: NXDOMAIN[\s\S]*IN\tSOA/);
	t.notMatch(await dig("+qr", "+cookie", "a.zone.example"), /malformed|Warning|WARNING/);
});

test("mdig asks many questions at once", async (t) => {
	const names = Array.from({ length: 50 }, (_, i) => `n${i}.wild.zone.example`);
	const out = await printed("mdig", `@${HERE}`, "-p", `${port}`, "+short", ...names);
	t.equal(
		out
			.trim()
			.split("\n")
			.filter((line) => line === "192.0.2.9").length,
		50,
	);
	const tcp = await printed("mdig", `@${HERE}`, "-p", `${port}`, "+vc", "+short", ...names);
	t.equal(tcp.trim().split("\n").length, 50);
});

test("kdig", async (t) => {
	const kdig = (...words: string[]) => printed("kdig", `@${HERE}`, "-p", `${port}`, ...words);
	t.match(await kdig("both.zone.example", "AAAA"), /status: NOERROR[\s\S]*2001:db8::2/);
	t.match(await kdig("+edns", "www.bad.example"), /EDE: 15 \(Blocked\)[\s\S]*0\.0\.0\.0/);
	t.match(await kdig("+tcp", "+keepopen", "large.zone.example", "TXT"), /ANSWER: 10;/);
	t.match(await kdig("+dnssec", "a.signed.example"), /IN\s+RRSIG\s+A 13 3/);
	t.match(await kdig("huge.zone.example", "TXT"), /ANSWER: 100;/, "over TCP, as UDP has no room");
});

test("drill", async (t) => {
	const drill = (...words: string[]) => printed("drill", "-p", `${port}`, ...words);
	t.match(await drill("both.zone.example", `@${HERE}`), /rcode: NOERROR[\s\S]*192\.0\.2\.2/);
	t.match(
		await drill("chain1.zone.example", `@${HERE}`),
		/CNAME\tchain2[\s\S]*CNAME\tchain3[\s\S]*A\t192\.0\.2\.2/,
	);
	t.match(await drill("bad.example", `@${HERE}`), /A\t0\.0\.0\.0/);
	t.match(await drill("-t", "mail.zone.example", `@${HERE}`, "MX"), /MX\t10 both/);
	t.match(await drill("-D", "a.signed.example", `@${HERE}`), /RRSIG\tA 13 3/);
	t.match(
		await drill("-S", "-k", keyFile, "a.signed.example", `@${HERE}`, "A"),
		/;; Chase successful/,
		"it chases the signatures through Cordon",
	);
});

test("delv validates what comes through Cordon", async (t) => {
	const [, algorithm = "", key = ""] =
		/DNSKEY\s+257 3 (\d+) (.*)/.exec(readFileSync(keyFile, "latin1")) ?? [];
	const anchor = write(
		"anchor.key",
		`trust-anchors { signed.example. static-key 257 3 ${algorithm} "${key.replaceAll(" ", "")}"; };\n`,
	);
	const delv = (...words: string[]) =>
		printed("delv", `@${HERE}`, "-p", `${port}`, "-a", anchor, "+root=signed.example", ...words);
	t.match(await delv("a.signed.example"), /; fully validated\n[\s\S]*A\t192\.0\.2\.21\n[\s\S]*RRSIG/);
	t.match(await delv("w.wild.signed.example"), /; fully validated\n[\s\S]*192\.0\.2\.23/);
	t.match(await delv("missing.signed.example").catch(String), /negative response, fully validated/);
	t.match(await delv("a.signed.example", "MX").catch(String), /negative response, fully validated/);
	t.match(await delv("alias.signed.example"), /; fully validated[\s\S]*CNAME\ta\.signed[\s\S]*192\.0\.2\.21/);
});
