/** A restore that ends in the middle, at each of its steps: what is found then, and how it comes to its end. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Test, test } from "tap";
import { INTERRUPTED } from "../../../src/commands/doctor/interrupted.ts";
import { openPoolCopy } from "../../../src/pool/embedded/pool-copy.ts";
import { Authority } from "../../scenario/authority.ts";
import { Command, Cordon, folder, type Settings } from "../../scenario/cordon.ts";
import { BLOCKED, OPEN, PoolNode, poolSettings } from "../../scenario/pool-node.ts";
import { look, patient } from "../doctor/patient.ts";
import { run } from "./archives.ts";

const JOURNAL = "restore-under-way.json";

const CHANGES = ["mkdirSync", "renameSync", "rmSync", "writeFileSync", "chownSync", "rmdirSync"];

/** Ends the process, as a power cut would, before it calls one of `names` on the data folder for the n-th time, from 0. */
function endsAt(step: number, names: readonly string[]): string {
	return `
const fs = require("node:fs");
let left = ${step};
for (const name of ${JSON.stringify(names)}) {
	const real = fs[name];
	fs[name] = (...words) => {
		if (String(words[0]).includes("/data/") && left-- === 0) process.kill(process.pid, "SIGKILL");
		return real(...words);
	};
}
require("node:module").syncBuiltinESMExports();
`;
}

interface Before {
	readonly archive: string;
	readonly config: Settings;
	/** A folder with the configuration and data that are to be replaced. */
	readonly place: string;
}

/** The backup has old.any.example; what is there has new.any.example, another list and another token. */
async function prepared(t: Test): Promise<Before> {
	const authority = await Authority.start(t);
	const config = poolSettings(authority.url, {});
	const node = await PoolNode.start(t, config);
	const token = await node.member("cert");
	await node.add("old.any.example", token);
	const place = node.cordon.directory;
	mkdirSync(join(place, "data", "lists"), { recursive: true });
	writeFileSync(join(place, "data", "protected.names"), "kept.example\n");
	const archive = join(folder(t), "cordon.tar.gz");
	t.equal((await node.cordon.run("backup", archive, "--secrets")).code, 0);
	await node.add("new.any.example", token);
	await node.withdraw("old.any.example", token);
	await node.cordon.stop();
	writeFileSync(join(place, "data", "operator.token"), `${"0".repeat(64)}\n`, { mode: 0o600 });
	return { archive, config, place };
}

async function domains(data: string): Promise<string> {
	const copy = await openPoolCopy(data);
	const found = new Set<string>();
	try {
		for await (const page of copy.records()) for (const { key } of page) found.add(key.split("\t")[0]);
	} finally {
		await copy.close();
	}
	return ["old", "new"].filter((name) => found.has(`${name}.any.example`)).join(" ");
}

/** What of a data folder is whose. */
async function state(data: string): Promise<string> {
	const token = readFileSync(join(data, "operator.token"), "utf8").startsWith("0000") ? "new" : "old";
	return `${await domains(data)} ${token}`;
}

/** A copy of what is there before, and a restore into it that ends at that step; whether it ended there. */
async function endedAt(t: Test, step: number, { place, archive }: Before, names = CHANGES) {
	const directory = folder(t);
	cpSync(place, directory, { recursive: true });
	const preload = join(directory, "ends.cjs");
	writeFileSync(preload, endsAt(step, names));
	const config = join(directory, "cordon.yaml");
	const words = ["restore", archive, "--config", config, "--replace"];
	const { code } = await new Command(t, words, ["--require", preload]).ended;
	return { directory, config, data: join(directory, "data"), isEnded: code === null, code };
}

test("at each step: the next restore finishes it, or nothing of it had begun", async (t) => {
	const before = await prepared(t);
	let halves = 0;
	let step = 0;
	for (; ; step++) {
		const { directory, config, data, isEnded, code } = await endedAt(t, step, before);
		if (!isEnded) {
			t.equal(code, 0, `${step} steps in all`);
			break;
		}
		const hasBegun = existsSync(join(data, JOURNAL));
		const doctors = await patient(t, {}, {});
		const of = {
			...doctors,
			loaded: {
				...doctors.loaded,
				path: config,
				config: { ...doctors.loaded.config, dataDir: data },
			},
		};
		const [found] = await look(INTERRUPTED, of);
		t.equal(found.level, hasBegun ? "fault" : "ok", `step ${step}: the doctor sees it`);
		if (hasBegun) {
			t.match(found, {
				text: /restore into .* was interrupted.*before-restore-/,
				mend: /cordon restore FILE/,
			});
			const backup = await run("backup", join(directory, "b.tar.gz"), "--config", config);
			t.match(backup, { code: 1, err: /was interrupted: start Cordon/ }, "half a folder is not backed up");
			halves += existsSync(join(data, "pool")) ? 0 : 1;
		}

		const next = await run("restore", before.archive, "--config", config);
		t.match(next, { code: 1, err: /has lists or a pool already: --replace/ }, `step ${step}`);
		if (hasBegun) {
			t.match(
				next.out,
				/^a restore into \S+data was interrupted and is finished now; what was there before is in /,
			);
			t.equal(await state(data), "old old", "all of it is that of the backup");
		} else {
			t.equal(next.out, "");
			t.match(await state(data), /^(?:new new|old old)$/, "all of one");
		}
		const names = readdirSync(data);
		const aside = names.filter((name) => name.startsWith("before-restore-"));
		if ((await state(data)) === "old old") {
			t.equal(aside.length, 1);
			t.equal(await state(join(data, aside[0])), "new new", "what was there before is set aside, all of it");
		} else t.same(aside, [], "nothing empty is left");
		t.same(
			names.filter((name) => name.startsWith(".restore-") || name.startsWith(JOURNAL)),
			[],
			"nothing of it is left",
		);
		t.same(await look(INTERRUPTED, of).then(([{ level }]) => level), "ok");
		rmSync(directory, { recursive: true });
	}
	t.ok(step > 10, `${step} steps`);
	t.ok(halves > 0, "one of them is between the two renames of the pool");
});

/** The journal is renamed, and the pool set aside; the pool of the backup is not in its place yet. */
async function halfRestored(t: Test, before: Before) {
	const half = await endedAt(t, 2, before, ["renameSync"]);
	t.ok(half.isEnded && existsSync(join(half.data, JOURNAL)));
	t.notOk(existsSync(join(half.data, "pool")));
	return half;
}

test("between the two renames of the pool: the next start of the server finishes it", async (t) => {
	const before = await prepared(t);
	const { directory, data } = await halfRestored(t, before);
	const node = await PoolNode.start(t, before.config, directory);
	await node.shows("old.any.example", BLOCKED);
	t.equal(await node.seen("new.any.example"), OPEN);
	const log = `${node.cordon.stdout}${node.cordon.stderr}`;
	t.equal(log.match(/a restore into dataDir was interrupted and is finished now/g)?.length, 1, log);
	t.match(log, /before-restore-/);
	t.notOk(existsSync(join(data, JOURNAL)));
	await node.cordon.stop();
	t.equal(await state(data), "old old");
	const again = await node.again(t);
	t.notMatch(`${again.cordon.stdout}${again.cordon.stderr}`, /interrupted/);
});

test("what was made in between is not thrown away, and a journal that was tampered with is not followed", async (t) => {
	const before = await prepared(t);
	const { data, config } = await halfRestored(t, before);
	mkdirSync(join(data, "pool"));
	t.match(await run("restore", before.archive, "--config", config), {
		code: 1,
		err: /was interrupted and cannot be finished, since \S+\/data\/pool was made after it: move that away/,
	});
	rmSync(join(data, "pool"), { recursive: true });
	const journal = join(data, JOURNAL);
	const text = readFileSync(journal, "utf8");
	for (const wrong of ["", "{", text.replace(/"\.restore-[0-9a-f]+"/, '"../elsewhere"')]) {
		writeFileSync(journal, wrong);
		t.match(await run("restore", before.archive, "--config", config), {
			code: 1,
			err: /restore-under-way\.json is not as cordon restore writes it/,
		});
	}
	const directory = join(data, "..");
	const cordon = await Cordon.start(t, before.config, directory);
	t.match(
		`${cordon.stdout}${cordon.stderr}`,
		/lists and pool stay as they are.*restore-under-way\.json is not as cordon restore writes it/,
		"it answers with the blocklist that it has",
	);
	await cordon.stop();
	writeFileSync(journal, text);
	t.match(await run("restore", before.archive, "--config", config), { out: /is finished now/ });
	t.equal(await state(data), "old old");
});
