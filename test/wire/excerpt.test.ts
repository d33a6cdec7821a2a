import { test } from "tap";
import { excerpt } from "../../src/wire/excerpt.ts";

test("text from outside is shortened and cannot act on a terminal", async (t) => {
	for (const [text, shown] of [
		["0.0.0.0 bad.example", "0.0.0.0 bad.example"],
		["bücher", "bücher"],
		["a\u001b[2Jb", "a\\x1b[2Jb"],
		["a\nb\tc\u0000", "a\\x0ab\\x09c\\x00"],
		["a\u202eb", "a\\u{202e}b"],
		["a\u2028b", "a\\u{2028}b"],
	]) {
		t.equal(excerpt(text), shown);
	}
	t.equal(excerpt("x".repeat(500), 10), `${"x".repeat(10)}…`);
	t.equal(excerpt("xx😀", 3), "xx\\u{d83d}…", "half a character is shown as what it is");
});
