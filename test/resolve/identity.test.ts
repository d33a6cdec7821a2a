/** What is told about the server itself (RFC 4892, RFC 5001). */
import { hostname } from "node:os";
import { test } from "tap";
import { EDE, OPTION, RCODE } from "../../src/wire/codes.ts";
import { option, query, RD, TYPE } from "../wire/message.ts";
import { startResolver } from "./resolving.ts";

const CH = 3;
const txt = (text: string) => Buffer.from([text.length, ...Buffer.from(text)]);
const asking = (name: string, type = TYPE.TXT, flags = RD) =>
	query(name, { type, class: CH, flags, edns: {} });
const NSID = query("example.com", { type: 65_280, class: CH, edns: { options: option(OPTION.NSID) } });

test("nothing is told by default", async (t) => {
	const resolver = await startResolver(t);
	for (const name of ["id.server", "hostname.bind", "version.server", "version.bind", "authors.bind", "x"])
		t.match(
			await resolver.ask(asking(name)),
			{ rcode: RCODE.REFUSED, via: "refused", answer: [], edns: { ede: EDE.NOT_SUPPORTED } },
			name,
		);
	t.equal((await resolver.ask(NSID))?.edns?.options, undefined, "RFC 5001, section 2.1");
});

test("RFC 4892: id.server and version.server, and the names before them", async (t) => {
	const config = { listen: { identity: { server: "fra-1", version: "a resolver" } } };
	const resolver = await startResolver(t, { config });
	for (const [name, text] of [
		["id.server", "fra-1"],
		["hostname.bind", "fra-1"],
		["version.server", "a resolver"],
		["vErsion.Bind", "a resolver"],
	] as const) {
		for (const type of [TYPE.TXT, TYPE.ANY]) {
			t.match(await resolver.ask(asking(name, type)), {
				rcode: RCODE.NOERROR,
				via: "local",
				question: name,
				answer: [{ name, type: TYPE.TXT, class: CH, ttl: 0, data: txt(text) }],
			});
		}
	}
	t.match(await resolver.ask(asking("id.server", TYPE.TXT, 0)), { rcode: RCODE.NOERROR }, "RD clear");
	for (const [name, type] of [
		["authors.bind", TYPE.TXT],
		["id.server", TYPE.A],
		["below.id.server", TYPE.TXT],
		["server", TYPE.TXT],
	] as const)
		t.match(await resolver.ask(asking(name, type)), { rcode: RCODE.REFUSED, via: "refused" }, name);
	t.match(await resolver.ask(asking("id.server"), { from: "192.0.2.1" }), { rcode: RCODE.REFUSED });
});

test("one of the two, and another one after a reload", async (t) => {
	const resolver = await startResolver(t, { config: { listen: { identity: { version: "1" } } } });
	t.match(await resolver.ask(asking("id.server")), { rcode: RCODE.REFUSED });
	t.match(await resolver.ask(asking("version.bind")), { answer: [{ data: txt("1") }] });
	await resolver.reload({ config: { listen: { identity: { server: "x" } } } });
	t.match(await resolver.ask(asking("id.server")), { answer: [{ data: txt("x") }] });
	t.match(await resolver.ask(asking("version.bind")), { rcode: RCODE.REFUSED });
});

test("RFC 5001: the name server's id for those who ask for it", async (t) => {
	for (const [identity, expected] of [
		[{ nsid: "node-7" }, "node-7"],
		[{ nsid: true, server: "fra-1" }, "fra-1"],
		[{ nsid: true }, hostname().slice(0, 64)],
		[{ nsid: "x".repeat(64) }, "x".repeat(64)],
	] as const) {
		const resolver = await startResolver(t, { config: { listen: { identity } } });
		t.strictSame((await resolver.ask(NSID))?.edns?.options, [[OPTION.NSID, Buffer.from(expected)]]);
		t.equal((await resolver.ask(asking("x")))?.edns?.options, undefined, "section 2.1: only when asked for");
	}
});
