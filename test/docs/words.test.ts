/** What the pages say is there is there: files, headings, commands. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

/** Two folders above `dist/test/docs`, and one more. */
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

function markdownIn(folder: string): string[] {
	return readdirSync(join(ROOT, folder))
		.filter((name) => name.endsWith(".md"))
		.map((name) => join(folder, name));
}

const PAGES = [...markdownIn("."), ...markdownIn("docs")];

function textOf(page: string): string {
	return readFileSync(join(ROOT, page), "utf8");
}

/** The names by which headings can be linked to, as forges make them. */
function anchorsOf(page: string): Set<string> {
	const headings = textOf(page).matchAll(/^#+ (.+)$/gm);
	return new Set(
		Array.from(headings, ([, heading = ""]) =>
			heading
				.toLowerCase()
				.replace(/[^\p{L}\p{N} _-]/gu, "")
				.replaceAll(" ", "-"),
		),
	);
}

t.test("every relative link leads to a file, and to a heading in it", async (t) => {
	t.ok(PAGES.includes("README.md"), "the pages are found");
	for (const page of PAGES) {
		for (const [, link = ""] of textOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
			if (/^[a-z]+:/.test(link)) continue;
			const [path = "", anchor] = link.split("#");
			const target = path === "" ? page : join(dirname(page), path);
			t.ok(existsSync(resolve(ROOT, target)), `${page}: ${link}`);
			if (anchor !== undefined && target.endsWith(".md"))
				t.ok(anchorsOf(target).has(anchor), `${page}: ${link}`);
		}
	}
});

t.test("every command that a page names exists", async (t) => {
	const main = join(ROOT, "dist", "src", "main.js");
	const help = spawnSync(process.execPath, [main, "--help"], { encoding: "utf8" }).stdout;
	const commands = new Set(Array.from(help.matchAll(/^ {2}([a-z]+) /gm), ([, name]) => name));
	t.ok(commands.has("serve"), "the commands are found");
	for (const page of PAGES) {
		for (const [, name = ""] of textOf(page).matchAll(/(?:`|\$ )cordon ([a-z]+)/g))
			t.ok(commands.has(name), `${page}: cordon ${name}`);
	}
});

t.test("every npm script that a page names exists", async (t) => {
	const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
	for (const page of PAGES) {
		for (const [, name = ""] of textOf(page).matchAll(/`npm run ([a-z:]+)/g))
			t.ok(Object.hasOwn(scripts, name), `${page}: npm run ${name}`);
	}
});

t.test("every test that a page names exists", async (t) => {
	let named = 0;
	for (const page of PAGES) {
		for (const [path] of textOf(page).matchAll(/\btest\/[\w/-]+\.(?:test|fuzz)\.ts\b/g)) {
			named++;
			t.ok(existsSync(join(ROOT, path)), `${page}: ${path}`);
		}
	}
	t.ok(named > 0, "tests are named");
});
