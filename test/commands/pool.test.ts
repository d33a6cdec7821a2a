import { test } from "tap";
import { statusLines } from "../../src/commands/pool/state.ts";
import { node, run } from "./pool-terminal.ts";

test("add and withdraw", async (t) => {
	const { pool, desk } = await node(t);
	const added = await pool(
		"add",
		"BAD.example",
		"worse.example",
		"--category",
		"phishing",
		"--confidence",
		"90",
		"--for",
		"7d",
		"--reason",
		"a kit",
	);
	t.same(added, { code: 0, out: "added bad.example\nadded worse.example\n", err: "" });
	t.match(desk.kept.get("bad.example\tadmin"), {
		...{ category: "phishing", confidence: 90, validFor: "7d", reason: "a kit" },
	});
	const some = await pool("add", "bad.example", "a..b", "protected.example", "--category", "malware");
	t.same(some, {
		code: 3,
		out: "replaced bad.example\n",
		err: 'refused a..b: "a..b" is no name\nwaits protected.example: 2 people have to approve it\n',
	});
	t.equal((await pool("add", "protected.example", "--category", "malware")).code, 4);
	const none = await pool("add", "c.example");
	t.equal(none.code, 3);
	t.match(none.err, /^refused c\.example: category is missing/);
	t.same(await pool("withdraw", "bad.example", "never.example"), {
		code: 0,
		out: "withdrawn bad.example\nabsent never.example\n",
		err: "",
	});
	await pool("add", "d.example", "--category", "malware", "--member", "cert");
	t.ok(desk.kept.has("d.example\tcert"));
	const json = await pool("add", "e.example", "--category", "malware", "--json", "--confidence", "much");
	t.match(JSON.parse(json.out), {
		status: "applied",
		counts: { added: 1 },
		lines: [{ domain: "e.example" }],
	});
	t.match(desk.kept.get("e.example\tadmin"), { confidence: "much" }, "the server says what is wrong with it");
});

test("a batch that is held says what to do", async (t) => {
	const { pool, desk } = await node(t);
	desk.maxLines = 1;
	const held = await pool("add", "a.example", "b..c", "--category", "malware");
	t.equal(held.code, 4);
	t.equal(held.out, "");
	t.match(
		held.err,
		/^refused b\.\.c.*\nheld: the batch has 2 lines.*\nNothing of it .* cordon pool approve batch:b1\n$/,
	);
	t.match(await pool("held"), {
		code: 0,
		out: /^batch:b1\n {2}the batch has 2 lines.*\n {2}since 2026-11-23 12:00Z, approved by 0 of 1\n$/,
	});
	t.same(await pool("approve", "batch:b1"), { code: 0, out: "approved batch:b1\n", err: "" });
	t.match(await pool("approve", "batch:b1"), {
		code: 1,
		err: /cordon pool approve: nothing waits under batch:b1\n/,
	});
	t.match(await pool("held"), { code: 0, out: "", err: "nothing waits\n" });
});

test("what needs two people, and rejecting", async (t) => {
	const { pool, desk } = await node(t);
	const id = "protected:bad.example:cert";
	desk.waiting.set(id, {
		id,
		kind: "protected",
		reason: "popular",
		since: 0,
		approvalsNeeded: 2,
		approvals: [],
	});
	t.match(await pool("approve", id), { code: 4, err: /still waits: 1 of 2 people have approved/ });
	t.match((await pool("held")).out, /approved by 1 of 2 \(admin\)/);
	t.same(await pool("reject", id, "--reason", "no"), { code: 0, out: `rejected ${id}\n`, err: "" });
	t.same(desk.asked.at(-1), ["reject", id, "no", "admin"]);
	t.match(await pool("held", "--json"), { code: 0, out: "[]\n" });
});

test("dispute and undispute", async (t) => {
	const { pool, desk } = await node(t);
	t.match(await pool("dispute", "bad.example"), { code: 1, err: /--reason is missing/ });
	t.same(await pool("dispute", "bad.example", "--reason", "ours"), {
		code: 0,
		out: "disputed bad.example\n",
		err: "",
	});
	t.equal(desk.objections.length, 1);
	t.match(await pool("undispute", "bad.example"), { code: 0, out: /no longer disputed by you/ });
	t.match(await pool("undispute", "bad.example"), { code: 1, err: /does not dispute bad\.example/ });
});

test("list: pages until the limit", async (t) => {
	const { pool, desk } = await node(t);
	t.match(await pool("list"), { code: 0, out: "", err: "there are no such contributions\n" });
	const words = Array.from({ length: 1100 }, (_, i) => `d${String(i).padStart(4, "0")}.example`);
	await pool("add", ...words, "--category", "c2", "--reason", "\u001b[2Jfoul");
	const first = await pool("list");
	t.equal(first.out.split("\n").length, 101);
	t.match(
		first.out,
		/^ {2}d0000\.example {4}admin {2}c2 {2}80 {2}tlp:green {2}until 2026-11-24 12:00Z {2}\\x1b\[2Jfoul\n/,
	);
	t.equal(first.err, "only the first 100 contributions; --limit shows more\n");
	desk.asked.length = 0;
	const all = await pool("list", "--limit", "5000");
	t.equal(all.out.split("\n").length, 1101);
	t.equal(all.err, "");
	t.equal(desk.asked.length, 2, "1000 at a time");
	const one = await pool("list", "d0007.example", "--json", "--member", "admin", "--category", "c2");
	t.match(JSON.parse(one.out), [{ domain: "d0007.example" }]);
	for (const limit of ["0", "x", "-1", "1.5"]) {
		t.match(
			await pool("list", `--limit=${limit}`),
			{ code: 1, err: /--limit must be a whole number from 1/ },
			limit,
		);
	}
});

test("status, verify, restore", async (t) => {
	const { pool, desk } = await node(t);
	t.match(await pool("status"), {
		code: 0,
		out: /^the pool \(redis\) is reached\n {2}contributions {2}0 of 3 members\n/,
	});
	t.match(JSON.parse((await pool("status", "--json")).out), { store: "redis", resyncs: 1 });
	t.match(await pool("verify"), { code: 0, out: "equal: 3 records, checksum c0ffee\n" });
	desk.comparison = { ...desk.comparison, equal: false, missing: 2 };
	t.match(await pool("verify"), { code: 1, out: /^not equal: .*2 missing here/ });
	t.match(await pool("restore"), { code: 1, err: /say --yes/ });
	t.notOk(desk.asked.some(([what]) => what === "restore"));
	t.match(await pool("restore", "--yes"), { code: 0, out: "restored: the pool begins anew as epoch e2\n" });
	desk.unavailable = "Redis does not answer";
	t.match(await pool("status"), { code: 2, out: /is not reached: Redis does not answer\n/ });
	t.match(await pool("verify"), { code: 2, err: /Redis does not answer\. Nothing was changed/ });
	t.match(await pool("add", "a.example", "--category", "malware"), { code: 2, err: /Redis does not answer/ });
	const text = statusLines({
		...{ ...desk.status(), lagMs: 90_000, clockAheadMs: 7_200_000, position: undefined },
		held: { batch: 1, protected: 0, disputed: 2, pool: 1 },
	}).join("\n");
	t.match(text, /1 batch, 0 protected names, 2 disputed domains, the pool itself/);
	t.match(text, /position {7}none yet/);
	t.match(text, /level {10}1 min 30 s behind/);
	t.match(text, /clock {10}2 h ahead/);
});

test("sightings and audit", async (t) => {
	const { pool, desk } = await node(t);
	t.match(await pool("sightings", "--since", "12h"), {
		code: 0,
		out: "  malware.example  12 queries  3 networks  last at 2026-11-23 12:00Z\n",
	});
	const [, member, since] = desk.asked.at(-1) ?? [];
	t.equal(member, "admin");
	t.ok(Number(since) <= Date.now() - 12 * 3_600_000);
	t.match(await pool("sightings", "--since", "soon"), { code: 1, err: /since must be a duration/ });
	const about = { at: 0, actor: "cert", node: "n1", from: "192.0.2.1", action: "add" };
	for (let i = 1; i <= 1200; i++) {
		const id = String(i).padStart(5, "0");
		desk.entries.push({ ...about, id, details: { domain: `d${i}.example` } });
	}
	const last = await pool("audit", "--limit", "2");
	t.match(
		last.out,
		/^ {2}1970-01-01 00:00Z {2}cert {2}add {2}domain=d1199\.example {2}from 192\.0\.2\.1 at n1\n.*d1200\.example/,
	);
	t.equal(last.out.split("\n").length, 3);
	t.match(JSON.parse((await pool("audit", "--after", "01199", "--json")).out), [{ id: "01200" }]);

	const at = Date.UTC(2027, 5, 1);
	desk.trimmed = { entries: 3000, until: at - 1000, last: "00000", at, node: "n2" };
	const told =
		/3,000 older entries, until 2027-05-31 23:59Z, taken out by retention .*last at 2027-06-01 00:00Z by n2/;
	t.notMatch((await pool("audit", "--limit", "2")).err, told, "the beginning is not shown");
	const whole = await pool("audit", "--limit", "1200");
	t.match(whole.err, told);
	t.equal(whole.out.split("\n").length, 1201);
	desk.trimmed = { ...desk.trimmed, last: "00007" };
	const gone = await pool("audit", "--after", "00003", "--limit", "1", "--json");
	t.match(gone, { code: 0, err: told }, "a place that is gone");
	t.match(JSON.parse(gone.out), [{ id: "01200" }]);
	t.notMatch((await pool("audit", "--after", "00007")).err, told);
});

test("members", async (t) => {
	const { member, desk } = await node(t);
	const added = await member("add", "isp-b", "--role", "reader");
	t.same(added, {
		code: 0,
		out: "cordon_isp-b-token\n",
		err: "isp-b is a member now (reader). Its token, which is not shown again:\n",
	});
	t.match(await member("add", "isp-b"), {
		code: 1,
		err: /^cordon member add: there is a member isp-b already\n$/,
	});
	t.match(await member("add", "Isp"), { code: 1, err: /name must be a member's name/ });
	t.match(await member("add", "isp-c", "--role", "king"), { code: 1, err: /role must be one of admin/ });
	t.match(JSON.parse((await member("add", "isp-c", "--json")).out), {
		name: "isp-c",
		token: "cordon_isp-c-token",
	});
	t.same(await member("revoke", "isp-b"), { code: 0, out: "revoked isp-b\n", err: "" });
	const listed = await member("list");
	t.match(listed.out, /\n {2}isp-b {2}reader .* revoked 2026-11-23 12:00Z\n/);
	t.notMatch(listed.out, /token\n/);
	t.match(JSON.parse((await member("list", "--json")).out), [{ name: "admin" }]);
	t.match(await member("revoke", "nobody"), { code: 1, err: /no member nobody/ });
	t.equal(desk.people.size, 5);
});

test("wrong usage and help", async (t) => {
	t.match(await run("pool", ["--help"]), { code: 0, out: /^Usage: cordon pool COMMAND/ });
	t.match(await run("member", ["-h"]), { code: 0, out: /^Usage: cordon member COMMAND/ });
	t.match(await run("pool", []), { code: 1, err: /which command\?/ });
	t.match(await run("pool", ["imprt"]), {
		code: 1,
		err: /there is no command "imprt"; did you mean "import"\?/,
	});
	t.match(await run("pool", ["a\u001b[2J"]), { code: 1, err: /"a\\x1b\[2J"/ });
	t.match(await run("pool", ["constructor"]), { code: 1, err: /there is no command/ });
	t.match(await run("pool", ["add"]), { code: 1, err: /something is missing: it takes DOMAIN\.\.\./ });
	t.match(await run("pool", ["show", "a", "b"]), { code: 1, err: /"b" is too much/ });
	t.match(await run("pool", ["add", "a", "--confidense", "1"]), {
		code: 1,
		err: /did you mean --confidence\?/,
	});
	t.match(await run("pool", ["add", "a", "--category"]), { code: 1, err: /argument missing/ });
	const words = (await run("pool", ["--help"])).out.matchAll(/^ {2}([a-z]+) /gm);
	for (const [, word] of words) {
		const help = await run("pool", [word, "--help"]);
		t.match(help, { code: 0, err: "", out: new RegExp(`^Usage: cordon pool ${word}`) });
		t.match(help.out, /--token-file FILE[\s\S]*\nExit code: 0 /);
	}
});
