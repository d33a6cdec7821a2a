/** A node that runs is backed up, and another made from it. */
import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { serveLists } from "../../feeds/list-server.ts";
import { Authority } from "../../scenario/authority.ts";
import { folder, run as runProgram, type Settings } from "../../scenario/cordon.ts";
import { BLOCKED, OPEN, PoolNode, poolSettings } from "../../scenario/pool-node.ts";
import { run } from "./archives.ts";

async function node(t: Test, over: Settings = {}, directory?: string) {
	const authority = await Authority.start(t);
	const config = poolSettings(authority.url, over);
	return { authority, config, node: await PoolNode.start(t, config, directory) };
}

function archiveIn(t: Test): string {
	return join(folder(t), "cordon.tar.gz");
}

test("of a node that runs, and back into an empty folder", async (t) => {
	const lists = await serveLists(t, (_, response) => response.end("listed.any.example\n"));
	const web = { name: "web", url: `${lists.url}/`, allowPrivateAddress: true };
	const { node: first, authority } = await node(t, {
		lists: [web],
		pool: { limits: { maxChange: 0.1, freeChanges: 3 } },
	});
	const token = await first.member("cert");
	await first.add("bad.any.example", token, { confidence: 90 });
	await first.shows("bad.any.example", BLOCKED);
	await first.shows("listed.any.example", BLOCKED);
	const many = Array.from({ length: 40 }, (_, i) => ({ domain: `n${i}.any.example`, category: "c2" }));
	await first.call("POST", "/contributions", { token, lines: many });
	const held = await first.held();
	t.equal(held.length, 1);
	const audit = await first.must("GET", "/audit?limit=1000");

	const archive = archiveIn(t);
	const made = await first.cordon.run("backup", archive);
	t.equal(made.code, 0, made.stderr);
	t.match(made.stdout, /pool default \(embedded\): \d+ records, \d+ audit entries, 1 batch, /);
	t.equal(statSync(archive).mode & 0o777, 0o600);
	t.match(await run("backup", "--verify", archive), { code: 0, out: /is whole/ });
	const listing = await runProgram("tar", ["-tzf", archive]);
	t.match(
		listing.stdout,
		/^cordon-backup\.json\npool\/records-00001\.jsonl\n[\s\S]*^data\/lists\/web\.list\n[\s\S]*^manifest\.json\n$/m,
	);
	t.notMatch(listing.stdout, /operator\.token/);
	const again = await first.cordon.run("backup", archive);
	t.match(again, { code: 1, stderr: /is there already; name another file, or say --overwrite/ });
	t.equal((await first.cordon.run("backup", archive, "--overwrite")).code, 0);

	const running = await first.cordon.run("restore", archive, "--replace");
	t.match(running, { code: 1, stderr: /is in use by another Cordon \(process \d+/ });

	const place = folder(t);
	writeFileSync(join(place, "cordon.yaml"), readFileSync(first.cordon.configPath));
	await first.cordon.stop();
	lists.requests.length = 0;
	const brought = await run("restore", archive, "--config", join(place, "cordon.yaml"));
	t.equal(brought.code, 0, brought.err);
	t.match(brought.out, /restored to .*data\n/);
	t.same(
		readdirSync(join(place, "data")).filter((name) => name.startsWith(".")),
		[],
	);

	const second = await PoolNode.start(t, JSON.parse(readFileSync(first.cordon.configPath, "utf8")), place);
	t.ok(authority);
	await second.shows("bad.any.example", BLOCKED);
	t.equal(await second.seen("listed.any.example"), BLOCKED);
	t.equal(await second.seen("n1.any.example"), OPEN);
	t.same(await second.held(), held, "what waited waits on");
	t.match(await second.withdraw("bad.any.example", token), { status: 200 }, "members have their tokens");
	const after = await second.must("GET", "/audit?limit=1000");
	const told = (of: Settings) =>
		(of.entries as readonly { at: number; action: string }[]).map(({ at, action }) => `${at} ${action}`);
	t.same(told(after).slice(0, told(audit).length), told(audit), "the audit goes on");
	t.match(told(after)[told(audit).length], / restore$/);
	const operator = second.operatorToken;
	t.not(operator, first.operatorToken, "without --secrets the token is a new one");
});

test("what is there already stays without --replace, and is set aside with it", async (t) => {
	const { node: first } = await node(t);
	const token = await first.member("cert");
	await first.add("old.any.example", token);
	const archive = archiveIn(t);
	t.equal((await first.cordon.run("backup", archive, "--secrets")).code, 0);
	await first.add("new.any.example", token);
	const operator = first.operatorToken;
	await first.cordon.stop();
	t.match(await first.cordon.run("restore", archive), {
		code: 1,
		stderr: /has lists or a pool already: --replace/,
	});
	const replaced = await first.cordon.run("restore", archive, "--replace");
	t.equal(replaced.code, 0, replaced.stderr);
	const aside = /what was there before is in (\S+);/.exec(replaced.stdout)?.[1] ?? "";
	t.ok(existsSync(join(aside, "pool", "data.mdb")));
	const second = await first.again(t);
	t.equal(second.operatorToken, operator, "with --secrets it is the same");
	const { contributions } = await second.must("GET", "/contributions");
	t.same(
		(contributions as readonly Settings[]).map(({ domain }) => domain),
		["old.any.example"],
	);
});

test("a node without a pool, or without anything yet", async (t) => {
	const place = folder(t);
	const config = join(place, "cordon.yaml");
	writeFileSync(config, "dataDir: data\n");
	const archive = join(place, "b.tar.gz");
	t.match(await run("backup", archive, "--config", config), {
		code: 0,
		out: /no pool\n {2}0 lists, 1 file of/,
	});
	t.match(await run("restore", archive, "--config", config), { code: 0, out: /the backup has no pool/ });
	t.match(await run("backup", "--config", config), { code: 1, err: /name one file/ });
	t.match(await run("restore", join(place, "not"), "--config", config), { code: 1, err: /ENOENT/ });
});

test("a configuration with what it names, to a new machine", async (t) => {
	const place = folder(t);
	const secret = `${"0f".repeat(16)}\n`;
	mkdirSync(join(place, "etc", "keys"), { recursive: true });
	writeFileSync(join(place, "etc", "keys", "cookie"), secret);
	writeFileSync(join(place, "etc", "own.txt"), "own.example\n");
	writeFileSync(join(place, "far.txt"), "far.example\n");
	const config = join(place, "etc", "cordon.yaml");
	writeFileSync(
		config,
		JSON.stringify({
			dataDir: "../data",
			listen: { cookies: { secretFile: "keys/cookie" } },
			lists: [
				{ name: "own", file: "own.txt" },
				{ name: "far", file: join(place, "far.txt") },
			],
		}),
	);
	const [without, complete] = [join(place, "without.tar.gz"), join(place, "with.tar.gz")];
	t.match(await run("backup", without, "--config", config), {
		code: 0,
		out: /left out, since --secrets was not said: \S+keys\/cookie/,
	});
	t.equal((await run("backup", complete, "--config", config, "--secrets")).code, 0);

	const bare = join(folder(t), "etc");
	t.match(await run("restore", without, "--config-to", bare), {
		code: 1,
		err: /cannot be used yet; nothing else was restored:[\s\S]*keys\/cookie[\s\S]*cordon restore \S+ --config/,
	});
	t.ok(existsSync(join(bare, "own.txt")));
	t.match(await run("restore", without, "--config-to", bare), { code: 1, err: /is not empty/ });

	const fresh = join(folder(t), "etc");
	const { code, out, err } = await run("restore", complete, "--config-to", fresh);
	t.equal(code, 0, err);
	t.match(out, /elsewhere\/\d-far\.txt was \S+far\.txt: put it there/);
	t.equal(readFileSync(join(fresh, "keys", "cookie"), "utf8"), secret);
	t.equal(statSync(join(fresh, "keys", "cookie")).mode & 0o777, 0o600);
	t.ok(existsSync(join(fresh, "..", "data")));
});

test("a disk that is full keeps everything as it was", async (t) => {
	if (process.getuid?.() !== 0) return t.comment("only root can make a small disk");
	const { node: first } = await node(t);
	await first.add("old.any.example", await first.member("cert"));
	const archive = archiveIn(t);
	t.equal((await first.cordon.run("backup", archive)).code, 0);
	await first.cordon.stop();
	const place = folder(t);
	const config = join(place, "cordon.yaml");
	copyFileSync(first.cordon.configPath, config);
	chmodSync(config, 0o644);
	mkdirSync(join(place, "data"));
	const script = 'mount -t tmpfs -o size=64k none "$1" && shift && "$@"; echo "code $?"; ls -A "$0"';
	const { MAIN } = await import("../../scenario/cordon.ts");
	const command = [process.execPath, MAIN, "restore", archive, "--config", config];
	const data = join(place, "data");
	const { NODE_OPTIONS: _, ...env } = process.env;
	const ran = await runProgram("unshare", ["-m", "sh", "-c", script, data, data, ...command], env);
	t.match(ran.stdout, /^code 1\n(cordon\.lock\n)?$/);
	t.match(ran.stderr, /ENOSPC|space|disk/i);
	const full = await runProgram(
		"unshare",
		[
			...[
				"-m",
				"sh",
				"-c",
				'mount -t tmpfs -o size=4k none "$1" && head -c 4096 /dev/zero > "$1/full" && shift && "$@"; echo "code $?"; ls -A "$0"',
			],
			...[
				data,
				data,
				process.execPath,
				MAIN,
				"backup",
				join(data, "b.tar.gz"),
				"--config",
				first.cordon.configPath,
			],
		],
		env,
	);
	t.match(full.stdout, /^code 1\nfull\n$/, "no half of a backup is left");
});
