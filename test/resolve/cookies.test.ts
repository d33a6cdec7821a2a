/** Cookies that come, and cookies that go back (RFC 7873, RFC 9018). */
import { type Test, test } from "tap";
import { COOKIE, Cookies } from "../../src/resolve/cookies.ts";
import { addressBytes } from "../../src/sockets/address.ts";
import { OPTION, RCODE } from "../../src/wire/codes.ts";
import { message, opt, option, query } from "../wire/message.ts";
import { queryOf } from "./caching.ts";
import { type AskOptions, type Outcome, rule, startResolver, type TestResolver } from "./resolving.ts";

const hex = (text: string) => Buffer.from(text, "hex");
const cookie = (text: string) => option(OPTION.COOKIE, hex(text));
const SECRET = hex("e5e973e5a6b2a43f48e7dc849e37bfcf");

interface Judged {
	readonly isWhole: boolean;
	readonly state: number;
	/** What goes back. */
	readonly echo: string;
}

function judge(cookies: Cookies, text: string, from: string): Judged {
	const asked = queryOf(query("example.com", { edns: { options: cookie(text) } }));
	asked.addressBytes = addressBytes(from);
	asked.addressLength = from.includes(":") ? 16 : 4;
	const isWhole = cookies.take(asked);
	const echo = Buffer.from(asked.echo.subarray(0, asked.echoLength)).toString("hex");
	return { isWhole, state: asked.cookieState, echo: echo.replace(/^000a0018/, "") };
}

/** At a moment in seconds since 1970. */
function cookiesAt(seconds: number, current = SECRET, previous?: Buffer): Cookies {
	return new Cookies({ current, previous }, () => seconds * 1000 + 999);
}

test("RFC 9018, appendix A.1: a client learns its cookie", (t) => {
	t.strictSame(judge(cookiesAt(1_559_731_985), "2464c4abcf10c957", "198.51.100.100"), {
		isWhole: true,
		state: COOKIE.CLIENT,
		echo: "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
	});
	t.end();
});

test("RFC 9018, appendix A.2: a cookie older than half an hour is good, and gets a new one", (t) => {
	const old = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
	t.strictSame(judge(cookiesAt(1_559_734_385), old, "198.51.100.100"), {
		isWhole: true,
		state: COOKIE.VALID,
		echo: "2464c4abcf10c957010000005cf7a871d4a564a1442aca77",
	});
	t.end();
});

test("RFC 9018, appendix A.3: reserved bytes are hashed along, and not copied", (t) => {
	const strange = "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5";
	// Within the hour, which the appendix itself is not.
	t.match(judge(cookiesAt(1_559_727_985 + 60), strange, "203.0.113.203"), {
		state: COOKIE.VALID,
		echo: /^fc93fc62807ddb8601000000/,
	});
	t.match(judge(cookiesAt(1_559_734_700), strange, "203.0.113.203"), {
		state: COOKIE.BAD,
		echo: "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e",
	});
	t.end();
});

test("RFC 9018, appendix A.4: a cookie made with the secret before is good, and gets a new one", (t) => {
	const old = "22681ab97d52c298010000005cf7c57926556bd0934c72f8";
	const next = hex("445536bcd2513298075a5d379663c962");
	const before = hex("dd3bdf9344b678b185a6f5cb60fca715");
	const from = "2001:db8:220:1:59de:d0f4:8769:82b8";
	const echo = "22681ab97d52c298010000005cf7c609a6bb79d16625507a";
	t.match(judge(cookiesAt(1_559_741_961, next, before), old, from), { state: COOKIE.VALID, echo });
	t.match(judge(cookiesAt(1_559_741_961, next), old, from), { state: COOKIE.BAD, echo }, "unless it is gone");
	t.end();
});

test("RFC 9018, section 4.3: good for an hour, and five minutes ahead", (t) => {
	const made = 1_559_731_985;
	const own = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";
	for (const [after, state, isKept] of [
		[0, COOKIE.VALID, true],
		[1800, COOKIE.VALID, true],
		[1801, COOKIE.VALID, false],
		[3600, COOKIE.VALID, false],
		[3601, COOKIE.BAD, false],
		[-300, COOKIE.VALID, true],
		[-301, COOKIE.BAD, false],
	] as const) {
		const judged = judge(cookiesAt(made + after), own, "198.51.100.100");
		t.equal(judged.state, state, `${after} s`);
		t.equal(judged.echo === own, isKept, `${after} s: ${judged.echo}`);
	}
	t.end();
});

test("RFC 1982: timestamps go round", (t) => {
	const cookies = cookiesAt(2 ** 32 - 100);
	const { echo } = judge(cookies, "2464c4abcf10c957", "192.0.2.1");
	t.match(echo, /^2464c4abcf10c95701000000ffffff9c/);
	t.equal(judge(cookiesAt(2 ** 32 + 100), echo, "192.0.2.1").state, COOKIE.VALID);
	t.equal(judge(cookiesAt(2 ** 32 + 3501), echo, "192.0.2.1").state, COOKIE.BAD);
	t.end();
});

test("a cookie is good for its client and its address alone", (t) => {
	const cookies = cookiesAt(1_559_731_985);
	const { echo } = judge(cookies, "0102030405060708", "192.0.2.1");
	t.equal(judge(cookies, echo, "192.0.2.1").state, COOKIE.VALID);
	t.equal(judge(cookies, echo, "192.0.2.2").state, COOKIE.BAD, "another address");
	t.equal(judge(cookies, echo, "2001:db8::1").state, COOKIE.BAD, "another family");
	t.equal(judge(cookies, `ff${echo.slice(2)}`, "192.0.2.1").state, COOKIE.BAD, "another client");
	for (let at = 16; at < 48; at++) {
		const digit = echo[at] === "0" ? "1" : "0";
		const other = echo.slice(0, at) + digit + echo.slice(at + 1);
		const judged = judge(cookies, other, "192.0.2.1");
		t.equal(judged.state, COOKIE.BAD, other);
		t.equal(judged.echo, echo, "and gets a good one");
	}
	t.end();
});

test("RFC 7873, section 5.2.2: lengths that no cookie has", (t) => {
	for (let length = 0; length <= 48; length++) {
		const { isWhole, state, echo } = judge(cookiesAt(0), "07".repeat(length), "192.0.2.1");
		const may = length === 8 || (length >= 16 && length <= 40);
		t.equal(isWhole, may, `${length} bytes`);
		if (may) t.equal(state, length === 8 ? COOKIE.CLIENT : COOKIE.BAD);
		t.equal(echo.length, may ? 48 : 0);
	}
	t.end();
});

test("what a cookie is worth, and the cookie for the answer, stay with whoever waits", (t) => {
	const cookies = cookiesAt(1_559_731_985);
	const take = (text: string) => {
		const asked = queryOf(query("example.com", { edns: { options: cookie(text) } }));
		asked.addressBytes = addressBytes("192.0.2.1");
		t.ok(cookies.take(asked));
		return asked;
	};
	const asked = take("0102030405060708");
	const kept = asked.detached();
	const expected = Buffer.from(asked.echo.subarray(0, asked.echoLength));
	t.equal(kept.cookieState, COOKIE.CLIENT);
	// The listener uses its query for the next packet.
	asked.echo.fill(0xee);
	t.strictSame(Buffer.from(kept.echo.subarray(0, kept.echoLength)), expected);
	kept.recycle();
	const plain = queryOf(query("example.com")).detached();
	t.equal(plain, kept, "used again");
	t.match([plain.cookieState, plain.echoLength], [COOKIE.NONE, 0], "for a client without a cookie");
	t.end();
});

const lists = [{ rules: [rule("blocked.example")] }];
const CLIENT = "0123456789abcdef";

/** Asks for a blocked name. */
function ask(resolver: TestResolver, text: string, options?: AskOptions): Promise<Outcome | undefined> {
	return resolver.ask(query("www.blocked.example", { edns: { options: cookie(text) } }), options);
}

function cookieOf(outcome: Outcome | undefined): string {
	const [, data] = outcome?.edns?.options?.find(([code]) => code === OPTION.COOKIE) ?? [];
	return data?.toString("hex") ?? "none";
}

const states = (t: TestResolver) =>
	(["cookiesClient", "cookiesValid", "cookiesBad", "cookiesMalformed"] as const).map((name) =>
		t.counters.readNumber(name),
	);

test("cookies of a resolver: learned, good, bad, malformed", async (t) => {
	const resolver = await startResolver(t, { lists });
	const first = await ask(resolver, CLIENT);
	const own = cookieOf(first);
	t.match(first, { rcode: RCODE.NOERROR, via: "blocked", edns: { ede: 15 } });
	t.match(own, /^0123456789abcdef01000000[0-9a-f]{24}$/);
	t.equal(cookieOf(await ask(resolver, own)), own);
	t.strictSame(states(resolver), [1, 1, 0, 0]);
	const bad = await ask(resolver, own, { from: "127.0.0.2" });
	t.match(bad, { rcode: RCODE.NOERROR, via: "blocked" }, "a bad one gets its answer");
	t.not(cookieOf(bad), own);
	const short = await ask(resolver, "010203");
	t.match(short, { rcode: RCODE.FORMERR, via: "error", edns: { options: undefined } });
	t.strictSame(states(resolver), [1, 1, 1, 1]);
	t.equal((await resolver.ask(query("www.blocked.example", { edns: {} })))?.edns?.options, undefined);
	t.strictSame(states(resolver), [1, 1, 1, 1], "who sends none gets none");
});

test("errors and refusals bring a cookie, too", async (t) => {
	const resolver = await startResolver(t, { lists });
	const refused = await ask(resolver, CLIENT, { from: "192.0.2.1" });
	t.match(refused, { rcode: RCODE.REFUSED, edns: { ede: 18 } });
	t.match(cookieOf(refused), /^0123456789abcdef01/);
	const notify = query("www.blocked.example", { flags: 0x2000, edns: { options: cookie(CLIENT) } });
	t.match(cookieOf(await resolver.ask(notify)), /^0123456789abcdef01/);
});

async function required(t: Test): Promise<TestResolver> {
	return startResolver(t, { lists, config: { listen: { cookies: { required: true } } } });
}

test("RFC 7873, section 5.2.3: where cookies are required, BADCOOKIE and no answer over UDP", async (t) => {
	const resolver = await required(t);
	const first = await ask(resolver, CLIENT);
	t.match(first, {
		rcode: RCODE.BADCOOKIE,
		answer: [],
		question: "www.blocked.example",
		edns: { ede: undefined },
	});
	const own = cookieOf(first);
	t.match(await ask(resolver, own), { rcode: RCODE.NOERROR, via: "blocked" });
	t.match(await ask(resolver, own, { from: "127.0.0.2" }), { rcode: RCODE.BADCOOKIE }, "a bad one");
	t.match(await ask(resolver, CLIENT, { transport: "tcp" }), { rcode: RCODE.NOERROR, via: "blocked" }, "TCP");
	t.match(await resolver.ask(query("www.blocked.example")), { via: "blocked" }, "who speaks no cookies");
	t.match(await ask(resolver, CLIENT, { from: "192.0.2.1" }), { rcode: RCODE.REFUSED }, "who may not ask");
});

test("RFC 7873, section 5.4: a question for nothing but a cookie", async (t) => {
	const resolver = await startResolver(t, { lists });
	const only = (text: string) =>
		message({ id: 7, flags: 0x0100, additional: [opt({ options: cookie(text) })] });
	const first = await resolver.ask(only(CLIENT));
	t.match(first, { id: 7, rcode: RCODE.NOERROR, question: undefined, via: "local" });
	const own = cookieOf(first);
	t.match(await resolver.ask(only(own)), { rcode: RCODE.NOERROR });
	const bad = await resolver.ask(only(`${own.slice(0, -2)}00`.replace(/.$/, "1")));
	t.match(bad, { rcode: RCODE.BADCOOKIE });
	t.equal(cookieOf(bad), own);
	t.match(await resolver.ask(only("0102")), { rcode: RCODE.FORMERR });
	t.match(await resolver.ask(only(CLIENT), { from: "192.0.2.1" }), { rcode: RCODE.REFUSED });
	t.match(await resolver.ask(message({ additional: [opt({})] })), { rcode: RCODE.FORMERR }, "RFC 9619");
});

test("with cookies off they are an option like any unknown one", async (t) => {
	const resolver = await startResolver(t, {
		lists,
		config: { listen: { cookies: { enabled: false } } },
	});
	for (const text of [CLIENT, "0102", "07".repeat(24)])
		t.match(await ask(resolver, text), { rcode: RCODE.NOERROR, edns: { options: undefined } }, text);
	const only = message({ additional: [opt({ options: cookie(CLIENT) })] });
	t.match(await resolver.ask(only), { rcode: RCODE.FORMERR });
	t.strictSame(states(resolver), [0, 0, 0, 0]);
	await resolver.reload({ lists, config: {} });
	t.match(cookieOf(await ask(resolver, CLIENT)), /^0123456789abcdef01/, "a reload switches them on");
});
