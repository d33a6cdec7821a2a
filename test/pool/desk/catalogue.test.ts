import { test } from "tap";
import type { Contribution } from "../../../src/pool/contribution.ts";
import type { Actor, ContributionQuery } from "../../../src/pool/desk.ts";
import { about, many, type Office, OPERATOR, officeIn, refusal } from "./office.ts";

async function pages(
	office: Office,
	query: ContributionQuery,
	actor: Actor,
): Promise<readonly (readonly string[])[]> {
	const all: string[][] = [];
	for (let after = query.after; ; ) {
		const page = await office.desk.contributions(
			{ ...query, ...(after === undefined ? {} : { after }) },
			actor,
		);
		all.push(page.contributions.map(({ domain, member }) => `${domain} ${member}`));
		if (page.next === undefined) return all;
		after = page.next;
	}
}

async function exported(office: Office, tlp: Contribution["tlp"], actor: Actor): Promise<readonly string[]> {
	const all: string[] = [];
	for await (const { domain, member } of office.desk.export(tlp, actor)) all.push(`${domain} ${member}`);
	return all;
}

test("page by page, in order, each once", async (t) => {
	const office = await officeIn(t);
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	await office.submit([about("b.example"), about("a.example"), about("c.example")], isp);
	await office.submit([about("b.example", { category: "c2" }), about("d.example")], cert);
	const all = ["a.example isp", "b.example cert", "b.example isp", "c.example isp", "d.example cert"];
	for (const limit of [1, 2, 3, 4, 5, 6, 1e6]) {
		const found = await pages(office, { limit }, cert);
		t.same(found.flat(), all, `${limit} a page`);
		t.ok(found.every((page) => page.length <= limit));
	}
	t.same((await pages(office, { limit: 1, member: "isp" }, cert)).flat(), [all[0], all[2], all[3]]);
	t.same((await pages(office, { limit: 1, category: "c2" }, cert)).flat(), ["b.example cert"]);
	t.same((await pages(office, { limit: 1, domain: "B.example." }, cert)).flat(), [all[1], all[2]]);
	t.same((await pages(office, { limit: 9, domain: "b.example", member: "cert" }, cert)).flat(), [all[1]]);
	t.same((await pages(office, { limit: 9, domain: "x.example" }, cert)).flat(), []);
	t.same((await pages(office, { limit: 9, after: "b.example\tcert" }, cert)).flat(), all.slice(2));
	t.same((await pages(office, { limit: 9, after: "b.example\tcert", domain: "b.example" }, cert)).flat(), [
		all[2],
	]);
	t.same((await pages(office, { limit: 9, after: "c.example\tcert", domain: "b.example" }, cert)).flat(), []);
	t.same((await pages(office, { limit: 9, after: "bb.example\tcert" }, cert)).flat(), all.slice(3));
});

test("a query that finds nothing goes on from where it stopped looking", async (t) => {
	const office = await officeIn(t, { limits: { freeChanges: 1e6, maxChanges: 1e6 } });
	const cert = await office.member("cert");
	await office.submit(many(60_000), cert);
	const query = { limit: 5, member: "isp" };
	const first = await office.desk.contributions(query, cert);
	t.same(first.contributions, []);
	t.type(first.next, "string");
	const second = await office.desk.contributions({ ...query, after: first.next ?? "" }, cert);
	t.same(second, { contributions: [] });
	t.equal((await pages(office, { limit: 1000 }, cert)).flat().length, 60_000);
});

test("TLP:RED is for its member and for admins", async (t) => {
	const office = await officeIn(t);
	const [cert, isp, eve] = [
		await office.member("cert"),
		await office.member("isp"),
		await office.member("eve", "reader"),
	];
	const marked = ["clear", "green", "amber", "amber+strict", "red"].map((tlp, i) =>
		about(`t${i}.example`, { tlp }),
	);
	await office.submit(marked, cert);
	const all = marked.map((_, i) => `t${i}.example cert`);
	for (const actor of [cert, OPERATOR]) t.same((await pages(office, { limit: 2 }, actor)).flat(), all);
	for (const actor of [isp, eve]) t.same((await pages(office, { limit: 2 }, actor)).flat(), all.slice(0, 4));
	for (const [i, tlp] of (["clear", "green", "amber", "amber+strict", "red"] as const).entries()) {
		t.same(await exported(office, tlp, OPERATOR), all.slice(0, i + 1), tlp);
		t.same(await exported(office, tlp, eve), all.slice(0, Math.min(i + 1, 4)), `${tlp}, to a reader`);
	}
	t.same(await exported(office, "red", cert), all);
	await t.rejects(exported(office, "white" as "clear", OPERATOR), refusal(400, /tlp/));
	await t.rejects(exported(office, "clear", { ...eve, name: "nobody" }), refusal(403));
});

test("an export of thousands has each once, in order", async (t) => {
	const office = await officeIn(t, { limits: { freeChanges: 1e6 } });
	await office.submit(many(2500), OPERATOR);
	const found = await exported(office, "green", OPERATOR);
	t.same(found, [...found].sort());
	t.equal(new Set(found).size, 2500);
});

test("what counts for nobody any more is not given on", async (t) => {
	const office = await officeIn(t);
	const [cert, isp] = [await office.member("cert"), await office.member("isp")];
	await office.submit([about("short.example", { validFor: "1h" }), about("long.example")], cert);
	await office.submit([about("theirs.example")], isp);
	office.clock.now += 3_600_000;
	await office.desk.revokeMember("isp", OPERATOR);
	t.same(await exported(office, "green", OPERATOR), ["long.example cert"]);
});

test("queries that make no sense", async (t) => {
	const { desk } = await officeIn(t);
	for (const query of [
		{ limit: 0 },
		{ limit: Number.NaN },
		{ limit: 1, domain: "a..b" },
		{ limit: 1, member: "A" },
		{ limit: 1, category: "bad" },
		{ limit: 1, category: "__proto__" },
		{ limit: 1, after: "a.example" },
		{ limit: 1, after: "a.example\tcert\tx" },
		{ limit: 1, after: "\tm" },
		{ limit: 1, after: "" },
	]) {
		await t.rejects(desk.contributions(query, OPERATOR), refusal(400), JSON.stringify(query));
	}
});
