/** Walks over all domains of the replica. */
import { test } from "tap";
import { put, take } from "../store-contract/pool.ts";
import { at, changes, openOwnReplica } from "./opening.ts";

test("a walk over the domains sees one moment", async (t) => {
	const replica = await openOwnReplica(t);
	const edits = Array.from({ length: 100 }, (_, i) => put(`d${100 + i}.example`));
	await replica.apply(changes(edits), at(100));
	const walk = replica.domains()[Symbol.iterator]();
	const first = walk.next().value;
	const change = [
		put("d101.example", { confidence: 1 }),
		take("d102.example"),
		put("d1011.example"),
		take("d100.example"),
	];
	await replica.apply(changes(change, 100), at(104));
	await new Promise((resolve) => setImmediate(resolve));
	const rest = [...{ [Symbol.iterator]: () => walk }];
	t.same(
		[first, ...rest].map((d) => d?.records[0]),
		edits.map(({ key, value }) => ({ key, value })),
	);
	t.equal([...replica.domains()].length, 99);
});

test("a walk goes on after any domain, and may be left", async (t) => {
	const replica = await openOwnReplica(t);
	const names = ["a.example", "a.example-x.test", "a.example.test", "b.example", "b.example0.test"];
	await replica.apply(changes(names.map((n) => put(n))), at(5));
	const walked = (after?: string) => [...replica.domains(after)].map((d) => d.domain);
	t.same(walked(), names);
	for (const [i, name] of names.entries()) t.same(walked(name), names.slice(i + 1), `after ${name}`);
	t.same(walked("a.example."), names.slice(2));
	t.same(walked("zz"), []);
	for (let i = 0; i < 300; i++) for (const _ of replica.domains()) break;
	t.same(walked(), names, "readers that were left take no place");
});
