import t from "tap";
import { ANSWERED, makeReply, opt, wireName, word } from "./lookup/messages.ts";
import { run } from "./lookup/run.ts";
import { type Answer, startUdp } from "./lookup/servers.ts";

const ADDRESS = { type: 1, data: Buffer.of(192, 0, 2, 1) };
const BLOCKED: readonly [number, Buffer] = [
	15,
	Buffer.concat([word(15), Buffer.from("on list \u001b[2Jtest")]),
];
const good: Answer = (query) => [makeReply(query, { answer: [ADDRESS] })];

t.test("the answer as dig prints it", async (t) => {
	const server = await startUdp((query) => [
		makeReply(query, {
			answer: [
				{ type: 5, data: wireName("www.example.org") },
				{ ...ADDRESS, name: wireName("www.example.org"), ttl: 60 },
			],
			authority: [{ type: 2, ttl: 3600, data: wireName("ns.example.org") }],
			additional: [
				{
					name: wireName("ns.example.org"),
					type: 28,
					data: Buffer.from(`20010db8${"0".repeat(23)}1`, "hex"),
				},
				opt(1232, 0x8000, [[10, Buffer.from("0123456789abcdef", "hex")], BLOCKED]),
			],
		}),
	]);
	t.teardown(server.close);
	const { code, stdout, stderr } = await run("example.org", "--server", `127.0.0.1:${server.port}`);
	t.equal(code, 0);
	t.equal(stderr, "");
	const stable = stdout
		.replace(/id: \d+/, "id: N")
		.replace(/time: \d+ msec/, "time: N msec")
		.replace(`#${server.port}`, "#PORT")
		.replace(/WHEN: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, "WHEN: NOW");
	t.equal(
		stable,
		`;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 2

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags: do; udp: 1232
; COOKIE: 0123456789abcdef
; EDE: 15 (Blocked): (on list \\x1b[2Jtest)
;; QUESTION SECTION:
;example.org.			IN	A

;; ANSWER SECTION:
example.org.		300	IN	CNAME	www.example.org.
www.example.org.	60	IN	A	192.0.2.1

;; AUTHORITY SECTION:
example.org.		3600	IN	NS	ns.example.org.

;; ADDITIONAL SECTION:
ns.example.org.		300	IN	AAAA	2001:db8::1

;; Query time: N msec
;; SERVER: 127.0.0.1#PORT(127.0.0.1) (UDP)
;; WHEN: NOW
;; MSG SIZE  rcvd: 204
`,
	);
});

t.test("what is asked follows the options", async (t) => {
	const queries: string[] = [];
	const server = await startUdp((query) => {
		queries.push(query.subarray(2).toString("hex"));
		return good(query);
	});
	t.teardown(server.close);
	const at = `@127.0.0.1:${server.port}`;
	const question = `${wireName("a.test").toString("hex")}00010001`;
	for (const [args, want] of [
		[["a.test"], `01200001000000000001${question}00002904d0000000000000`],
		[["a.test", "--bufsize", "0"], `01200001000000000000${question}`],
		[["a.test", "--bufsize", "0", "--no-recurse", "--cd"], `00300001000000000000${question}`],
		[["a.test", "--dnssec", "--bufsize", "4096"], `01200001000000000001${question}0000291000000080000000`],
		[
			["a.test", "mx", "--class", "ch", "--bufsize", "0"],
			`01200001000000000000${wireName("a.test").toString("hex")}000f0003`,
		],
		[
			["192.0.2.1", "--reverse", "--bufsize", "0"],
			`01200001000000000000${wireName("1.2.0.192.in-addr.arpa").toString("hex")}000c0001`,
		],
		[
			["bücher.test", "TYPE65280", "--bufsize", "0"],
			`01200001000000000000${wireName("xn--bcher-kva.test").toString("hex")}ff000001`,
		],
	] as const) {
		const { code } = await run(...args, at);
		t.equal(code, 0, args.join(" "));
		t.equal(queries.pop(), want, args.join(" "));
	}
});

t.test("--short prints data alone, the rest aside", async (t) => {
	const server = await startUdp((query) => [
		makeReply(query, query.includes("gone") ? { flags: ANSWERED | 3 } : { answer: [ADDRESS, ADDRESS] }),
	]);
	t.teardown(server.close);
	const at = `@127.0.0.1:${server.port}`;
	t.match(await run("a.test", "--short", at), { code: 0, stdout: "192.0.2.1\n192.0.2.1\n", stderr: "" });
	t.match(await run("gone.test", "--short", at), {
		code: 0,
		stdout: "",
		stderr: "cordon lookup: status NXDOMAIN\n",
	});
});

t.test("--json prints everything", async (t) => {
	const server = await startUdp((query) => [
		makeReply(query, { flags: ANSWERED | 5, answer: [ADDRESS], additional: [opt(1232, 1 << 24, [BLOCKED])] }),
	]);
	t.teardown(server.close);
	const { code, stdout } = await run("a.test", "--json", `@127.0.0.1:${server.port}`);
	t.equal(code, 0);
	t.match(JSON.parse(stdout), {
		opcode: "QUERY",
		status: "BADALG",
		flags: ["qr", "rd", "ra"],
		counts: { question: 1, answer: 1, authority: 0, additional: 1 },
		question: [{ name: "a.test.", class: "IN", type: "A" }],
		answer: [{ name: "a.test.", ttl: 300, class: "IN", type: "A", rdata: "192.0.2.1" }],
		authority: [],
		edns: { version: 0, udp: 1232, errors: [{ code: 15, name: "Blocked", text: "on list \\x1b[2Jtest" }] },
		server: { transport: "udp", address: "127.0.0.1", port: server.port },
		timeMs: Number,
		size: Number,
		faults: [],
	});
});

t.test("without --server the Cordon of the configuration is asked", async (t) => {
	const server = await startUdp(good);
	t.teardown(server.close);
	const folder = t.testdir({
		"right.yaml": `listen:\n  dns: ["0.0.0.0:${server.port}"]\n`,
		"wrong.yaml": "listen:\n  dns: [somewhere]\n",
	});
	const { code, stdout, stderr } = await run("a.test", "--config", `${folder}/right.yaml`);
	t.equal(code, 0, stderr);
	t.match(stdout, new RegExp(`;; SERVER: 127\\.0\\.0\\.1#${server.port}\\(127`));
	t.match(await run("a.test", "--config", `${folder}/wrong.yaml`), {
		code: 1,
		stdout: "",
		stderr: /listen\.dns\[0\]/,
	});
	t.match(await run("a.test", "--config", `${folder}/none.yaml`), {
		code: 1,
		stderr: /none\.yaml: does not exist/,
	});
});

t.test("wrong usage", async (t) => {
	for (const [args, want] of [
		[[], /no NAME given/],
		[["a.test", "FOO"], /TYPE "FOO" is not known; write A, AAAA, MX/],
		[["a.test", "AXFR"], /TYPE AXFR is a zone transfer/],
		[["a.test", "A", "MX"], /"MX" is one argument too many/],
		[["a.test", "@192.0.2.1", "-s", "192.0.2.2"], /"@192\.0\.2\.1" is one argument too many/],
		[["a..test"], /empty label/],
		[["a.test", "--server", "ftp://x"], /ftp:\/\/ is not spoken/],
		[["a.test", "--timeout", "soon"], /--timeout "soon" must be a duration/],
		[["a.test", "--bufsize", "100"], /--bufsize "100" must be 512 to 65535 bytes/],
		[["a.test", "--class", "XX"], /--class "XX" is not known/],
		[["a.test", "--reverse"], /--reverse wants an IP address; "a\.test" is none/],
		[["a.test", "--json", "--short"], /exclude one another/],
		[["a.test", "--colour"], /Unknown option '--colour'/],
	] as const) {
		const { code, stdout, stderr } = await run(...args);
		t.equal(code, 1, args.join(" "));
		t.equal(stdout, "");
		t.match(stderr, want);
	}
	t.match(await run("--help"), { code: 0, stdout: /^Usage: cordon lookup NAME/, stderr: "" });
});
