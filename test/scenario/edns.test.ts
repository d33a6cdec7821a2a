/** Header and EDNS through real sockets: raw packets, over both engines, UDP and TCP. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { type Decoded, decode } from "../wire/decoded.ts";
import { CD, message, opt, option, QNAME, query, question, RD, TYPE, word } from "../wire/message.ts";
import { Authority, a, bigText } from "./authority.ts";
import { ask, connectedUdp, Stream } from "./client.ts";
import { Cordon, ENGINES, folder, settings } from "./cordon.ts";

const NAME = "Www.Known.example";
const COOKIE = 10;
const KEEPALIVE = 11;
const NSID = 3;
const AD = 0x0020;
const Z = 0x0040;
const TC = 0x0200;
const AA = 0x0400;
const RA = 0x0080;

async function viaUdp(server: string, packet: Buffer): Promise<Decoded> {
	return decode((await ask(server, packet)).bytes);
}

async function viaTcp(server: string, packet: Buffer): Promise<Decoded> {
	const stream = await Stream.open(server);
	stream.send(packet);
	const [reply] = await stream.receive(1);
	stream.socket.destroy();
	return decode(reply?.bytes ?? Buffer.alloc(0));
}

interface Probe {
	readonly what: string;
	readonly packet: Buffer;
	readonly expected: object;
}

/** An OPT record with flags that nobody has defined yet. */
const flagged = (flags: number, version = 0, options: Buffer = Buffer.alloc(0)) => ({
	...opt({ version, options }),
	ttl: ((version << 16) | flags) >>> 0,
});
const ANSWERED = { rcode: 0, question: NAME, answer: [{ name: NAME, type: TYPE.A }] };
const UNKNOWN = option(100, Buffer.from("whatever"));

const PROBES: readonly Probe[] = [
	{ what: "8.1.2: an unknown type", packet: query(NAME, { type: 666 }), expected: { rcode: 0, answer: [] } },
	...(
		[
			["8.1.3.1: CD", CD],
			["8.1.3.2: AD", AD],
			["8.1.3.3: the last reserved bit", Z],
			["TC, AA and RA", TC | AA | RA],
		] as const
	).map(([what, flags]) => ({
		what,
		packet: query(NAME, { flags: RD | flags }),
		expected: { ...ANSWERED, flags: 0x8180 | (flags & CD), edns: undefined },
	})),
	{
		what: "8.1.4: an unknown opcode",
		packet: query(NAME, { flags: RD | 0x7800 }),
		expected: { rcode: 4, flags: 0x8180 | 0x7800 | 4, question: NAME, edns: undefined },
	},
	{
		what: "8.1.4: an unknown opcode, a header alone",
		packet: message({ flags: 0x7800 }),
		expected: { rcode: 4, question: undefined },
	},
	{
		what: "an unknown opcode with EDNS",
		packet: query(NAME, { flags: 0x7800, edns: {} }),
		expected: { rcode: 4, edns: { version: 0 } },
	},
	{
		what: "8.2.1: EDNS",
		packet: query(NAME, { edns: { size: 4096 } }),
		expected: { ...ANSWERED, edns: { version: 0, size: 1232, dnssecOk: false, options: undefined } },
	},
	{
		what: "8.2.2: EDNS version 1",
		packet: query(NAME, { edns: { version: 1 } }),
		expected: { rcode: 16, answer: [], edns: { version: 0 } },
	},
	{
		what: "8.2.3: an unknown option",
		packet: query(NAME, { edns: { options: UNKNOWN } }),
		expected: { ...ANSWERED, edns: { options: undefined } },
	},
	{
		what: "8.2.4: an unknown EDNS flag",
		packet: query(NAME, { additional: [flagged(0x0040)] }),
		expected: { ...ANSWERED, edns: { version: 0, flags: 0 } },
	},
	{
		what: "8.2.5: EDNS version 1 and an unknown flag",
		packet: query(NAME, { additional: [flagged(0x0040, 1)] }),
		expected: { rcode: 16, edns: { version: 0, flags: 0 } },
	},
	{
		what: "8.2.6: EDNS version 1 and an unknown option",
		packet: query(NAME, { additional: [flagged(0, 1, UNKNOWN)] }),
		expected: { rcode: 16, edns: { version: 0, options: undefined } },
	},
	{
		what: "8.2.8: DO",
		packet: query(NAME, { edns: { dnssecOk: true } }),
		expected: { ...ANSWERED, edns: { dnssecOk: true } },
	},
	{
		what: "8.2.9: EDNS version 1 and DO",
		packet: query(NAME, { edns: { version: 1, dnssecOk: true } }),
		expected: { rcode: 16, edns: { version: 0, dnssecOk: true } },
	},
	{
		what: "8.2.10: several options at once",
		packet: query(NAME, {
			edns: {
				options: Buffer.concat([option(NSID), option(COOKIE, Buffer.alloc(8, 1)), option(8, word(1, 0))]),
			},
		}),
		expected: { ...ANSWERED },
	},
	{
		what: "RFC 6891, section 6.1.1: two OPT records",
		packet: query(NAME, { additional: [opt(), opt()] }),
		expected: { rcode: 1, question: NAME },
	},
	{
		what: "RFC 6891, section 6.1.1: an OPT record in the answer section",
		packet: query(NAME, { answer: [opt()] }),
		expected: { rcode: 1, edns: undefined },
	},
	{
		what: "RFC 6891, section 6.1.2: an OPT record that is not the root's",
		packet: query(NAME, { additional: [{ ...opt(), name: QNAME }] }),
		expected: { rcode: 1, edns: undefined },
	},
	{
		what: "RFC 6891, section 7: options that run past their record",
		packet: query(NAME, { edns: { options: option(COOKIE, Buffer.alloc(8), 9) } }),
		expected: { rcode: 1, question: NAME, edns: { ede: undefined, options: undefined } },
	},
	{
		what: "RFC 9619: two questions",
		packet: message({ question: Buffer.concat([question(NAME), question(NAME)]), counts: [2, 0, 0, 0] }),
		expected: { rcode: 1, question: undefined },
	},
	{ what: "RFC 9619: no question", packet: message({ flags: RD }), expected: { rcode: 1 } },
	{
		what: "RFC 7873, section 5.2.2: a cookie of 9 bytes",
		packet: query(NAME, { edns: { options: option(COOKIE, Buffer.alloc(9)) } }),
		expected: { rcode: 1, question: NAME, edns: { options: undefined } },
	},
	{
		what: "RFC 7830, section 6: padding without encryption",
		packet: query(NAME, { edns: { options: option(12, Buffer.alloc(50)) } }),
		expected: { ...ANSWERED, edns: { options: undefined } },
	},
	{
		what: "class CH",
		packet: query("version.bind", { type: TYPE.TXT, class: 3 }),
		expected: { rcode: 5, answer: [] },
	},
	{
		what: "RD clear",
		packet: query(NAME, { flags: 0, edns: {} }),
		expected: { rcode: 5, edns: { ede: 20 } },
	},
];

async function start(t: Test, ...over: Parameters<typeof settings>[1][]): Promise<Cordon> {
	const authority = await Authority.start(t);
	authority.set(NAME.toLowerCase(), TYPE.A, a("192.0.2.7"));
	authority.set("big.example", TYPE.TXT, ...bigText(3000));
	return await Cordon.start(t, settings(authority.url, ...over.map((one) => one ?? {})));
}

for (const engine of ENGINES) {
	test(`RFC 8906, section 8: every probe is answered, engine ${engine}`, async (t) => {
		const cordon = await start(t, { listen: { udpEngine: engine } });
		const [server = ""] = cordon.dns;
		for (const { what, packet, expected } of PROBES) {
			t.match(await viaUdp(server, packet), expected, what);
			t.match(await viaTcp(server, packet), expected, `${what}, over TCP`);
		}
	});

	test(`RFC 8906, section 8.2.7, and RFC 6891, section 6.2.3: sizes, engine ${engine}`, async (t) => {
		const cordon = await start(t, { listen: { udpEngine: engine } });
		const [server = ""] = cordon.dns;
		for (const size of [0, 511, 512, 1232, 65_535]) {
			const cut = await viaUdp(server, query("big.example", { type: TYPE.TXT, edns: { size } }));
			t.match(cut, { truncated: true, rcode: 0, question: "big.example", answer: [], edns: { size: 1232 } });
		}
		const whole = await viaTcp(server, query("big.example", { type: TYPE.TXT, edns: { size: 512 } }));
		t.match(whole, { truncated: false, answer: { length: 11 } });
	});
}

const client = option(COOKIE, Buffer.from("01234567"));
const asking = (options: Buffer) => query(NAME, { edns: { options } });
const optionOf = ({ edns }: Decoded, code: number) => edns?.options?.find(([found]) => found === code)?.[1];

/** The cookie that a client gets, as an option to send. */
async function learn(server: string): Promise<Buffer> {
	const data = optionOf(await viaUdp(server, asking(client)), COOKIE);
	return option(COOKIE, data ?? Buffer.alloc(0));
}

/** By state. */
async function counted(cordon: Cordon): Promise<string> {
	const { body } = await cordon.get("/metrics");
	return ["client", "valid", "bad"]
		.map((state) => new RegExp(`^cordon_cookies_total\\{state="${state}"\\} (\\d+)$`, "m").exec(body)?.[1])
		.join(" ");
}

test("cookies are good for all workers, until the process ends", async (t) => {
	const cordon = await start(t);
	const [server = ""] = cordon.dns;
	const own = await learn(server);
	t.equal(own.length, 28);
	// Each socket has a port of its own, by which the kernel chooses a worker.
	for (let i = 0; i < 40; i++) await viaUdp(server, asking(own));
	await viaTcp(server, asking(own));
	t.equal(await counted(cordon), "1 41 0");
	await cordon.reload({ cache: { maxTtl: "1h" } });
	t.strictSame(
		optionOf(await viaUdp(server, asking(own)), COOKIE),
		own.subarray(4),
		"a reload changes nothing",
	);
	const other = await start(t);
	await viaUdp(other.dns[0] ?? "", asking(own));
	t.equal(await counted(other), "0 0 1", "another process has another secret");
});

test("RFC 9018, section 5: nodes that share a secret take each other's cookies, while it is replaced too", async (t) => {
	const directory = folder(t);
	const write = (name: string, digit: string) => {
		const path = join(directory, name);
		writeFileSync(path, `${digit.repeat(32)}\n`);
		return path;
	};
	const [first, second] = [write("first", "a"), write("second", "B")];
	const one = await start(t, { listen: { cookies: { secretFile: first } } });
	const two = await start(t, { listen: { cookies: { secretFile: first } } });
	const [at1 = "", at2 = ""] = [one.dns[0], two.dns[0]];
	const old = await learn(at1);
	await viaUdp(at2, asking(old));
	t.equal(await counted(two), "0 1 0");
	t.match(
		await one.reload({ listen: { cookies: { secretFile: second, previousSecretFile: first } } }),
		/reloaded/,
	);
	t.match(await two.reload({ listen: { cookies: { previousSecretFile: second } } }), /reloaded/);
	const renewed = await viaUdp(at1, asking(old));
	t.equal(await counted(one), "1 1 0", "made with the secret before");
	const fresh = optionOf(renewed, COOKIE) ?? Buffer.alloc(0);
	t.notSame(fresh, old.subarray(4), "and made anew with the one in use");
	await viaUdp(at2, asking(option(COOKIE, fresh)));
	t.equal(await counted(two), "0 2 0", "which the other node knows already");
	writeFileSync(second, "nothing of the kind\n");
	t.match(await one.reload(), /was not taken over/);
	t.match(
		one.stderr,
		/listen\.cookies\.secretFile names a file whose first line is not 32 hexadecimal digits/,
	);
	await viaUdp(at1, asking(option(COOKIE, fresh)));
	t.equal(await counted(one), "1 2 0");
});

test("RFC 7873, section 5.2.3: required cookies", async (t) => {
	const cordon = await start(t, { listen: { cookies: { required: true } } });
	const [server = ""] = cordon.dns;
	const refused = await viaUdp(server, asking(client));
	t.match(refused, { rcode: 23, answer: [], edns: { version: 0 } });
	t.match(await viaUdp(server, asking(option(COOKIE, optionOf(refused, COOKIE) ?? client))), ANSWERED);
	t.match(await viaTcp(server, asking(client)), ANSWERED, "over TCP");
	t.match(await viaUdp(server, query(NAME)), ANSWERED, "who speaks no cookies");
	t.match((await cordon.get("/metrics")).body, /cordon_responses_total\{via="error",rcode="BADCOOKIE"\} 1/);
});

test("RFC 7873: an answer that comes late has its cookie, and each client its own", async (t) => {
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(t, settings(authority.url));
	const [server = ""] = cordon.dns;
	const release = authority.hold("slow.any.example");
	const sockets = await Promise.all([connectedUdp(server), connectedUdp(server), connectedUdp(server)]);
	const heard = sockets.map(
		(socket) => new Promise<Buffer>((resolve) => socket.once("message", (bytes) => resolve(bytes))),
	);
	for (const [i, socket] of sockets.entries()) {
		const options = i === 2 ? Buffer.alloc(0) : option(COOKIE, Buffer.alloc(8, i));
		socket.send(query("slow.any.example", { edns: { options } }));
	}
	await authority.hears("slow.any.example");
	release();
	const replies = (await Promise.all(heard)).map(decode);
	for (const socket of sockets) socket.close();
	for (const [i, reply] of replies.entries()) {
		t.match(reply, { rcode: 0, answer: [{ type: TYPE.A }] });
		t.strictSame(optionOf(reply, COOKIE)?.subarray(0, 8), i === 2 ? undefined : Buffer.alloc(8, i));
	}
});

test("RFC 7828: a keepalive on TCP, none on UDP", async (t) => {
	const cordon = await start(t, { listen: { tcp: { idleTimeout: "2550ms" } } });
	const [server = ""] = cordon.dns;
	const wanted = asking(option(KEEPALIVE));
	t.strictSame(
		optionOf(await viaTcp(server, wanted), KEEPALIVE),
		word(25),
		"units of 100 ms, never more than kept",
	);
	t.equal(optionOf(await viaTcp(server, asking(Buffer.alloc(0))), KEEPALIVE), undefined, "3.3.2: unasked");
	t.match(await viaTcp(server, asking(option(KEEPALIVE, word(9)))), { rcode: 1 }, "3.1: with a timeout");
	for (const data of [Buffer.alloc(0), word(9)])
		t.match(await viaUdp(server, asking(option(KEEPALIVE, data))), {
			...ANSWERED,
			edns: { options: undefined },
		});
});

test("RFC 7828, section 3.3.2: what was promised counts from the answer", async (t) => {
	const authority = await Authority.start(t);
	const cordon = await Cordon.start(
		t,
		settings(authority.url, { listen: { tcp: { idleTimeout: "600ms" } } }),
	);
	const release = authority.hold("slow.any.example");
	const stream = await Stream.open(cordon.dns[0] ?? "");
	stream.send(query("slow.any.example", { edns: { options: option(KEEPALIVE) } }));
	await authority.hears("slow.any.example");
	// Most of the idle time is over when the answer comes.
	await new Promise((resolve) => setTimeout(resolve, 450));
	const answered = performance.now();
	release();
	const [reply] = await stream.receive(1);
	t.strictSame(optionOf(decode(reply?.bytes ?? Buffer.alloc(0)), KEEPALIVE), word(6));
	await stream.closed;
	const kept = performance.now() - answered;
	t.ok(kept >= 595, `closed after ${kept} ms`);
});

test("who we are, by configuration and reload", async (t) => {
	const cordon = await start(t, { listen: { identity: { server: "node-1", version: "x", nsid: true } } });
	const [server = ""] = cordon.dns;
	const id = query("id.server", { type: TYPE.TXT, class: 3 });
	t.match(await viaUdp(server, id), { answer: [{ class: 3, data: Buffer.from("\x06node-1") }] });
	t.strictSame(optionOf(await viaUdp(server, asking(option(NSID))), NSID), Buffer.from("node-1"));
	await cordon.reload({
		listen: { identity: { server: false, nsid: false }, any: "forward" },
		access: { nonRecursive: "answer" },
	});
	t.match(await viaUdp(server, id), { rcode: 5 });
	t.equal(optionOf(await viaUdp(server, asking(option(NSID))), NSID), undefined);
	t.match(await viaUdp(server, query(NAME, { flags: 0 })), ANSWERED, "access.nonRecursive: answer");
});
