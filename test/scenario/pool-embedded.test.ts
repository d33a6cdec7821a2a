/** A pool without a server, on one node: commands, restarts, reloads, lists. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { freePort } from "../bench/free-port.ts";
import { Authority } from "./authority.ts";
import { type Ended, folder, type Settings } from "./cordon.ts";
import { allShow, BLOCKED, community, OPEN, PoolNode, poolSettings, TRUST } from "./pool-node.ts";

function command(node: PoolNode, ...argv: readonly string[]): Promise<Ended> {
	return node.cordon.run(...argv, "--admin", node.cordon.admin);
}

test("the commands, against a running node, and what is left after restarts", async (t) => {
	const authority = await Authority.start(t);
	const config = poolSettings(authority.url);
	const node = await PoolNode.start(t, config);
	const added = await command(node, "member", "add", "cert");
	t.equal(added.code, 0, added.stderr);
	const token = /cordon_[A-Za-z0-9_-]{43}/.exec(added.stdout)?.[0] ?? "";
	t.match(await command(node, "member", "list"), { code: 0, stdout: /^ *cert +contributor/m });

	const file = join(node.cordon.directory, "cert.token");
	writeFileSync(file, `${token}\n`, { mode: 0o600 });
	const asCert = (...argv: readonly string[]) => command(node, ...argv, "--token-file", file);
	const options = ["--category", "c2", "--confidence", "90", "--reason", "calls home"];
	t.match(await asCert("pool", "add", "evil.any.example", "worse.any.example", ...options), {
		code: 0,
		stdout: "added evil.any.example\nadded worse.any.example\n",
	});
	await node.shows("evil.any.example", BLOCKED);
	t.match(await asCert("pool", "add", "192.0.2.1", "--category", "c2"), { code: 3, stderr: /IP address/ });
	t.match(await asCert("pool", "add", "x.any.example", "--category", "bad"), { code: 3, stderr: /category/ });
	t.match(await command(node, "pool", "list"), {
		code: 0,
		stdout: /evil\.any\.example .*cert +c2 +90[\s\S]*worse/,
	});
	t.match(await command(node, "pool", "show", "www.evil.any.example"), {
		code: 0,
		stdout: /blocked, with all below it: c2[\s\S]*cert +1 × 90 += 90[\s\S]*calls home/,
	});
	t.match(await node.cordon.run("explain", "www.evil.any.example"), {
		code: 2,
		stdout: /www\.evil\.any\.example: blocked[\s\S]*evil\.any\.example has 90 of the 50[\s\S]*cert/,
	});
	t.match(await command(node, "pool", "status"), {
		code: 0,
		stdout: /embedded\) is reached[\s\S]*2 of 1 member/,
	});
	t.match(await command(node, "pool", "verify"), { code: 0, stdout: /^equal/ });
	t.match(await asCert("pool", "withdraw", "worse.any.example"), {
		code: 0,
		stdout: "withdrawn worse.any.example\n",
	});
	await node.shows("worse.any.example", OPEN);
	for (let i = 0; i < 3; i++) t.equal(await node.seen("www.evil.any.example"), BLOCKED);

	t.match(await node.cordon.stop(), { code: 0 });
	const down = await command(node, "pool", "list");
	t.equal(down.code, 2, down.stderr);
	const second = await node.again(t);
	t.equal(await second.seen("evil.any.example"), BLOCKED, "after SIGTERM");
	t.equal(await second.seen("worse.any.example"), OPEN);
	const { sightings } = await second.must("GET", "/sightings", { token });
	t.match(sightings, [{ domain: "evil.any.example", networks: 1 }], "what was stopped is told");
	t.match(await second.add("late.any.example", token), { status: 201 });
	await second.shows("late.any.example", BLOCKED);
	await second.cordon.stop("SIGKILL");
	const third = await second.again(t);
	for (const name of ["evil.any.example", "late.any.example"])
		t.equal(await third.seen(name), BLOCKED, "after SIGKILL");
	t.equal(await third.seen("worse.any.example"), OPEN);
	t.match(await third.must("GET", "/pool/verify"), { equal: true });
	const { entries } = await third.must("GET", "/audit");
	t.same(
		(entries as readonly Settings[]).map(({ action, actor }) => `${action} ${actor}`),
		["member-add operator", "add cert", "add cert", "withdraw cert", "add cert"],
	);
});

test("another trust is taken over with SIGHUP", async (t) => {
	const authority = await Authority.start(t);
	// The admin server moves with the pool: where it was, it is to be again.
	const admin = `127.0.0.1:${await freePort()}`;
	const node = await PoolNode.start(t, poolSettings(authority.url, { listen: { admin } }));
	const cert = await node.member("cert");
	await node.add("bad.any.example", cert);
	await node.add("bot.any.example", cert, { category: "botnet" });
	await node.shows("bot.any.example", BLOCKED);
	const trust = async (cordonTrust: Settings) => {
		t.match(await node.cordon.reload({ pool: { trust: cordonTrust } }), /reloaded/);
	};
	await trust({ members: [{ name: "cert", weight: 0.5 }] });
	await node.shows("bad.any.example", OPEN);
	await trust({ threshold: 40 });
	await node.shows("bad.any.example", BLOCKED);
	await trust({ categories: { botnet: "log-only" } });
	await node.shows("bot.any.example", OPEN);
	t.equal(await node.seen("bad.any.example"), BLOCKED);
	t.match(await node.must("GET", "/pool"), { verdicts: { block: 1, logOnly: 1 } });
	await node.cordon.reload({ blocking: { allow: ["bad.any.example"] } });
	await node.shows("bad.any.example", OPEN);
	await node.cordon.reload({
		blocking: { allow: [] },
		pool: { trust: { ...TRUST, threshold: 50, categories: {} } },
	});
	await node.shows("bad.any.example", BLOCKED);
	t.match(await node.add("new.any.example", cert), { status: 201 });
	await node.shows("new.any.example", BLOCKED);

	t.match(await node.cordon.reload({ pool: { store: "off" } }), /reloaded/);
	await node.shows("bad.any.example", OPEN);
	t.match(await node.call("GET", "/pool"), { status: 404, body: { detail: /pool\.store is off/ } });
	t.match(await node.cordon.reload({ pool: { store: "embedded" } }), /reloaded/);
	await node.shows("bad.any.example", BLOCKED);
	t.match(await node.cordon.stop(), { code: 0 });
});

test("a list that goes to the pool is a member, and what it drops is withdrawn", async (t) => {
	const authority = await Authority.start(t);
	const directory = folder(t);
	const path = join(directory, "feed.txt");
	const list = { name: "feed", file: "feed.txt", to: "pool", category: "malware" };
	const trust = { members: [{ name: "feed", weight: 1 }] };
	writeFileSync(path, "one.any.example\ntwo.any.example\n192.0.2.9\n");
	const config = poolSettings(authority.url, { lists: [list], pool: { trust } });
	const node = await PoolNode.start(t, config, directory);
	await node.shows("two.any.example", BLOCKED);
	const { contributions } = await node.must("GET", "/contributions?member=feed");
	t.match(contributions, [
		{ domain: "one.any.example", category: "malware", reason: "on the list feed" },
		{ domain: "two.any.example" },
	]);
	t.match(await node.must("GET", "/members"), {
		members: [{ name: "feed", hasToken: false, contributions: 2 }],
	});

	writeFileSync(path, "two.any.example\nthree.any.example\n");
	t.match(await node.cordon.hangUp(), /reloaded/);
	await node.shows("three.any.example", BLOCKED);
	await node.shows("one.any.example", OPEN);
	t.equal(await node.seen("two.any.example"), BLOCKED);
	t.match(await node.cordon.stop(), { code: 0 });
	rmSync(path);
	const again = await node.again(t);
	t.equal(await again.seen("three.any.example"), BLOCKED, "after a restart without the file");

	t.match(await again.cordon.reload({ lists: [] }), /reloaded/);
	t.equal(await again.seen("three.any.example"), BLOCKED, "other nodes may have the list still");
	t.match(
		await command(again, "pool", "withdraw", "two.any.example", "three.any.example", "--member", "feed"),
		{
			code: 0,
		},
	);
	for (const name of ["two.any.example", "three.any.example"]) await again.shows(name, OPEN);
});

test("one list on two nodes of a shared pool is one member", async (t) => {
	const directory = folder(t);
	const file = join(directory, "feed.txt");
	writeFileSync(file, "one.any.example\ntwo.any.example\n");
	const list = { name: "feed", file, to: "pool", category: "malware" };
	const over = { lists: [list], pool: { trust: { members: [{ name: "feed", weight: 1 }] } } };
	const { nodes } = await community(t, { nodes: 2, over });
	await allShow(nodes, "two.any.example", BLOCKED);
	for (const node of nodes) t.match(await node.must("GET", "/pool"), { contributions: 2 });
	writeFileSync(file, "two.any.example\nthree.any.example\n");
	for (const node of nodes) t.match(await node.cordon.hangUp(), /reloaded/);
	await allShow(nodes, "one.any.example", OPEN);
	await allShow(nodes, "three.any.example", BLOCKED);
	for (const node of nodes) {
		t.equal(await node.seen("two.any.example"), BLOCKED);
		t.match(await node.must("GET", "/pool"), { contributions: 2 });
	}
});
