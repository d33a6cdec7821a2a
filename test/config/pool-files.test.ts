import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { test } from "tap";
import { parseConfig } from "../../src/config/load.ts";
import { toPoolSettings } from "../../src/config/pool-settings.ts";
import { faultsOf } from "./faults-of.ts";
import { PROJECT } from "./project-folder.ts";

const CERT = join(PROJECT, "test/fixtures/tls/test.crt");
const KEY = join(PROJECT, "test/fixtures/tls/test.key");

/** A folder with these files, and the path of a configuration in it. */
function folderWith(t: Test, files: Readonly<Record<string, string>>): string {
	const folder = t.testdir({});
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
	return join(folder, "cordon.yaml");
}

function redis(text: string, servers = "url: redis://redis.example"): string {
	return `pool: { store: redis, redis: { ${servers}, ${text} } }`;
}

test("secrets come from files beside the configuration", async (t) => {
	const path = folderWith(t, {
		pw: "hush, a secret \r\nsecond line\n",
		spw: "\ufeffother",
		"ca.pem": readFileSync(CERT, "utf8"),
		"key.pem": readFileSync(KEY, "utf8"),
	});
	const config = await parseConfig(
		redis(
			"username: u, passwordFile: pw, sentinelPasswordFile: ./spw, tls: { ca: ca.pem, cert: ca.pem, key: key.pem, serverName: r.example }",
			"sentinels: [s.example], master: m",
		),
		path,
		{ machineAddresses: [] },
	);
	t.equal(config.pool.redis.passwordFile, join(path, "../pw"), "absolute from here on");
	const { redis: settings } = toPoolSettings(config);
	t.equal(settings.password, "hush, a secret ", "the line as it is, without its end");
	t.match(settings.servers, { kind: "sentinel", sentinelPassword: "other" });
	t.match(settings.tls, {
		ca: /BEGIN CERTIFICATE/,
		cert: /BEGIN/,
		key: /BEGIN PRIVATE KEY/,
		serverName: "r.example",
	});
});

test("a file that is no good is a fault of its key", async (t) => {
	const { privateKey } = generateKeyPairSync("ed25519");
	const other = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
	const locked = privateKey
		.export({ type: "pkcs8", format: "pem", cipher: "aes-128-cbc", passphrase: "x" })
		.toString();
	const path = folderWith(t, {
		empty: "",
		blank: "\nsecond",
		long: "x".repeat(5000),
		huge: "x".repeat(1024 * 1024 + 1),
		"cert.pem": readFileSync(CERT, "utf8"),
		"broken.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		"other.pem": other,
		"locked.pem": locked,
	});
	mkdirSync(join(path, "../folder"));
	execFileSync("/usr/bin/mkfifo", [join(path, "../pipe")]);
	const table: readonly [text: string, key: string, message: RegExp][] = [
		["passwordFile: nowhere", "pool.redis.passwordFile", /^names a file that does not exist: \/.*\/nowhere$/],
		["passwordFile: empty/x", "pool.redis.passwordFile", /does not exist/],
		["passwordFile: folder", "pool.redis.passwordFile", /names a directory, not a file/],
		["passwordFile: pipe", "pool.redis.passwordFile", /not a plain file/],
		["passwordFile: /dev/zero", "pool.redis.passwordFile", /not a plain file/],
		["passwordFile: empty", "pool.redis.passwordFile", /first line is empty/],
		["passwordFile: blank", "pool.redis.passwordFile", /first line is empty/],
		["passwordFile: long", "pool.redis.passwordFile", /first line is too long/],
		["passwordFile: huge", "pool.redis.passwordFile", /more than 1 MiB/],
		["tls: { ca: nowhere }", "pool.redis.tls.ca", /does not exist/],
		["tls: { ca: blank }", "pool.redis.tls.ca", /without a certificate in PEM/],
		["tls: { ca: broken.pem }", "pool.redis.tls.ca", /without a certificate in PEM/],
		["tls: { cert: cert.pem, key: blank }", "pool.redis.tls.key", /without a private key in PEM/],
		["tls: { cert: cert.pem, key: locked.pem }", "pool.redis.tls.key", /needs a passphrase/],
		[
			"tls: { cert: cert.pem, key: other.pem }",
			"pool.redis.tls.key",
			/is not the private key of the certificate/,
		],
		["tls: { cert: cert.pem }", "pool.redis.tls.cert", /needs its private key/],
		["tls: { key: other.pem }", "pool.redis.tls.key", /needs its certificate/],
	];
	for (const [text, key, message] of table) {
		const faults = await faultsOf(redis(text, "url: rediss://redis.example"), [], path);
		t.same(
			faults.map((fault) => fault.key),
			[key],
			text,
		);
		t.match(faults[0]?.message, message, text);
		t.notMatch(faults[0]?.message, /xxxx|BEGIN/, "nothing of what is in the file");
	}
});

test("a file that this user may not read", async (t) => {
	const path = folderWith(t, { pw: "hush" });
	const text = redis("passwordFile: pw");
	chmodSync(join(path, ".."), 0o755);
	chmodSync(join(path, "../pw"), 0);
	const isRoot = process.getuid?.() === 0;
	// What root may read, nobody may not; all that has to be loaded is loaded before.
	await faultsOf(text, [], path);
	if (isRoot) process.seteuid?.("nobody");
	const [fault] = await faultsOf(text, [], path);
	if (isRoot) process.seteuid?.(0);
	t.match(fault, { key: "pool.redis.passwordFile", message: "this user may not read" });
});

test("files are not looked at while Redis is not used", async (t) => {
	const text = "pool: { redis: { url: redis://r.example, passwordFile: nowhere, tls: { ca: x } } }";
	const faults = await faultsOf(text);
	t.same(
		faults.map(({ key }) => key),
		["pool.redis.url"],
		"TLS and redis:// do not fit, wherever the files are",
	);
	const config = await parseConfig("pool: { redis: { passwordFile: nowhere } }", "/etc/c.yaml");
	t.notOk("password" in toPoolSettings(config).redis);
});

test("a file that went after the configuration was checked", async (t) => {
	const config = await parseConfig(redis("passwordFile: pw"), folderWith(t, { pw: "hush" }));
	const gone = { ...config.pool.redis, passwordFile: "/nowhere/pw" };
	t.throws(() => toPoolSettings({ ...config, pool: { ...config.pool, redis: gone } }), {
		message: "pool.redis.passwordFile names a file that does not exist: /nowhere/pw",
	});
});
