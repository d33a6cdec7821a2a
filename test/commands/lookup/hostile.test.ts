/** Answers that are wrong, forged or broken. */
import t from "tap";
import { ANSWERED, makeReply, opt, type TestReply, wireName, word } from "./messages.ts";
import { run } from "./run.ts";
import { startUdp } from "./servers.ts";

const ADDRESS = { type: 1, data: Buffer.of(192, 0, 2, 1) };

t.test("messages that do not answer the query are ignored, and told of", async (t) => {
	const forged: readonly (readonly [make: (query: Buffer) => Buffer, why: RegExp])[] = [
		[
			(query) => makeReply(query, { id: query.readUInt16BE(0) ^ 0xff, answer: [ADDRESS] }),
			/id \d+ instead of \d+/,
		],
		[(query) => query, /a query, not an answer/],
		[
			(query) => makeReply(query, { question: Buffer.concat([wireName("b.test"), word(1, 1)]) }),
			/another question: b\.test\. IN A/,
		],
		[
			(query) => makeReply(query, { question: Buffer.concat([wireName("a.test"), word(28, 1)]) }),
			/another question: a\.test\. IN AAAA/,
		],
		[
			(query) => makeReply(query, { question: Buffer.of(1, 27, 0, 0, 1, 0, 1) }),
			/another question: \\027\. IN A/,
		],
		[
			(query) => makeReply(query, { question: word(0xc00c, 1, 1) }),
			/cannot be read: name at offset 12 has a pointer/,
		],
		[(query) => makeReply(query, {}).subarray(0, 14), /cannot be read: name at offset 12 runs out/],
		[(query) => makeReply(query, {}).subarray(0, 7), /7 bytes, shorter than a header/],
		[() => Buffer.alloc(0), /0 bytes, shorter than a header/],
		[(query) => Buffer.concat([query.subarray(0, 2), word(ANSWERED, 0, 0, 0, 0)]), /no question in it/],
	];
	for (const [make, why] of forged) {
		const server = await startUdp((query) => [make(query), makeReply(query, { answer: [ADDRESS] })]);
		const { code, stdout } = await run("a.test", `@127.0.0.1:${server.port}`);
		server.close();
		t.equal(code, 0);
		t.match(stdout, why);
		t.match(stdout, /192\.0\.2\.1/, "the right one is taken");
	}
	const server = await startUdp((query) => [makeReply(query, { id: query.readUInt16BE(0) ^ 1 })]);
	t.teardown(server.close);
	const { code, stderr } = await run("a.test", `@127.0.0.1:${server.port}`, "--timeout", "200ms");
	t.equal(code, 9);
	t.match(stderr, /no reply within 0\.2 s\n.*ignored a message: id/);
});

t.test("an error without its question is an answer", async (t) => {
	const server = await startUdp((query) => [Buffer.concat([query.subarray(0, 2), word(0x8001, 0, 0, 0, 0)])]);
	t.teardown(server.close);
	t.match(await run("a.test", `@127.0.0.1:${server.port}`), { code: 0, stdout: /status: FORMERR/ });
});

t.test("0x20 mixed case comes back in any case", async (t) => {
	const server = await startUdp((query) => [
		makeReply(query, { question: Buffer.concat([wireName("A.tEST"), word(1, 1)]) }),
	]);
	t.teardown(server.close);
	t.match(await run("a.test", `@127.0.0.1:${server.port}`), { code: 0, stdout: /;A\.tEST\.\t+IN\tA/ });
});

t.test("broken answers are shown as far as they can be read", async (t) => {
	const broken: readonly (readonly [reply: TestReply | ((query: Buffer) => Buffer), want: RegExp])[] = [
		[
			{ answer: [{ type: 1, data: Buffer.of(192, 0, 2) }, ADDRESS] },
			/malformed: answer record 1: A decode[\s\S]*A\t\\# 3 C00002\n[\s\S]*A\t192\.0\.2\.1\n/,
		],
		[{ ancount: 2, answer: [ADDRESS] }, /malformed: the rest cannot be read[\s\S]*192\.0\.2\.1/],
		[
			(query) => makeReply(query, { answer: [ADDRESS, ADDRESS] }).subarray(0, -2),
			/malformed: the rest cannot be read:[\s\S]*192\.0\.2\.1/,
		],
		[
			(query) => Buffer.concat([makeReply(query, { answer: [ADDRESS] }), Buffer.of(1, 2, 3)]),
			/malformed: 3 bytes after the last record/,
		],
		// The question ends at 24: the owner of the first record points at itself.
		[
			{ answer: [{ ...ADDRESS, name: word(0xc018) }] },
			/malformed: the rest cannot be read: name at offset 24 has a pointer that does not go back/,
		],
		[
			{ answer: [{ ...ADDRESS, name: word(0xc0ff) }] },
			/the rest cannot be read: name at offset 24 has a pointer/,
		],
		// Two names, each pointing into the other.
		[
			{ answer: [{ type: 5, data: Buffer.concat([Buffer.of(1, 97), word(0xc024)]) }, ADDRESS] },
			/malformed: answer record 1: Name decode: pointer cycle detected[\s\S]*CNAME\t\\# 4 0161C024\n[\s\S]*192\.0\.2\.1/,
		],
		[
			{ answer: [{ ...ADDRESS, name: Buffer.from([3, 27, 91, 10, 1, 46, 0]) }] },
			/\n\\027\[\\010\.\\\.\.\t+300/,
		],
		[{ answer: [{ type: 16, data: Buffer.from([4, 27, 91, 50, 74]) }] }, /TXT\t"\\027\[2J"\n/],
		[
			{ additional: [opt(1232, 0, [[15, Buffer.of(15)]])] },
			/malformed: additional record 1: EDNS\.EDE decode/,
		],
		[{ additional: [opt(1232, 0), opt(1232, 0)] }, /malformed: more than one OPT record/],
		[
			{ additional: [{ ...opt(1232, 0), data: Buffer.of(0, 15, 0, 99, 1) }] },
			/malformed: additional record 1: EDNS decode: option 15 declares 99/,
		],
		[{ flags: 0xf98f }, /opcode: OPCODE15, status: RCODE15/],
	];
	for (const [reply, want] of broken) {
		const server = await startUdp((query) => [
			typeof reply === "function" ? reply(query) : makeReply(query, reply),
		]);
		const { code, stdout } = await run("a.test", `@127.0.0.1:${server.port}`);
		server.close();
		t.equal(code, 0);
		t.match(stdout, want);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come out
		t.notMatch(stdout, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/, "nothing that steers a terminal");
	}
});
