/** Cached answers forgotten on demand, and what is concluded from denials above a name. */
import { test } from "tap";
import { nameFromText } from "../../src/wire/name.ts";
import { startServer } from "../upstream/server.ts";
import { a, query, reply, soa } from "../wire/message.ts";
import { TestCache } from "./caching.ts";
import { startResolver } from "./resolving.ts";

const NXDOMAIN_AD = 0x81a3;
const NXDOMAIN = 0x8183;

function meaning(name: string, subtree: boolean) {
	return { name: nameFromText(name), subtree };
}

test("of one name, of it and all below it, of all", (t) => {
	const cache = new TestCache();
	const names = [
		"example",
		"www.example",
		"a.www.example",
		"notwww.example",
		"www.example.test",
		"wwwexample",
	];
	const fill = () => {
		for (const name of names) cache.put(query(name), { answer: [a("192.0.2.1", 300)] }, 0);
		cache.put(query("www.example", { type: 28 }), { flags: 0x8180, authority: [soa(300, 300)] }, 0);
	};
	const left = () => names.filter((name) => cache.get(query(name), 1) !== undefined);
	fill();
	t.equal(cache.cache.flush(meaning("www.example", false)), 2, "each type of the name");
	t.strictSame(left(), ["example", "a.www.example", "notwww.example", "www.example.test", "wwwexample"]);
	fill();
	t.equal(cache.cache.flush(meaning("www.example", true)), 3);
	t.strictSame(left(), ["example", "notwww.example", "www.example.test", "wwwexample"]);
	fill();
	t.equal(cache.cache.flush(meaning("gone.test", true)), 0);
	t.equal(cache.cache.flush({ name: undefined, subtree: false }), names.length + 1);
	t.strictSame(left(), []);
	t.end();
});

test("a denial of a whole name goes with the name", (t) => {
	const cache = new TestCache();
	cache.put(query("gone.example"), { flags: NXDOMAIN, authority: [soa(300, 300)] }, 0);
	t.equal(cache.get(query("gone.example", { type: 28 }), 1)?.rcode, 3);
	t.equal(cache.cache.flush(meaning("gone.example", false)), 1);
	t.equal(cache.get(query("gone.example", { type: 28 }), 1), undefined);
	t.end();
});

test("an answer that was under way is given, and not kept", async (t) => {
	const upstream = await startServer(t, () => undefined);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	const asked = resolver.ask(query("www.example"));
	const arrival = await upstream.arrival(0);
	t.equal(resolver.resolver.flush({ name: undefined, subtree: false }), 0);
	arrival.send(reply(arrival.query, { answer: [a("192.0.2.1", 300)] }));
	t.equal((await asked)?.via, "upstream");
	const again = resolver.ask(query("www.example"));
	const second = await upstream.arrival(1);
	second.send(reply(second.query, { answer: [a("192.0.2.2", 300)] }));
	t.equal((await again)?.via, "upstream", "it had to be asked anew");
	t.equal((await resolver.ask(query("www.example")))?.via, "cache", "and that is kept");
});

test("nothing flushed is given after its time", async (t) => {
	const upstream = await startServer(t, ({ query: asked }, number) =>
		reply(asked, number === 0 ? { answer: [a("192.0.2.1", 60)] } : { flags: 0x8182 }),
	);
	const resolver = await startResolver(t, { upstreams: [upstream.port] });
	await resolver.ask(query("www.example"));
	t.equal(resolver.resolver.flush(meaning("www.example", false)), 1);
	t.equal((await resolver.ask(query("www.example")))?.rcode, 2, "there is nothing that could be given");
});

test("a denial above speaks for names below, but not for those with servers of their own (RFC 8020)", (t) => {
	const cache = new TestCache({ apart: ["corp.internal"] });
	const deny = (name: string) =>
		cache.put(query(name), { flags: NXDOMAIN_AD, authority: [soa(300, 300)] }, 0);
	deny("internal");
	deny("gone.example");
	t.equal(cache.get(query("a.b.gone.example"), 1)?.rcode, 3);
	t.equal(cache.get(query("xgone.example"), 1), undefined);
	t.equal(cache.get(query("host.internal"), 1)?.rcode, 3);
	t.equal(cache.get(query("corp.internal"), 1), undefined);
	t.equal(cache.get(query("host.corp.internal"), 1), undefined);
	t.equal(cache.get(query("a.gone.example"), 301), undefined, "no longer than it lives");
	t.equal(cache.get(query("a.gone.example", { edns: { dnssecOk: true } }), 1), undefined, "DO apart");
	t.end();
});
