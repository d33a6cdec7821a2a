import { test } from "tap";
import { about, officeIn, refusal } from "./office.ts";

test("the opinion on a name is that on the domain which decides it", async (t) => {
	const office = await officeIn(t);
	const { desk } = office;
	const [cert, stranger] = [await office.member("cert"), await office.member("stranger")];
	await office.submit([about("bad.example"), about("only.test.example", { scope: "exact" })], cert);
	await office.submit([about("www.bad.example"), about("weak.test.example")], stranger);
	for (const [name, domain, blocked] of [
		["bad.example", "bad.example", true],
		["a.b.bad.example", "bad.example", true],
		["WWW.bad.example.", "bad.example", true],
		["x.www.bad.example", "bad.example", true],
		["only.test.example", "only.test.example", true],
		["x.only.test.example", "only.test.example", false],
		["weak.test.example", "weak.test.example", false],
		["x.weak.test.example", "weak.test.example", false],
		["unknown.example", "unknown.example", false],
		["example", "example", false],
	] as const) {
		const opinion = await desk.opinion(name);
		t.equal(opinion.domain, domain, name);
		const { exact, subtree } = opinion.verdict;
		t.equal((domain === name.toLowerCase() ? (exact ?? subtree) : subtree) !== undefined, blocked, name);
	}
	t.match(await desk.opinion("weak.test.example"), {
		statements: [{ weight: 0, score: 0, contribution: { member: "stranger" } }],
		threshold: 50,
	});
	for (const name of ["", "a..b", "192.0.2.1", 7])
		await t.rejects(desk.opinion(name as string), refusal(400));
});
