import { test } from "tap";
import { recipeOf } from "../../src/supervisor/recipe.ts";
import { configOf } from "./parts.ts";

const LIST = { name: "a", url: "https://lists.example/a" };
const BASE = { lists: [LIST, { ...LIST, name: "b" }], blocking: { deny: ["bad.test"] } };

test("what the compilation depends on makes another recipe", async (t) => {
	const base = recipeOf(configOf(BASE));
	const others: readonly (readonly [string, object])[] = [
		["another allow", { ...BASE, blocking: { deny: ["bad.test"], allow: ["a.test"] } }],
		["another deny", { ...BASE, blocking: { deny: ["other.test"] } }],
		["deny in place of allow", { ...BASE, blocking: { allow: ["bad.test"] } }],
		["another network", { ...BASE, blocking: { deny: ["bad.test"], denyNetworks: ["192.0.2.0/24"] } }],
		["hostsMatch", { ...BASE, blocking: { deny: ["bad.test"], hostsMatch: "subtree" } }],
		["no lists", { ...BASE, lists: [] }],
		["one list fewer", { ...BASE, lists: [LIST] }],
		["another order", { ...BASE, lists: BASE.lists.toReversed() }],
		["another name", { ...BASE, lists: [LIST, { ...LIST, name: "c" }] }],
		["another url", { ...BASE, lists: [LIST, { name: "b", url: "https://lists.example/b" }] }],
		["a file", { ...BASE, lists: [LIST, { name: "b", file: "/b" }] }],
		["another kind", { ...BASE, lists: [LIST, { ...LIST, name: "b", kind: "allow" }] }],
		["another format", { ...BASE, lists: [LIST, { ...LIST, name: "b", format: "hosts" }] }],
		["another match", { ...BASE, lists: [LIST, { ...LIST, name: "b", match: "subtree" }] }],
	];
	const seen = new Set([base]);
	for (const [what, given] of others) {
		const recipe = recipeOf(configOf(given));
		t.notOk(seen.has(recipe), what);
		seen.add(recipe);
	}
});

test("what it does not depend on does not", async (t) => {
	const base = recipeOf(configOf(BASE));
	for (const given of [
		BASE,
		{ ...BASE, blocking: { deny: ["bad.test"], answer: "nxdomain", ttl: "1h" } },
		{ ...BASE, workers: 3, log: { level: "debug" } },
		{ ...BASE, lists: BASE.lists.map((list) => ({ ...list, category: "phishing", refresh: "2h" })) },
	]) {
		t.equal(recipeOf(configOf(given)), base);
	}
});
