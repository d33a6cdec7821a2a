/** Where workers have the secrets of their cookies from. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "tap";
import { toSettings } from "../../src/config/settings.ts";
import { CookieSecrets } from "../../src/supervisor/cookie-secrets.ts";
import { configOf, keptLog } from "./parts.ts";

const settingsOf = (cookies: object) => toSettings(configOf({ listen: { cookies } }), 1);
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("hex");

test("without files one secret for the life of the process, another one for the next", (t) => {
	const { log, said } = keptLog();
	const secrets = new CookieSecrets(log);
	const first = secrets.into(settingsOf({})).listen.cookies.secrets;
	t.match(hex(first?.current), /^[0-9a-f]{32}$/);
	t.equal(first?.previous, undefined);
	t.strictSame(secrets.into(settingsOf({ required: true })).listen.cookies.secrets, first);
	t.notSame(new CookieSecrets(log).into(settingsOf({})).listen.cookies.secrets, first);
	t.strictSame(said, []);
	t.end();
});

test("that of the Cordon before goes on; what is no secret does not", (t) => {
	const { log } = keptLog();
	const before = new CookieSecrets(log).own;
	t.strictSame(new CookieSecrets(log, before).into(settingsOf({})).listen.cookies.secrets?.current, before);
	t.match(hex(new CookieSecrets(log, before.subarray(1)).own), /^[0-9a-f]{32}$/);
	t.end();
});

test("files are read anew each time; one that has gone meanwhile changes nothing", (t) => {
	const directory = mkdtempSync(join(tmpdir(), "cordon-secrets-"));
	t.teardown(() => rmSync(directory, { recursive: true, force: true }));
	const [secretFile, previousSecretFile] = [join(directory, "one"), join(directory, "two")];
	writeFileSync(secretFile, "01".repeat(16));
	writeFileSync(previousSecretFile, "02".repeat(16));
	const { log, said } = keptLog();
	const secrets = new CookieSecrets(log);
	const settings = settingsOf({ secretFile, previousSecretFile });
	const read = () => {
		const { current, previous } = secrets.into(settings).listen.cookies.secrets ?? {};
		return [hex(current), hex(previous)];
	};
	t.strictSame(read(), ["01".repeat(16), "02".repeat(16)]);
	writeFileSync(secretFile, "03".repeat(16));
	t.strictSame(read(), ["03".repeat(16), "02".repeat(16)]);
	rmSync(secretFile);
	t.strictSame(read(), ["03".repeat(16), "02".repeat(16)]);
	t.match(said, [{ level: "error", fields: { why: /does not exist/ } }]);
	t.end();
});
