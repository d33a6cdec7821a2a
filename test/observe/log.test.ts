import { test } from "tap";
import { createLog, type LogOptions } from "../../src/observe/log.ts";
import { Repeats } from "../../src/observe/repeats.ts";

const AT = Date.UTC(2026, 10, 23, 17, 50, 1, 250);

function logging(options: Partial<LogOptions> = {}) {
	const lines: string[] = [];
	const clock = { now: AT };
	const log = createLog({
		level: "info",
		format: "text",
		write: (line) => lines.push(line),
		now: () => clock.now,
		...options,
	});
	return { log, lines, clock };
}

test("text: one line, level, component, fields", async (t) => {
	const { log, lines } = logging();
	log.child("lists").warn("held a new version", { list: "malicious", lost: 0.61, reason: "shrunk by 61 %" });
	log.info("ready");
	log
		.child("pool")
		.child("redis")
		.info("connected", { members: ["a", "b"], on: true, empty: "" });
	t.same(lines, [
		'2026-11-23T17:50:01Z WARN  lists: held a new version list=malicious lost=0.61 reason="shrunk by 61 %"\n',
		"2026-11-23T17:50:01Z INFO  ready\n",
		'2026-11-23T17:50:01Z INFO  pool/redis: connected members="[\\"a\\",\\"b\\"]" on=true empty=""\n',
	]);
});

test("text: whatever it holds, it stays one line and leaves the terminal alone", async (t) => {
	const { log, lines } = logging();
	const hostile = [
		"a\n2026-11-23T17:50:01Z ERROR forged",
		"a\r\nb",
		"\u001b[2Jcleared",
		"\u009b31m",
		"line\u2028separator\u2029",
		"\u202egnp.exe",
		"zero\u200bwidth\ufeff",
		"lone \ud800 surrogate",
		"nul\0",
		'quote" x=1',
	];
	for (const text of hostile) {
		log.info(text, { name: text, [text]: 1 });
		log.child(text).info("message", { error: new Error(text) });
	}
	t.equal(lines.length, hostile.length * 2);
	for (const line of lines) {
		t.match(line, /^2026-11-23T17:50:01Z INFO {2}[^\n]*\n$/);
		t.notMatch(line.slice(0, -1), /[\p{C}\p{Zl}\p{Zp}]/u, JSON.stringify(line));
	}
	t.match(lines[0], String.raw`name="a\x0a2026-11-23T17:50:01Z ERROR forged"`);
	t.match(lines[10], String.raw`name=\u{202e}gnp.exe`);
	t.match(lines[18], String.raw`name="quote\" x=1"`);
});

test("text: letters of all scripts stay readable", async (t) => {
	const { log, lines } = logging();
	log.info("Grüße", { name: "пример.рф", other: "例え" });
	t.match(lines[0], "Grüße name=пример.рф other=例え\n");
});

test("errors: message and code; where from only when severe", async (t) => {
	const { log, lines } = logging();
	const error = Object.assign(new Error("connect refused"), { code: "ECONNREFUSED" });
	log.warn("could not fetch", { error });
	log.error("a request failed", { error });
	t.match(lines[0], /could not fetch error="connect refused" code=ECONNREFUSED\n$/);
	t.match(lines[1], /error="connect refused" code=ECONNREFUSED at=".*log\.test.*"\n$/);
});

test("json: one object a line, and fields cannot take the place of ours", async (t) => {
	const { log, lines } = logging({ format: "json" });
	log.child("lists").warn("held %s", {
		list: "a\nb",
		level: "debug",
		msg: "forged",
		component: "x",
		error: new Error("why"),
	});
	t.equal(lines.length, 1);
	t.match(lines[0], /^[^\n]*\n$/);
	t.match(JSON.parse(lines[0]), {
		level: "warn",
		time: "2026-11-23T17:50:01.250Z",
		component: "lists",
		msg: "held %s",
		list: "a\nb",
		level_: "debug",
		msg_: "forged",
		component_: "x",
		error: { type: "Error", message: "why", stack: String },
	});
});

test("levels: below is silent, and a change reaches children", async (t) => {
	const { log, lines } = logging({ level: "warn" });
	const child = log.child("lists");
	child.info("no");
	log.debug("no");
	child.error("yes");
	log.setLevel("debug");
	child.debug("yes");
	child.setLevel("error");
	log.warn("no");
	t.same(
		lines.map((line) => line.slice(21)),
		["ERROR lists: yes\n", "DEBUG lists: yes\n"],
	);
});

test("another level for a while, and until the configuration's is set anew", async (t) => {
	const { log } = logging({ level: "warn" });
	let over = () => {};
	const back = new Promise<void>((resolve) => {
		over = resolve;
	});
	const other = createLog({ level: "warn", format: "text", write: () => over() });
	other.overrideLevel("debug", 1);
	t.match(other.level, { level: "debug", configured: "warn", until: Number });
	log.child("lists").overrideLevel("debug");
	t.same(log.level, { level: "debug", configured: "warn" });
	log.setLevel("info");
	t.same(log.level, { level: "info", configured: "info" });
	const alive = setTimeout(() => {}, 60_000);
	await back;
	clearTimeout(alive);
	t.same(other.level, { level: "warn", configured: "warn" });
});

test("cycles and big numbers do not throw", async (t) => {
	const { log, lines } = logging();
	const cycle: Record<string, unknown> = { big: 10n };
	cycle.self = cycle;
	log.info("odd", { cycle, nothing: undefined, none: null });
	t.match(lines[0], /odd cycle=.*Circular.* none=null\n$/);
});

test("equal faults are summed up after a minute", async (t) => {
	const { log, lines, clock } = logging({ maxRepeats: 2 });
	const upstream = log.child("upstream");
	for (let i = 0; i < 145; i++) upstream.warn("no answer", { try: i });
	log.warn("no answer");
	upstream.warn("something else");
	for (let i = 0; i < 5; i++) upstream.info("information is never held back");
	t.equal(lines.length, 2 + 1 + 1 + 5);
	clock.now += 60_000;
	log.info("next");
	t.match(lines[9], "WARN  upstream: no answer (repeated 143 times in the last minute)\n");
	t.equal(lines.length, 11);
	upstream.warn("no answer");
	t.match(lines[11], "WARN  upstream: no answer\n", "a new minute begins");
});

test("the kinds of faults that are remembered are bounded", async (t) => {
	const repeats = new Repeats<number>(1, 1000);
	for (let i = 0; i < Repeats.maxKinds; i++) t.ok(repeats.admit(String(i), i, 0), `kind ${i}`);
	t.ok(repeats.admit("one more", 0, 0));
	t.ok(repeats.admit("one more", 0, 0), "passes uncounted");
	t.notOk(repeats.admit("3", 3, 10));
	t.equal(repeats.nextAt, 1000);
	t.same(repeats.due(999), []);
	t.same(repeats.due(1000), [{ what: 3, times: 1 }]);
	t.equal(repeats.nextAt, undefined);
});
