import { Script } from "node:vm";
import { test } from "tap";
import { PAGE_HTML } from "../../src/admin/page.ts";
import { PAGE_SCRIPT } from "../../src/admin/page-script.ts";
import { PAGE_STYLE } from "../../src/admin/page-style.ts";

const ids = new Set([...PAGE_HTML.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]));

test("the script is JavaScript, and sets data as text alone", async (t) => {
	t.ok(new Script(PAGE_SCRIPT));
	t.notMatch(
		PAGE_SCRIPT,
		/innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function|\.style\b|setAttribute\("(?!d")/,
	);
});

test("every element that the script or the style names is there", async (t) => {
	for (const [, id] of PAGE_SCRIPT.matchAll(/\b(?:at|text|fill)\("([^"]+)"/g)) t.ok(ids.has(id), id);
	for (const [, id] of PAGE_STYLE.matchAll(/#([a-z][a-z-]+)[\s:.]/g)) t.ok(ids.has(id), id);
	for (const [, id] of PAGE_HTML.matchAll(/(?:aria-labelledby|for)="([^"]+)"/g)) t.ok(ids.has(id), id);
});

test("light and dark name the same colours", async (t) => {
	const [light, dark] = [...PAGE_STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, block]) =>
		[...block.matchAll(/(--[a-z-]+):/g)].map((match) => match[1]).sort(),
	);
	t.same(light, dark);
	for (const [, used] of PAGE_STYLE.matchAll(/var\((--[a-z-]+)\)/g)) t.ok(light.includes(used), used);
});
