/** A pool in Redis is backed up, and brought back into another Redis, or onto a disk. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { RedisServer } from "../../pool/redis/server.ts";
import { Authority } from "../../scenario/authority.ts";
import { folder, type Settings } from "../../scenario/cordon.ts";
import { BLOCKED, level, PoolNode, poolSettings } from "../../scenario/pool-node.ts";
import { run } from "./archives.ts";

function shared(port: number): Settings {
	return { pool: { store: "redis", redis: { url: `redis://127.0.0.1:${port}` } } };
}

test("from one Redis to another, and to a disk", async (t) => {
	const authority = await Authority.start(t);
	const redis = await RedisServer.start(t);
	const config = poolSettings(authority.url, shared(redis.port));
	const node = await PoolNode.start(t, config);
	await level([node]);
	const token = await node.member("cert");
	await node.add("bad.any.example", token, { confidence: 90 });
	await node.shows("bad.any.example", BLOCKED);
	const archive = join(folder(t), "b.tar.gz");
	const made = await node.cordon.run("backup", archive);
	t.equal(made.code, 0, made.stderr);
	t.match(made.stdout, /pool default \(redis\): 2 records, 2 audit entries/);
	await node.cordon.stop();

	t.match(await node.cordon.run("restore", archive), {
		code: 1,
		stderr: /there is a pool default in Redis already: --replace/,
	});

	const other = await RedisServer.start(t);
	const place = folder(t);
	const there = poolSettings(authority.url, shared(other.port));
	writeFileSync(join(place, "cordon.yaml"), JSON.stringify(there));
	const brought = await run("restore", archive, "--config", join(place, "cordon.yaml"));
	t.equal(brought.code, 0, brought.err);
	const second = await PoolNode.start(t, there, place);
	await second.shows("bad.any.example", BLOCKED);
	t.match(await second.withdraw("bad.any.example", token), { status: 200 });
	const { entries } = await second.must("GET", "/audit");
	const actions = (entries as readonly Settings[]).map(({ action }) => String(action));
	t.match(actions.join(" "), /member-add add restore withdraw$/);
	await second.cordon.stop();

	const replaced = await second.cordon.run("restore", archive, "--replace");
	t.equal(replaced.code, 0, replaced.stderr);
	t.match(replaced.stdout, /Redis has an audit already: it goes on/);
	const third = await second.again(t);
	await third.shows("bad.any.example", BLOCKED);
	await third.cordon.stop();

	const home = folder(t);
	const embedded = poolSettings(authority.url);
	writeFileSync(join(home, "cordon.yaml"), JSON.stringify(embedded));
	t.equal((await run("restore", archive, "--config", join(home, "cordon.yaml"))).code, 0);
	const fourth = await PoolNode.start(t, embedded, home);
	await fourth.shows("bad.any.example", BLOCKED);
});

test("while Redis is away, what this node has, when that is said to be enough", async (t) => {
	const authority = await Authority.start(t);
	const redis = await RedisServer.start(t);
	const node = await PoolNode.start(t, poolSettings(authority.url, shared(redis.port)));
	await level([node]);
	await node.add("bad.any.example", await node.member("cert"), { confidence: 90 });
	await node.shows("bad.any.example", BLOCKED);
	await redis.kill();
	const archive = join(folder(t), "b.tar.gz");
	const refused = await node.cordon.run("backup", archive);
	t.match(refused, { code: 1, stderr: /Redis at 127\.0\.0\.1.*--local what this node has/ });
	const made = await node.cordon.run("backup", archive, "--local");
	t.match(made, { code: 0, stdout: /2 records, 0 audit entries[\s\S]*without what is in Redis alone/ });
	t.match(await run("restore", archive, "--config", node.cordon.configPath, "--replace"), { code: 1 });
});
