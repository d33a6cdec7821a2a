import { test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { faultsOf, placeOf } from "./faults-of.ts";

test("faults of the YAML itself", async (t) => {
	const table: readonly [text: string, place: string, message: RegExp][] = [
		["log: {}\nlog: {}\n", "2:1 ", /the key log stands twice/],
		["log:\n\tlevel: info\n", "2:1 ", /a tab indents this line/],
		["log: {}\n---\nlog: {}\n", "3:1 ", /a second YAML document/],
		["log: {}\n...\nrubbish", "3:1 ", /a second YAML document/],
		["dataDir: 'x\n", "2:1 ", /Missing closing 'quote/],
		["blocking:\n  deny: [*.example.org]\n", "2:10 ", /needs quotes: "\*\.example\.org"/],
		["listen:\n  dns: [[::1]:53]\n", "2:9 ", /needs quotes: "\[::1\]:53"/],
		["log: *nowhere\n", "1:6 ", /the alias \*nowhere has no anchor/],
		["? [a]\n: b\n", "1:3 ", /a list or map stands where a key should/],
		["dataDir: !!js/function 'x'\n", "1:10 ", /Unresolved tag/],
		["\u0000", "1:1 ", /./],
	];
	for (const [text, place, message] of table) {
		const faults = await faultsOf(text);
		t.equal(placeOf(faults[0]), place, JSON.stringify(text));
		t.match(faults[0].message, message);
		t.equal(faults.length, 1, JSON.stringify(faults));
	}
});

test("a key that stands twice does not hide the other faults", async (t) => {
	const faults = await faultsOf("workers: 0\nlog: {}\nlog: { level: loud }\n");
	t.same(faults.map(placeOf), ["1:10 workers", "3:1 ", "3:15 log.level"]);
});

test("aliases are fine, bombs of them are not", async (t) => {
	const config = await parseConfig("blocking:\n  allow: &names [example.org]\n  deny: *names\n", "/x.yaml");
	t.same(config.blocking.deny, ["example.org"]);

	const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
	for (const [previous, letter] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"]) {
		bomb.push(`${letter}: &${letter} [${Array(9).fill(`*${previous}`).join(", ")}]`);
	}
	const table: readonly [text: string, message: RegExp][] = [
		[`${bomb.join("\n")}\n`, /aliases/],
		[`a: &a 1\nb: [${Array(200).fill("*a").join(", ")}]\n`, /more than 100 aliases/],
	];
	for (const [text, message] of table) {
		const faults = await faultsOf(text);
		t.equal(faults.length, 1);
		t.match(faults[0].message, message);
	}
	t.same((await faultsOf("access: { allow: &a [*a] }")).map(placeOf), ["1:22 access.allow[0]"], "a circle");
});

test("what is nested too deeply is a fault, not a crash", async (t) => {
	for (const text of ["[".repeat(20_000), "{a: ".repeat(20_000), "- ".repeat(20_000)]) {
		const faults = await faultsOf(text);
		t.equal(faults.length, 1);
		t.match(faults[0].message, /nested too deeply/);
	}
});

test("keys of prototypes are unknown keys and change nothing", async (t) => {
	const text = "__proto__: { workers: 3, polluted: true }\nconstructor: { prototype: { polluted: true } }\n";
	t.same((await faultsOf(text)).map(placeOf), ["1:1 __proto__", "2:1 constructor"]);
	t.equal((await faultsOf("log: { __proto__: { level: debug } }")).length, 1);
	t.equal((await faultsOf("lists: { __proto__: [] }")).length, 1);
	t.equal((await faultsOf("__proto__:\n")).length, 1, "even when empty");
	t.notOk("polluted" in {});
});

test("numbers no number can hold", async (t) => {
	for (const number of [
		"99999999999999999999999",
		"1e999",
		"-1e999",
		".inf",
		".nan",
		"0x1ffffffffffffffff",
	]) {
		const faults = await faultsOf(`workers: ${number}\nblocking: { maxShrink: ${number} }`);
		t.same(faults.map(placeOf), ["1:10 workers", "2:24 blocking.maxShrink"], number);
	}
});

test("sections whose every line is commented out mean their defaults", async (t) => {
	const config = await parseConfig("listen:\nlists:\n  # - name: a\nblocking:\n  deny:\n", "/etc/c.yaml");
	const defaults = await parseConfig("", "/etc/c.yaml");
	t.same(config, defaults);
	t.same(await parseConfig("# nothing\n", "/etc/c.yaml"), defaults);
	t.same((await faultsOf("workers:\nlog: { level: }\n")).map(placeOf), ["1:1 workers", "2:8 log.level"]);
});
