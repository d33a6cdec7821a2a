/** Response rate limiting over UDP: `access.responseRateLimit`. */

import type { Test } from "tap";
import { test } from "tap";
import { OPTION } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a, option, query, reply, soa } from "../wire/message.ts";
import { type AskOptions, startResolver, type TestResolver } from "./resolving.ts";

const allow = ["127.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"];

async function start(t: Test, responseRateLimit: object): Promise<TestResolver> {
	const upstream = await startServer(t, ({ query: asked, name }) => {
		if (name.startsWith("no")) return reply(asked, { flags: 0x8183, authority: [soa(60, 60)] });
		if (name.startsWith("empty")) return reply(asked, { authority: [soa(60, 60)] });
		if (name.startsWith("bad")) return reply(asked, { flags: 0x8182 });
		return reply(asked, { answer: [a("192.0.2.1")] });
	});
	const config = { access: { allow, responseRateLimit } };
	return await startResolver(t, { upstreams: [upstream.port], config });
}

interface Got {
	sent: number;
	truncated: number;
	dropped: number;
}

/** What becomes of so many questions at one moment. */
async function flood(
	resolver: TestResolver,
	times: number,
	name: (number: number) => string,
	options: AskOptions = {},
): Promise<Got> {
	const got: Got = { sent: 0, truncated: 0, dropped: 0 };
	for (let i = 0; i < times; i++) {
		const found = await resolver.ask(query(name(i)), options);
		if (found === undefined) got.dropped++;
		else if (found.truncated) got.truncated++;
		else got.sent++;
	}
	return got;
}

/** A name that is in the cache, so that all its answers are of one moment. */
const same = () => "www.example";
const later = 1_000_000;

test("answers with records: so many a second for one name, then every second one truncated, the others dropped", async (t) => {
	const resolver = await start(t, { responsesPerSecond: 5 });
	await flood(resolver, 1, same, { from: "192.0.2.1" });
	t.same(await flood(resolver, 25, same), { sent: 5, truncated: 10, dropped: 10 });
	t.equal(resolver.limited("response", "truncated"), 10);
	t.equal(resolver.limited("response", "dropped"), 10);
	t.same(await flood(resolver, 3, () => "WWW.exAMple"), { sent: 0, truncated: 1, dropped: 2 }, "in any case");
	t.equal(
		(await flood(resolver, 5, (i) => `other${i}.example`)).sent,
		5,
		"other names have buckets of their own",
	);
	t.equal((await flood(resolver, 5, same, { transport: "tcp" })).sent, 5, "never over TCP");
	t.equal((await flood(resolver, 5, same, { from: "127.0.0.77" })).sent, 0, "the /24 is one network");
	t.equal((await flood(resolver, 5, same, { from: "198.51.100.7" })).sent, 5, "another is not touched");
});

test("NXDOMAIN, NODATA and errors: whatever the name", async (t) => {
	const resolver = await start(t, { nxdomainsPerSecond: 3, nodataPerSecond: 4, errorsPerSecond: 2, slip: 0 });
	t.equal((await flood(resolver, 20, (i) => `no${i}.example`)).sent, 3);
	t.equal((await flood(resolver, 20, () => "empty.example", { from: "192.0.2.1" })).sent, 4);
	t.equal((await flood(resolver, 20, (i) => `bad${i}.example`)).sent, 2);
	t.equal((await flood(resolver, 20, same)).sent, 20, "answers with records are not limited here");
	t.equal(resolver.limited("response", "truncated"), 0, "slip 0: none");
	const foreign = await flood(resolver, 20, same, { from: "203.0.113.9" });
	t.equal(foreign.sent, 2, "REFUSED to those who may not ask is limited like other errors");
});

test("all answers together", async (t) => {
	const resolver = await start(t, { allPerSecond: 6, slip: 1 });
	t.same(await flood(resolver, 20, (i) => `${i % 2 === 0 ? "no" : "www"}${i}.example`), {
		sent: 6,
		truncated: 14,
		dropped: 0,
	});
});

test("an error is sent as it is where another answer would be truncated", async (t) => {
	const resolver = await start(t, { errorsPerSecond: 1, slip: 2 });
	t.same(await flood(resolver, 21, same, { from: "203.0.113.9" }), { sent: 11, truncated: 0, dropped: 10 });
	t.equal(resolver.limited("response", "sent"), 10);
});

test("the window: who goes on asking stays limited", async (t) => {
	const resolver = await start(t, { responsesPerSecond: 2, window: "5s", slip: 0 });
	await flood(resolver, 1, same, { from: "192.0.2.1" });
	const at = (seconds: number, times: number) => flood(resolver, times, same, { later: seconds * 1000 });
	t.equal((await at(0, 100)).sent, 2);
	t.equal((await at(4, 1)).sent, 0);
	t.equal((await at(20, 10)).sent, 2);
});

test("log-only and exempt networks; IPv6 by /56", async (t) => {
	const logging = await start(t, { responsesPerSecond: 1, logOnly: true, exempt: ["192.0.2.0/24"] });
	await flood(logging, 1, same, { from: "192.0.2.1" });
	t.equal((await flood(logging, 10, same)).sent, 10);
	t.equal(logging.limited("response", "logged"), 9);
	t.equal((await flood(logging, 10, same, { from: "192.0.2.1" })).sent, 10);
	t.equal(logging.limited("response", "logged"), 9, "who is exempt is not counted either");

	const resolver = await start(t, { responsesPerSecond: 3, slip: 0 });
	await flood(resolver, 1, same, { from: "192.0.2.1" });
	t.equal((await flood(resolver, 9, same, { from: "2001:db8:0:1::1", later })).sent, 3);
	t.equal((await flood(resolver, 9, same, { from: "2001:db8:0:ff::2", later })).sent, 0, "the same /56");
	t.equal((await flood(resolver, 9, same, { from: "2001:db8:0:100::2", later })).sent, 3, "another");
});

test("a client with a good cookie is who it says it is (RFC 7873, section 5.2.3)", async (t) => {
	const resolver = await start(t, { responsesPerSecond: 1, slip: 0 });
	const asking = (cookie: Buffer) =>
		resolver.ask(query("www.example", { edns: { options: option(OPTION.COOKIE, cookie) } }), {
			from: "192.0.2.1",
		});
	const client = Buffer.from("0123456789abcdef", "hex");
	const first = await asking(client);
	const own = first?.bytes.subarray(first.bytes.indexOf(client)).subarray(0, 24);
	t.equal(own?.length, 24, "the server's part came along");
	for (let i = 0; i < 10; i++) t.equal((await asking(own ?? client))?.rcode, 0);
	t.equal(await asking(client), undefined, "without it the client is limited");
	t.equal(await asking(Buffer.concat([client, Buffer.alloc(16, 1)])), undefined, "as with a false one");
});
