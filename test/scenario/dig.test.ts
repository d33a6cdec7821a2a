/** What `dig` and `kdig` see, over both engines. */
import { type Test, test } from "tap";
import { Authority, a, bigText, cname } from "./authority.ts";
import { hostPort } from "./client.ts";
import { Cordon, ENGINES, run, settings } from "./cordon.ts";
import { TYPE } from "./message.ts";

async function start(t: Test, udpEngine: string): Promise<{ cordon: Cordon; authority: Authority }> {
	const authority = await Authority.start(t);
	authority.set("good.example", TYPE.A, a("192.0.2.7"));
	authority.set("good.example", TYPE.MX, {
		type: TYPE.MX,
		data: Buffer.from([0, 10, 4, 0x6d, 0x61, 0x69, 0x6c, 0xc0, 12]),
	});
	authority.set("big.example", TYPE.TXT, ...bigText(60_000));
	authority.set("alias.example", TYPE.A, cname("www.bad.example"));
	const config = settings(authority.url, { listen: { udpEngine }, blocking: { deny: ["bad.example"] } });
	return { cordon: await Cordon.start(t, config), authority };
}

/** Runs `dig` or `kdig` against it and returns what it printed. */
async function see(tool: string, server: string, ...argv: readonly string[]): Promise<string> {
	const { address, port } = hostPort(server);
	const own = tool === "dig" ? ["+tries=1", "+time=5", "+nocookie"] : ["+retry=0", "+time=5"];
	const { stdout, stderr } = await run(tool, [`@${address}`, "-p", String(port), ...own, ...argv]);
	return stdout + stderr;
}

for (const engine of ENGINES) {
	test(`dig and kdig, engine ${engine}`, async (t) => {
		const { cordon } = await start(t, engine);
		t.match(cordon.stdout, new RegExp(`\\((${engine === "batch" ? "2 workers" : "1 worker"}), ${engine}\\)`));
		t.equal(cordon.dns.length, 2);

		for (const server of cordon.dns) {
			t.equal(await see("dig", server, "+short", "bad.example", "A"), "0.0.0.0\n");
			t.equal(await see("dig", server, "+short", "deep.below.bad.example", "AAAA"), "::\n");
			t.equal(await see("dig", server, "+short", "good.example", "A"), "192.0.2.7\n");
			t.equal(await see("dig", server, "+tcp", "+short", "good.example", "A"), "192.0.2.7\n");
			t.equal(await see("kdig", server, "+short", "good.example", "MX"), "10 mail.good.example.\n");
		}
		const [server = ""] = cordon.dns;

		for (const type of ["HTTPS", "MX", "TXT", "SVCB", "TYPE65280"]) {
			const text = await see("dig", server, "bad.example", type);
			t.match(text, /status: NOERROR.*\n.*ANSWER: 0, AUTHORITY: 1/, `${type}: NODATA`);
			t.match(text, /bad\.example\.\s+10\s+IN\s+SOA\s/, `${type}: with an SOA`);
		}

		const blocked = await see("dig", server, "bad.example");
		t.match(blocked, /EDE: 15 \(Blocked\): \(blocked by list config\)/);
		t.match(blocked, /flags: qr rd ra;/);
		t.match(blocked, /bad\.example\.\s+10\s+IN\s+A\s+0\.0\.0\.0/);
		t.match(await see("kdig", server, "+edns", "bad.example"), /15 \(Blocked\): 'blocked by list config'/);
		t.match(await see("dig", server, "alias.example"), /EDE: 15/, "a blocked target blocks its alias");
		t.match(await see("dig", server, "+tcp", "bad.example"), /0\.0\.0\.0[\s\S]*\(TCP\)/);

		const plain = await see("dig", server, "+noedns", "bad.example");
		t.match(plain, /ADDITIONAL: 0/);
		t.notMatch(plain, /EDNS|EDE/);
		t.notMatch(await see("dig", server, "+noedns", "+notcp", "good.example"), /EDNS/);

		t.match(await see("dig", server, "bAd.ExAmPlE"), /;bAd\.ExAmPlE\.[\s\S]*\nbAd\.ExAmPlE\./);
		t.match(await see("dig", server, "GOOD.examplE"), /;GOOD\.examplE\.[\s\S]*\nGOOD\.examplE\./);

		t.match(await see("dig", server, "nowhere.example"), /status: NXDOMAIN[\s\S]*SOA/);
		t.match(await see("dig", server, "+opcode=notify", "good.example"), /status: NOTIMP/);
		t.match(await see("dig", server, "CH", "TXT", "version.bind"), /status: REFUSED/);
		t.match(await see("dig", server, "+edns=1", "+noednsneg", "good.example"), /status: BADVERS/);
	});

	test(`an answer too big for UDP, engine ${engine}`, async (t) => {
		const { cordon } = await start(t, engine);
		const [server = ""] = cordon.dns;
		for (const size of [512, 1232, 4096]) {
			const cut = await see("dig", server, `+bufsize=${size}`, "+ignore", "big.example", "TXT");
			t.match(cut, /flags: qr tc rd ra;.*ANSWER: 0/, `${size} bytes: truncated`);
			t.match(cut, /udp: 1232/);
		}
		const whole = await see("dig", server, "big.example", "TXT");
		t.match(whole, /Truncated, retrying in TCP mode/);
		t.match(whole, /ANSWER: 223/);
		t.match(whole, /MSG SIZE {2}rcvd: [56]\d{4}/);
		t.match(await see("kdig", server, "big.example", "TXT"), /ANSWER: 223[\s\S]*\(TCP\)/);
	});
}
