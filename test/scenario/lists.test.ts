/** Lists from files and from the web, held, accepted, and used again after a restart. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "tap";
import { Authority } from "./authority.ts";
import { askName } from "./client.ts";
import { Cordon, folder, type Settings, settings } from "./cordon.ts";
import { address } from "./message.ts";
import { domains, Web } from "./web.ts";

/** The downloads of a test fail at once, or not at all. */
const BRISK = { downloads: { attempts: 1, timeout: "5s" } };

function fetched(web: Web, path: string, more: Settings = {}): Settings {
	return { name: path.slice(1), url: web.url + path, allowPrivateAddress: true, ...more };
}

async function seen(cordon: Cordon, name: string): Promise<string> {
	return address(await askName(cordon.dns[0] ?? "", name));
}

async function list(cordon: Cordon, name: string): Promise<Settings> {
	const { lists } = JSON.parse((await cordon.get("/api/v1/status")).body);
	return lists.find((one: Settings) => one.name === name);
}

test("files and URLs, plain and gzip, block and allow", async (t) => {
	const authority = await Authority.start(t);
	const web = await Web.start(t);
	const directory = folder(t);
	web.put("/hosts", "0.0.0.0 ads.any.example www.any.example\n127.0.0.1 localhost\nnot a line at all\n");
	web.put("/packed", gzipSync("||tree.any.example^\n@@||fine.tree.any.example^\n"), "application/gzip");
	web.put("/allowed", "good.any.example\n");
	writeFileSync(
		join(directory, "own.txt"),
		"# ours\ngood.any.example\nown.any.example\n*.star.any.example\nkept.any.example\n",
	);
	const config = settings(authority.url, {
		blocking: { ...BRISK, allow: ["kept.any.example"] },
		lists: [
			fetched(web, "/hosts", { category: "ads" }),
			fetched(web, "/packed", { answer: "nxdomain" }),
			fetched(web, "/allowed", { kind: "allow" }),
			{ name: "own", file: "own.txt", answer: { ipv4: "198.51.100.9" } },
		],
	});
	const cordon = await Cordon.start(t, config, directory);
	t.match(cordon.stdout, /from 4 of 4 lists/);
	t.equal((await cordon.get("/readyz")).status, 200);
	for (const [name, expected] of [
		["ads.any.example", "0.0.0.0"],
		["below.ads.any.example", "192.0.2.1"],
		["tree.any.example", "rcode 3"],
		["below.tree.any.example", "rcode 3"],
		["fine.tree.any.example", "192.0.2.1"],
		["own.any.example", "198.51.100.9"],
		["star.any.example", "192.0.2.1"],
		["x.star.any.example", "198.51.100.9"],
		["good.any.example", "192.0.2.1"],
		["kept.any.example", "192.0.2.1"],
		["free.any.example", "192.0.2.1"],
	] as const)
		t.equal(await seen(cordon, name), expected, name);
	t.equal((await askName(cordon.dns[0] ?? "", "ads.any.example")).ede?.text, "blocked by list hosts");
	t.match(cordon.stderr, /lines that were left out.*list=hosts.*line 3: not a line at all/);
	t.match(await list(cordon, "hosts"), { state: "fresh", format: "hosts", domains: 2, badLines: 1 });

	t.match(await cordon.reload({ blocking: { hostsMatch: "subtree" } }), /reloaded/);
	t.equal(await seen(cordon, "below.ads.any.example"), "0.0.0.0", "hostsMatch: subtree");

	web.put("/hosts", "0.0.0.0 www.any.example\n0.0.0.0 fresh.any.example\n");
	t.match(await cordon.hangUp(), /reloaded.*index=new/);
	t.equal(await seen(cordon, "fresh.any.example"), "0.0.0.0", "refreshed by SIGHUP");
	t.equal(await seen(cordon, "ads.any.example"), "192.0.2.1");
	t.match(await cordon.hangUp(), /reloaded.*index=unchanged/);
	t.match(await cordon.stop(), { code: 0 });
});

test("a worse list is held until a person accepts it", async (t) => {
	const authority = await Authority.start(t);
	const web = await Web.start(t);
	web.put("/names", domains("bad", 100));
	web.put("/others", "other.example\n");
	const lists = [fetched(web, "/names"), fetched(web, "/others")];
	const cordon = await Cordon.start(t, settings(authority.url, { blocking: BRISK, lists }));
	t.equal(await seen(cordon, "bad99.example"), "0.0.0.0");

	web.put("/names", domains("bad", 60));
	let from = cordon.now;
	t.match(await cordon.hangUp(), /reloaded.*index=unchanged/);
	t.match(cordon.stderr.slice(from), /WARN .*the last good copy stays in use.*list=names.*40 % fewer/);
	t.equal(await seen(cordon, "bad99.example"), "0.0.0.0", "the last good one serves on");
	t.match(await list(cordon, "names"), { state: "held", problem: /40 % fewer/, rejected: { shrunk: 1 } });
	t.match((await cordon.run("lists")).stdout, /names: 100 rules[\s\S]*held: .*accept names/);

	web.put("/others", "other.example\nanother.example\n");
	t.match(await cordon.hangUp(), /index=new/, "the other lists go on");
	t.equal(await seen(cordon, "bad99.example"), "0.0.0.0");

	t.match(await cordon.run("lists", "accept", "names"), { code: 0, stdout: /60 rules is the good one now/ });
	t.match(await cordon.hangUp(), /reloaded.*index=new/);
	t.equal(await seen(cordon, "bad59.example"), "0.0.0.0");
	t.equal(await seen(cordon, "bad99.example"), "rcode 3", "accepted, it is taken over");
	t.match(await list(cordon, "names"), { state: "fresh", domains: 60 });
	t.match(await cordon.run("lists", "accept", "names"), { code: 1, stderr: /nothing is held/ });

	web.put("/names", "<!DOCTYPE html><html><body>Please log in</body></html>", "text/html");
	from = cordon.now;
	t.match(await cordon.hangUp(), /reloaded/);
	t.match(cordon.stderr.slice(from), /list=names.*is a web page, not a list/);
	web.put("/names", "# nothing today\n");
	t.match(await cordon.hangUp(), /reloaded/);
	web.pages.delete("/names");
	t.match(await cordon.hangUp(), /reloaded/);
	t.equal(await seen(cordon, "bad59.example"), "0.0.0.0");
	// Each time that it was refused counts, be it the same version.
	const rejected = { shrunk: 2, html: 1, empty: 1, "http-status": 1 };
	t.match(await list(cordon, "names"), { rejected });
	const { body } = await cordon.get("/metrics");
	for (const [reason, count] of Object.entries(rejected))
		t.match(body, `cordon_list_rejected_total{list="names",reason="${reason}"} ${count}\n`);
});

test("a restart without the web, without the file, without a good snapshot", async (t) => {
	const authority = await Authority.start(t);
	const web = await Web.start(t);
	const directory = folder(t);
	web.put("/names", domains("bad", 10));
	writeFileSync(join(directory, "own.txt"), "own.example\n");
	const lists = [fetched(web, "/names"), { name: "own", file: "own.txt" }];
	const config = settings(authority.url, { blocking: BRISK, lists });
	const snapshot = join(directory, "data", "blocklist.snapshot");
	const blocks = async (cordon: Cordon, message: string) => {
		t.equal(await seen(cordon, "bad9.example"), "0.0.0.0", `${message}: the web's`);
		t.equal(await seen(cordon, "own.example"), "0.0.0.0", `${message}: the file's`);
	};
	const first = await Cordon.start(t, config, directory);
	await blocks(first, "at first");
	t.match(await first.stop(), { code: 0 });
	t.equal(web.requests, 1);

	web.stop();
	rmSync(join(directory, "own.txt"));
	const second = await Cordon.start(t, config, directory);
	await blocks(second, "from the snapshot");
	t.match(second.stdout, /blocking {3}11 domains from 2 of 2 lists/);
	t.match(await second.hangUp(), /reloaded.*index=unchanged/);
	t.match(second.stderr, /list=names/);
	t.match(second.stderr, /list=own/);
	await blocks(second, "after a refresh in vain");
	t.match(await list(second, "names"), { state: "stale" });
	t.match(await second.stop(), { code: 0 });

	const bytes = readFileSync(snapshot);
	bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
	writeFileSync(snapshot, bytes);
	const third = await Cordon.start(t, config, directory);
	t.match(third.stderr, /WARN {2}lists: the snapshot of the blocklist cannot be used; it is made again/);
	await blocks(third, "after damage");
	t.match(await third.stop(), { code: 0 });

	for (const damage of [bytes.subarray(0, 100), Buffer.alloc(0)]) {
		writeFileSync(snapshot, damage);
		const again = await Cordon.start(t, config, directory);
		await blocks(again, `cut to ${damage.length} bytes`);
		t.match(await again.stop(), { code: 0 });
	}
});
