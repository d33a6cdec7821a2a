/** Cookies, identity and ANY in the configuration. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Test, test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { toSettings } from "../../src/config/settings.ts";
import { faultsOf } from "./faults-of.ts";

function folder(t: Test): string {
	const path = mkdtempSync(join(tmpdir(), "cordon-edns-"));
	t.teardown(() => rmSync(path, { recursive: true, force: true }));
	return path;
}

async function faults(listen: object, directory: string): Promise<string[]> {
	const found = await faultsOf(JSON.stringify({ listen }), [], join(directory, "cordon.yaml"));
	return found.map(({ key, message }) => `${key} ${message}`);
}

test("keys of cookies that need one another", async (t) => {
	const directory = folder(t);
	writeFileSync(join(directory, "secret"), "0".repeat(32));
	t.strictSame(await faults({ cookies: { enabled: false, required: true } }, directory), [
		"listen.cookies.required says nothing while listen.cookies.enabled is false",
	]);
	t.strictSame(await faults({ cookies: { previousSecretFile: "secret" } }, directory), [
		"listen.cookies.previousSecretFile says nothing without secretFile",
	]);
	t.strictSame(
		await faults(
			{ cookies: { secretFile: "secret", previousSecretFile: "secret", required: true } },
			directory,
		),
		[],
	);
});

test("files that hold no secret", async (t) => {
	const directory = folder(t);
	mkdirSync(join(directory, "folder"));
	for (const [text, isGood] of [
		["E5E973E5a6b2a43f48e7dc849e37bfcf", true],
		["  e5e973e5a6b2a43f48e7dc849e37bfcf \r\n# a note\n", true],
		["e5e973e5a6b2a43f48e7dc849e37bfc", false],
		["e5e973e5a6b2a43f48e7dc849e37bfcf00", false],
		["x5e973e5a6b2a43f48e7dc849e37bfcf", false],
	] as const) {
		writeFileSync(join(directory, "secret"), text);
		const found = await faults({ cookies: { secretFile: "secret" } }, directory);
		const expected = `listen.cookies.secretFile names a file whose first line is not 32 hexadecimal digits, as openssl rand -hex 16 writes them: ${join(directory, "secret")}`;
		t.strictSame(found, isGood ? [] : [expected], text);
	}
	for (const [file, pattern] of [
		["nowhere", /^listen\.cookies\.secretFile names a file that does not exist: /],
		["folder", /^listen\.cookies\.secretFile names a directory/],
	] as const)
		t.match(await faults({ cookies: { secretFile: file } }, directory), [pattern]);
});

test("files are relative to the configuration file", async (t) => {
	const directory = folder(t);
	writeFileSync(join(directory, "secret"), "0".repeat(32));
	const text = JSON.stringify({
		listen: { cookies: { secretFile: "secret", previousSecretFile: "./secret" } },
	});
	const config = await parseConfig(text, join(directory, "cordon.yaml"), { machineAddresses: [] });
	t.match(toSettings(config).listen.cookies, {
		enabled: true,
		required: false,
		secretFile: join(directory, "secret"),
		previousSecretFile: join(directory, "secret"),
	});
});

test("identity as bytes, and the defaults", async (t) => {
	const read = async (listen: object) =>
		toSettings(await parseConfig(JSON.stringify({ listen }), "/etc/cordon.yaml", { machineAddresses: [] }))
			.listen;
	const bytes = (text: string) => Uint8Array.from(Buffer.from(text));
	t.strictSame(await read({}).then(({ identity, any }) => ({ identity, any })), {
		identity: {},
		any: "minimal",
	});
	t.strictSame((await read({ identity: { server: "a", version: "b", nsid: "c" } })).identity, {
		server: bytes("a"),
		version: bytes("b"),
		nsid: bytes("c"),
	});
	t.strictSame((await read({ identity: { nsid: true } })).identity, { nsid: bytes(hostname().slice(0, 64)) });
	for (const bad of ["", "x".repeat(65), "ä", "a\nb"])
		t.match(await faults({ identity: { server: bad } }, "/etc"), [/1 to 64 printable ASCII characters/], bad);
});
