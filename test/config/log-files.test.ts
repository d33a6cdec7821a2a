/** The query log in the configuration. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { faultsOf } from "./faults-of.ts";

function folder(t: Test): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-log-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

async function faults(queries: object, directory: string): Promise<string[]> {
	const found = await faultsOf(JSON.stringify({ log: { queries } }), [], join(directory, "cordon.yaml"));
	return found.map(({ key, message }) => `${key} ${message}`);
}

async function queriesOf(queries: object, directory: string) {
	const text = JSON.stringify({ log: { queries } });
	return toSettings(await parseConfig(text, join(directory, "cordon.yaml"), { machineAddresses: [] }), 1).log
		.queries;
}

test("faults of the query log", async (t) => {
	const directory = folder(t);
	writeFileSync(join(directory, "key"), "no key\n");
	t.strictSame(await faults({ to: ".", secretFile: "key", privacy: "full" }, directory), [
		`log.queries.to names a directory, not a file: ${directory}`,
		"log.queries.secretFile says nothing unless log.queries.privacy is hash",
		`log.queries.secretFile names a file whose first line is not 32 hexadecimal digits, as openssl rand -hex 16 writes them: ${join(directory, "key")}`,
	]);
	t.match(await faults({ fields: ["time", "time"] }, directory), [/fields must not name a field twice/]);
	t.match(await faults({ fields: [], sample: 0, only: ["nothing"], ignore: ["*"] }, directory), {
		length: 4,
	});
	t.match(await faults({ privacy: "hash", secretFile: "gone" }, directory), [
		/names a file that does not exist/,
	]);
	t.match(await faults({ clients: ["192.0.2.1/24"], maxSize: "64", keepFor: "-1d" }, directory), {
		length: 3,
	});
	t.strictSame(await faults({ to: "no-folder/queries.log" }, directory), [], "a disk may come later");
});

test("it is off by default, and its files are where the configuration is", async (t) => {
	const directory = folder(t);
	writeFileSync(join(directory, "key"), `${"0f".repeat(16)}\n`);
	t.equal(await queriesOf({}, directory), undefined);
	t.match(await queriesOf({ to: "console" }, directory), { file: undefined, vias: 0xff, sample: 1 });
	t.match(
		await queriesOf({ to: "log/q.log", only: ["blocked"], privacy: "hash", secretFile: "key" }, directory),
		{
			file: join(directory, "log/q.log"),
			secretFile: join(directory, "key"),
			vias: 1,
			rotation: { maxBytes: 100 * 2 ** 20, everyMs: 86_400_000, keepFiles: 30, keepForMs: 30 * 86_400_000 },
		},
	);
	t.match(
		await queriesOf(
			{ to: "q.log", maxSize: "0B", rotateEvery: "0s", keepFor: "0s", keepFiles: 0 },
			directory,
		),
		{
			rotation: { maxBytes: 0, everyMs: 0, keepFiles: 0, keepForMs: 0 },
		},
	);
});
