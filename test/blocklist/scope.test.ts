import { test } from "tap";
import { asked, compiled, verdict } from "./compiled.ts";

/** Names of one, two, three and twelve labels. */
const NAMES = ["test", "example.test", "a.example.test", `${"x.".repeat(10)}example.test`];

for (const name of NAMES) {
	const labels = name.split(".").length;
	const parent = name.split(".").slice(1).join(".");
	const table: readonly [rule: string, itself: boolean, below: boolean][] = [
		[`=${name}`, true, false],
		[`||${name}^`, true, true],
		[`*.${name}`, false, true],
	];
	for (const [rule, itself, below] of table) {
		test(`${rule}, a rule of ${labels} labels`, async (t) => {
			const index = compiled([{ rules: [rule] }]);
			const hit = `block 0 ${name}`;
			t.equal(verdict(index, name), itself ? hit : "-", "the name itself");
			t.equal(verdict(index, name.toUpperCase()), itself ? hit : "-", "in capitals");
			for (const child of [`www.${name}`, `a.b.c.d.e.${name}`, `*.${name}`, `\\000.${name}`])
				t.equal(verdict(index, child), below ? hit : "-", child);
			if (parent !== "") t.equal(verdict(index, parent), "-", "its parent");
			t.equal(verdict(index, "."), "-", "the root");
			t.equal(verdict(index, `not${name}`), "-", "a name that only ends alike");
			t.equal(verdict(index, `${name}.other`), "-", "a name that only begins alike");
			t.equal(verdict(index, `sister${parent === "" ? "" : `.${parent}`}`), "-", "its sister");
		});
	}
}

test("scopes of one name stand beside one another", async (t) => {
	const index = compiled([{ rules: ["=a.test"] }, { rules: ["*.a.test"] }, { rules: ["||a.test^"] }]);
	t.equal(verdict(index, "a.test"), "block 0 a.test");
	t.equal(verdict(index, "b.a.test"), "block 1 a.test");
	const other = compiled([{ rules: ["*.a.test", "||a.test^", "=a.test"] }]);
	t.equal(other.blockedNames, 1);
	t.equal(verdict(other, "a.test"), "block 0 a.test");
	t.equal(verdict(other, "b.a.test"), "block 0 a.test");
});

test("a dot within a label is no dot between labels", async (t) => {
	const index = compiled([{ rules: ["||b.test^"] }]);
	t.equal(verdict(index, "a.b.test"), "block 0 b.test");
	t.equal(verdict(index, "a\\.b.test"), "-");
});

test("an empty blocklist, and names that have no place in one", async (t) => {
	const index = compiled([{ rules: ["=.", `||${"a".repeat(64)}.test^`, "=a..test"] }]);
	t.equal(index.blockedNames, 0);
	for (const name of [".", "test", "a.test"]) t.equal(verdict(index, name), "-", name);
	t.same(index.findAll(asked(".")), []);
});
