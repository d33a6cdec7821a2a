import { test } from "tap";
import { startServer } from "../upstream/server.ts";
import { a, cname, opt, query, reply, TYPE, wire } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";

const asked = query("www.example.org", { edns: {} });
const bank = a("203.0.113.6", 3600, wire("www.bank.example"));

test("an upstream's answer cannot bring other names along (CVE-2021-25220, CVE-2025-11411)", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) =>
		bytes.includes(wire("www.example.org"))
			? reply(bytes, {
					answer: [a("192.0.2.1"), bank],
					authority: [{ name: wire("example"), type: TYPE.NS, data: wire("ns.evil.example") }],
					additional: [a("203.0.113.6", 3600, wire("ns.evil.example")), opt()],
				})
			: reply(bytes, { answer: [a("198.51.100.7")] }),
	);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	for (const via of ["upstream", "cache"]) {
		t.match(await resolver.ask(asked), { via, answer: { length: 1 }, authority: [] });
	}
	t.match(await resolver.ask(query("www.bank.example")), {
		via: "upstream",
		answer: [{ data: Buffer.of(198, 51, 100, 7) }],
	});
});

test("an answer that nothing can be taken from: the next upstream is asked, else SERVFAIL", async (t) => {
	const circle = await startServer(t, ({ query: bytes }) =>
		reply(bytes, { answer: [cname("a.example"), cname("www.example.org", 60, wire("a.example"))] }),
	);
	const good = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const both = await startResolver(t, { upstreams: [circle.port, good.port] });
	t.match(await both.ask(asked), { via: "upstream", rcode: 0, answer: { length: 1 } });
	t.equal(both.counters.readNumber("unusableLoop"), 1);
	const alone = await startResolver(t, { upstreams: [circle.port] });
	t.match(await alone.ask(asked), { rcode: 2, answer: [], authority: [] });
	t.match(await alone.ask(asked), { via: "cache", rcode: 2 }, "remembered as a failure (RFC 9520)");
	t.equal(alone.counters.readNumber("unusableLoop"), 1);
});

test("an alias whose target did not come along is passed on and not kept", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) =>
		reply(bytes, { answer: [cname("elsewhere.example")] }),
	);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	t.match(await resolver.ask(asked), { via: "upstream", rcode: 0, answer: [{ type: TYPE.CNAME }] });
	t.match(await resolver.ask(asked), { via: "upstream" });
});

test("signatures are for those who set DO, whatever the upstream sends (RFC 4035, section 3.2.1)", async (t) => {
	const RRSIG = { type: 46, data: Buffer.concat([Buffer.of(0, 1), Buffer.alloc(40)]) };
	const upstream = await startServer(t, ({ query: bytes }) =>
		reply(bytes, { answer: [a("192.0.2.1"), RRSIG] }),
	);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	const secure = query("www.example.org", { edns: { dnssecOk: true } });
	for (const via of ["upstream", "cache"]) {
		t.match(await resolver.ask(asked), { via, answer: { length: 1 } });
		t.match(await resolver.ask(secure), { via, answer: { length: 2 } });
	}
	t.match(await resolver.ask(query("www.example.org", { type: 46 })), { answer: [{ type: 46 }] });
});
