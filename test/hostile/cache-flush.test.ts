/**
 * CacheFlush: answers that are as large as an attacker can make them, so that the cache holds nothing else, or more than
 * it may (long chains of aliases, huge RRsets, 64 KiB over TCP, names that unpack to much).
 */
import { test } from "tap";
import { startResolver } from "../resolve/resolving.ts";
import { Authority, bigText, cname } from "../scenario/authority.ts";
import { Stream } from "../scenario/client.ts";
import { Cordon, settings } from "../scenario/cordon.ts";
import { question, TYPE } from "../scenario/message.ts";
import { startServer } from "../upstream/server.ts";
import { query, type Record, record, reply, wire, word } from "../wire/message.ts";
import { look, megabytes, metric, until } from "./resources.ts";

const CACHE = 4 << 20;
const NAMES = 400;

test("64 KiB answers over TCP: the cache stays within its bytes, and so does the process", async (t) => {
	const authority = await Authority.start(t);
	for (let i = 0; i < NAMES; i++) authority.set(`big${i}.example`, TYPE.TXT, ...bigText(64_000));
	const cordon = await Cordon.start(t, settings(authority.url, { workers: 1, cache: { size: `${CACHE}B` } }));
	const [server = ""] = cordon.dns;
	const stream = await Stream.open(server);
	const flood = async (from: number, to: number) => {
		for (let i = from; i < to; i++) {
			stream.send(question(`big${i}.example`, TYPE.TXT));
			await stream.receive(i + 1);
		}
	};
	// What the first answers of this size make the process grow by is not the cache.
	await flood(0, NAMES / 2);
	const before = look(cordon);
	await flood(NAMES / 2, NAMES);
	t.ok((await metric(cordon, "cordon_cache_evictions_total")) >= NAMES - CACHE / 60_000);
	// The gauge is brought up to date once a second.
	const bytes = await until(cordon, "cordon_cache_bytes", (value) => value > CACHE / 2);
	t.ok(bytes <= CACHE, `${bytes} bytes of ${CACHE}`);
	const after = look(cordon);
	t.ok(
		after.memory < before.memory + 60e6,
		`memory ${megabytes(before.memory)}, then ${megabytes(after.memory)}`,
	);
});

test("a chain of a thousand aliases is no answer, remembered as such, and not followed", async (t) => {
	const chain = (name: string): Record[] => [
		...Array.from({ length: 1000 }, (_, i) => ({
			...cname(`c${i + 1}.example`),
			name: i === 0 ? wire(name) : wire(`c${i}.example`),
		})),
		{ type: 1, name: wire("c1000.example"), data: Buffer.of(192, 0, 2, 1) },
	];
	const upstream = await startServer(t, ({ query: asked, name }) => reply(asked, { answer: chain(name) }));
	const resolver = await startResolver(t, { upstreams: [`tcp://127.0.0.1:${upstream.port}`] });
	const found = await resolver.ask(query("c0.example"), { transport: "tcp" });
	t.match(found, { rcode: 2, answer: [] });
	const asked = upstream.arrivals.length;
	t.ok(asked <= 3, "as often as any question that fails");
	t.match(await resolver.ask(query("c0.example")), { rcode: 2, answer: [] });
	t.equal(upstream.arrivals.length, asked, "the failure is remembered");
});

test("names that unpack to much: what is kept is what came, not what it means; and records are counted", async (t) => {
	// Each owner is a pointer to the question's name: 16 bytes a record on the wire, 150 written out.
	let count = 0;
	const upstream = await startServer(t, ({ query: asked }) => {
		const records = Array.from({ length: count }, (_, i) =>
			record({ type: 1, data: Buffer.of(10, 0, i >> 8, i & 255) }),
		);
		const bytes = Buffer.concat([reply(asked), ...records]);
		word(records.length).copy(bytes, 6);
		return bytes;
	});
	const resolver = await startResolver(t, {
		upstreams: [`tcp://127.0.0.1:${upstream.port}`],
		config: { upstreams: { timeout: "200ms", attempts: 1 } },
	});
	const ask = (name: string) =>
		resolver.ask(query(`${name}.${"y".repeat(60)}.${"z".repeat(60)}.example`), { transport: "tcp" });
	count = 256;
	const found = await ask("much");
	t.equal(found?.answer.length, count);
	t.ok((found?.bytes.length ?? 0) < count * 16 + 300);
	count = 257;
	t.match(
		await ask("more"),
		{ rcode: 2, answer: [] },
		"more records than any honest answer has (CVE-2024-1737)",
	);
});
