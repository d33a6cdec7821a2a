/** What is not answered by asking on, whatever the name: RD clear, other classes, transfers, ANY. */
import { test } from "tap";
import { EDE, RCODE } from "../../src/wire/codes.ts";
import { startServer } from "../upstream/server.ts";
import { a, CD, query, RD, reply, TYPE } from "../wire/message.ts";
import { rule, startResolver } from "./resolving.ts";

const lists = [{ rules: [rule("blocked.example")] }];

test("RFC 1034, section 4.3.1: RD clear gets REFUSED, for cached and for blocked names alike", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port], lists });
	t.match(await resolver.ask(query("known.example")), { via: "upstream" });
	for (const name of ["known.example", "unknown.example", "www.blocked.example"]) {
		for (const flags of [0, CD]) {
			t.match(
				await resolver.ask(query(name, { flags, edns: {} })),
				{
					rcode: RCODE.REFUSED,
					via: "refused",
					answer: [],
					question: name,
					edns: { ede: EDE.NOT_AUTHORITATIVE },
				},
				name,
			);
		}
	}
	t.match(await resolver.ask(query("known.example")), { via: "cache", answer: [{}] });
});

test("access.nonRecursive: answer", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port], lists });
	await resolver.reload({ config: { access: { nonRecursive: "answer" } } });
	const outcome = await resolver.ask(query("known.example", { flags: 0 }));
	t.match(outcome, { via: "upstream", rcode: RCODE.NOERROR });
	t.equal((outcome?.flags ?? 0) & RD, 0, "RFC 1035, section 4.1.1: RD is copied");
	t.match(await resolver.ask(query("www.blocked.example", { flags: 0 })), { via: "blocked" });
});

test("classes but IN and CH, and transfers", async (t) => {
	const resolver = await startResolver(t, { lists });
	for (const cls of [0, 2, 4, 254, 255, 32])
		t.match(
			await resolver.ask(query("www.blocked.example", { class: cls, edns: {} })),
			{ rcode: RCODE.REFUSED, edns: { ede: EDE.NOT_SUPPORTED, text: "only class IN is served" } },
			`class ${cls}`,
		);
	for (const type of [251, 252])
		t.match(
			await resolver.ask(query("www.blocked.example", { type, edns: {} })),
			{ rcode: RCODE.REFUSED, edns: { ede: EDE.NOT_SUPPORTED, text: /transferred/ } },
			`type ${type}`,
		);
});

test("RFC 6895, section 3.1; RFC 9824, section 3.5: types that nobody can be asked for", async (t) => {
	const upstream = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.1")] }));
	const resolver = await startResolver(t, { upstreams: [upstream.port], lists });
	for (const type of [41, 128, 200, 249, 250, 253, 254])
		t.match(
			await resolver.ask(query("known.example", { type, edns: {} })),
			{ rcode: RCODE.FORMERR, question: "known.example", answer: [], edns: { ede: EDE.INVALID_QUERY_TYPE } },
			`type ${type}`,
		);
	for (const type of [0, 40, 42, 127, 256, 65_535])
		t.match(await resolver.ask(query("known.example", { type })), { via: "upstream" }, `type ${type}`);
});

test("RFC 8482, section 4.2: ANY gets one small answer, and nothing is asked for it", async (t) => {
	let asked = 0;
	const upstream = await startServer(t, ({ query: bytes }) => {
		asked++;
		return reply(bytes, { answer: [a("192.0.2.1")] });
	});
	const resolver = await startResolver(t, { upstreams: [upstream.port], lists });
	const any = query("Www.example", { type: TYPE.ANY, edns: {} });
	for (const transport of ["udp", "tcp"] as const) {
		t.match(await resolver.ask(any, { transport }), {
			rcode: RCODE.NOERROR,
			via: "local",
			question: "Www.example",
			answer: [{ name: "Www.example", type: 13, class: 1, ttl: 3600, data: Buffer.from("\x07RFC8482\0") }],
			authority: [],
		});
	}
	t.equal(asked, 0);
	t.match(
		await resolver.ask(query("www.blocked.example", { type: TYPE.ANY, edns: {} })),
		{ via: "blocked", edns: { ede: EDE.BLOCKED }, authority: [{ type: TYPE.SOA }] },
		"what is blocked stays blocked",
	);
	await resolver.reload({ upstreams: [upstream.port], config: { listen: { any: "forward" } } });
	t.match(await resolver.ask(any), { via: "upstream", answer: [{ type: TYPE.A }] }, "listen.any: forward");
	t.equal(asked, 1);
});

test("RFC 8482: records of a policy zone are its answer to ANY", async (t) => {
	const records = [{ type: TYPE.A, ttl: 60, rdata: Uint8Array.of(192, 0, 2, 9) }];
	const zone = [{ rules: [rule("own.example", { action: "data", records })] }];
	const resolver = await startResolver(t, { lists: zone });
	t.match(await resolver.ask(query("own.example", { type: TYPE.ANY })), {
		via: "blocked",
		answer: [{ type: TYPE.A, data: Buffer.of(192, 0, 2, 9) }],
	});
});
