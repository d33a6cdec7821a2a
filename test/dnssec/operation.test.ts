import { test } from "tap";
import { EDE } from "../../src/wire/codes.ts";
import type { Outcome } from "../resolve/resolving.ts";
import { startServer } from "../upstream/server.ts";
import { AD, a, query, RD, reply } from "../wire/message.ts";
import { startValidating, worldOf } from "./world.ts";
import { T, Zone } from "./zone.ts";

const DO = { dnssecOk: true };

function isAuthentic(found: Outcome | undefined): boolean {
	return ((found?.flags ?? 0) & AD) !== 0;
}

test("a clock that is hours wrong is told about, once", async (t) => {
	const world = worldOf(new Zone("signed.example").a("www.signed.example").a("ftp.signed.example"));
	world.root.odd.set(" 48", [{ expiration: -7200 }]);
	const resolver = await startValidating(t, world);
	t.match(await resolver.ask(query("www.signed.example", { edns: DO })), {
		rcode: 2,
		edns: { ede: EDE.SIGNATURE_EXPIRED },
	});
	t.match(await resolver.ask(query("ftp.signed.example", { edns: DO })), { rcode: 2 });
	t.match(resolver.reports, [/clock/]);
	t.equal(resolver.reports.length, 1);
});

test("an upstream that brings no signatures, and anchors that fit no key, are told about", async (t) => {
	const world = worldOf(new Zone("signed.example").a("www.signed.example"));
	const stripped = await startValidating(t, world);
	world.tamper = (found) => ({
		...found,
		answer: found.answer.filter(({ type }) => type !== T.RRSIG),
		authority: [],
	});
	t.match(await stripped.ask(query("www.signed.example", { edns: DO })), {
		rcode: 2,
		edns: { ede: EDE.RRSIGS_MISSING },
	});
	world.tamper = (found) => found;
	const other = await startValidating(t, world, { trustAnchors: [new Zone("").anchor] });
	t.match(await other.ask(query("www.signed.example", { edns: DO })), {
		rcode: 2,
		edns: { ede: EDE.DNSKEY_MISSING },
	});
	t.match(stripped.reports, [/upstreams bring no signatures/]);
	t.match(other.reports, [/no trust anchor fits/]);
});

test("a reload switches validation on and off, and what was kept before is not given any more", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example");
	const world = worldOf(zone);
	const resolver = await startValidating(t, world);
	const dnssec = { trustAnchors: [world.root.anchor] };
	const ask = () => resolver.ask(query("www.signed.example", { edns: DO }));
	t.ok(isAuthentic(await ask()));
	await resolver.reload({ config: { dnssec: { ...dnssec, validate: false } } });
	t.match(await ask(), { via: "upstream" });
	t.notOk(isAuthentic(await ask()));
	t.equal(resolver.upstream.arrivals.at(-1)?.query.readUInt16BE(2), RD, "CD is not sent any more");
	zone.odd.set("www.signed.example 1", [{ isWrong: true }]);
	await resolver.reload({ config: { dnssec: { ...dnssec, validate: true } } });
	t.match(await ask(), { rcode: 2, edns: { ede: EDE.DNSSEC_BOGUS } });
	await resolver.reload({
		config: { dnssec: { ...dnssec, validate: true, negativeTrustAnchors: ["signed.example"] } },
	});
	t.match(await ask(), { rcode: 0 });
});

test("zones with servers of their own are not validated, unless they have a trust anchor", async (t) => {
	const world = worldOf(new Zone("corp.example").a("www.corp.example", "192.0.2.99"));
	const own = await startServer(t, ({ query: bytes }) => reply(bytes, { answer: [a("192.0.2.7")] }));
	const zones = [{ names: ["corp.example"], servers: [`udp://127.0.0.1:${own.port}`] }];
	const plain = await startValidating(t, world, {}, { config: { upstreams: { zones } } });
	const found = await plain.ask(query("www.corp.example", { edns: DO }));
	t.match(found, { rcode: 0, answer: [{ data: Buffer.of(192, 0, 2, 7) }] });
	t.notOk(isAuthentic(found));
	const strict = await startValidating(
		t,
		world,
		{ trustAnchors: [world.root.anchor, world.zone("corp.example").anchor] },
		{ config: { upstreams: { zones } } },
	);
	t.match(await strict.ask(query("www.corp.example", { edns: DO })), { rcode: 2 });
});

test("a blocked answer never claims to be authentic, nor does an answer that leads to a blocked name", async (t) => {
	const zone = new Zone("signed.example").a("www.signed.example").a("bad.signed.example");
	const resolver = await startValidating(
		t,
		worldOf(zone),
		{},
		{ lists: [{ rules: [{ name: "bad.signed.example", scope: "subtree", action: "block" }] }] },
	);
	const found = await resolver.ask(query("bad.signed.example", { edns: DO }));
	t.equal(found?.via, "blocked");
	t.notOk(isAuthentic(found));
	t.ok(isAuthentic(await resolver.ask(query("www.signed.example", { edns: DO }))));
	t.equal(resolver.counters.readNumber("dnssecSecure"), 1);
});

test("those who ask while an answer is validated join it", async (t) => {
	const world = worldOf(new Zone("signed.example").a("www.signed.example"));
	const resolver = await startValidating(t, world);
	const asked = Array.from({ length: 20 }, () => resolver.ask(query("www.signed.example", { edns: DO })));
	const all = await Promise.all(asked);
	t.ok(all.every(isAuthentic));
	t.equal(resolver.counters.readNumber("dnssecSecure"), 1);
	t.equal(resolver.counters.readNumber("flightsJoined"), 19);
	t.equal(resolver.counters.readNumber("askersWaiting"), 0);
});
