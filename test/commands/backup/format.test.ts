/** A backup as Cordon 0.1.0 wrote it: whatever comes later has to read it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "tap";
import { decodeContribution } from "../../../src/pool/codec.ts";
import { openPoolCopy } from "../../../src/pool/embedded/pool-copy.ts";
import { kindOf } from "../../../src/pool/record-key.ts";
import { folder } from "../../scenario/cordon.ts";
import { run } from "./archives.ts";

const FIXTURE = fileURLToPath(new URL("../../../../test/fixtures/backup-format-1.tar.gz", import.meta.url));

test("format 1", async (t) => {
	t.match(await run("backup", "--verify", FIXTURE), {
		code: 0,
		out: /by cordon 0\.1\.0[\s\S]*pool default \(embedded\): 5 records, 8 audit entries, 1 batch/,
	});
	const place = folder(t);
	const etc = join(place, "etc");
	const { code, err, out } = await run("restore", FIXTURE, "--config-to", etc);
	t.equal(code, 0, err);
	t.match(out, /restored to \S+etc\/data\n/);
	t.equal(readFileSync(join(etc, "own.txt"), "utf8"), "own.example\n");
	t.same(readdirSync(join(etc, "data", "lists")).sort(), ["own.json", "own.list"]);
	const copy = await openPoolCopy(join(etc, "data"));
	t.teardown(() => copy.close());
	const records = [...copy.records()].flat();
	t.same(
		records.map(({ key }) => `${kindOf(key)} ${key.split("\t").join(" ").trim()}`),
		[
			"member m cert",
			"member m isp",
			"contribution bad.example c cert",
			"contribution worse.example c cert",
			"dispute worse.example d isp",
		],
	);
	const [contribution] = records.filter(({ key }) => key.startsWith("bad.example\t"));
	t.match(decodeContribution(contribution.key, contribution.value), { category: "phishing", confidence: 90 });
	const audit = [...copy.audit()].flat();
	t.match(audit.map(({ action }) => action).join(" "), /^member-add member-add .* restore$/);
	t.equal(audit.length, 9);
	const [held] = [...copy.batches()];
	t.match(held.batch, { member: "cert", state: "held", puts: 40 });
	t.equal([...(held.edits as Iterable<readonly unknown[]>)].flat().length, 40);
});
