/** Names that mean something to a program rather than to DNS: keys of prototypes, dots and NULs in labels, bytes beyond text. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { Authority } from "../scenario/authority.ts";
import { ask, Stream } from "../scenario/client.ts";
import { Cordon, ENGINES, folder, settings } from "../scenario/cordon.ts";
import { address } from "../scenario/message.ts";
import { word } from "../wire/message.ts";
import { metric } from "./resources.ts";

const KEYS = [
	"__proto__",
	"constructor",
	"prototype",
	"hasownproperty",
	"tostring",
	"valueof",
	"__definegetter__",
];

/** A question for labels of any bytes. */
function questionFor(labels: readonly Buffer[], type = 1): Buffer {
	const name = Buffer.concat([...labels.flatMap((label) => [Buffer.of(label.length), label]), Buffer.of(0)]);
	return Buffer.concat([word(0x4242, 0x0100, 1, 0, 0, 0), name, word(type, 1)]);
}

const named = (name: string) => questionFor(name.split(".").map((label) => Buffer.from(label)));

for (const engine of ENGINES) {
	test(`queries, lists, explain and the cache, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const directory = folder(t);
		writeFileSync(
			join(directory, "odd.txt"),
			KEYS.map((key) => `${key}.example\n`).join("") + KEYS.map((key) => `www.${key}.example\n`).join(""),
		);
		const config = settings(authority.url, {
			workers: 1,
			listen: { udpEngine: engine },
			lists: [{ name: "constructor", file: "odd.txt", format: "domains" }],
		});
		const cordon = await Cordon.start(t, config, directory);
		const [server = ""] = cordon.dns;
		for (const key of KEYS) {
			t.equal(address(await ask(server, named(`${key}.example`))), "0.0.0.0", `${key}.example is listed`);
			t.equal(address(await ask(server, named(`www.${key}.example`))), "0.0.0.0");
			for (let i = 0; i < 2; i++)
				t.equal(
					address(await ask(server, named(`${key}.any.example`))),
					"192.0.2.1",
					`${key} is a name like any`,
				);
			t.equal(authority.asked.get(`${key}.any.example`), 1, "cached");
			const found = await cordon.get(`/api/v1/explain?name=${key}.example`);
			t.match(JSON.parse(found.body), {
				name: `${key}.example`,
				blocked: true,
				rules: [{ list: "constructor" }],
			});
			const free = await cordon.get(`/api/v1/explain?name=${key}.any.example`);
			t.match(JSON.parse(free.body), { blocked: false, rules: [] });
		}
	});

	test(`labels of any bytes are answered, and passed on as they are, engine ${engine}`, async (t) => {
		const authority = await Authority.start(t);
		const config = settings(authority.url, {
			workers: 1,
			listen: { udpEngine: engine },
			blocking: { deny: ["blocked.example"] },
			log: { level: "debug" },
		});
		const cordon = await Cordon.start(t, config);
		const [server = ""] = cordon.dns;
		const example = ["any", "example"].map((label) => Buffer.from(label));
		const odd: readonly Buffer[] = [
			Buffer.from("a.b"),
			Buffer.from("\0"),
			Buffer.from("\n2026-01-01 ERROR forged line"),
			Buffer.from("\u001b[31m"),
			Buffer.alloc(63, 0xff),
			Buffer.from("%s%n$(id)"),
			Buffer.from("../../etc"),
			Buffer.from("<script>"),
			Buffer.from([0xc0, 0x0c]),
		];
		const stream = await Stream.open(server);
		for (const [i, label] of odd.entries()) {
			const asked = questionFor([label, ...example]);
			const reply = await ask(server, asked);
			t.equal(address(reply), "192.0.2.1", label.toString("hex"));
			t.same(
				reply.bytes.subarray(12, asked.length),
				asked.subarray(12),
				"the question comes back byte by byte",
			);
			stream.send(asked);
			t.equal(address((await stream.receive(i + 1))[i]), "192.0.2.1");
			t.equal(
				authority.asked.get(`${label.toString("latin1").toLowerCase()}.any.example`),
				1,
				"one question upstream",
			);
		}
		const dotted = [Buffer.from("www.blocked"), Buffer.from("example")];
		t.not(
			address(await ask(server, questionFor(dotted))),
			"0.0.0.0",
			"a dot within a label is none between labels",
		);
		const nul = [Buffer.from("x\0y"), Buffer.from("blocked"), Buffer.from("example")];
		t.equal(address(await ask(server, questionFor(nul))), "0.0.0.0", "below a blocked name");
		t.notOk(cordon.stderr.includes("\u001b"));
		t.notMatch(cordon.stderr, /forged line/, "nothing of it gets into the log as it is");
		for (const path of [
			"a%00b.example",
			"%ff.example",
			"a%0ab.example",
			"..%2f..%2fetc",
			"%3cscript%3e.example",
		]) {
			const { status, body } = await cordon.get(`/api/v1/explain?name=${path}`);
			t.ok(status >= 400 && status < 500, `${path}: ${status}`);
			t.notMatch(body, /[\0\n]|[^\\]\\[nu]/, "and is told back escaped, twice");
		}
		t.equal(await metric(cordon, "cordon_packets_malformed_total"), 0);
	});
}
