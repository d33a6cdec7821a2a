/** A certificate for 127.0.0.1 that nobody but the test trusts. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Ends, ownFolder, RedisServer } from "./server.ts";

const run = promisify(execFile);

export interface Certificate {
	readonly certFile: string;
	readonly keyFile: string;
	/** PEM of the certificate, which is its own authority. */
	readonly ca: string;
}

/** @param names as openssl writes them: `IP:127.0.0.1`, `DNS:redis.test`. */
export async function makeCertificate(
	t: Ends,
	names: readonly string[] = ["IP:127.0.0.1"],
): Promise<Certificate> {
	const folder = ownFolder(t);
	const certFile = join(folder, "test.crt");
	const keyFile = join(folder, "test.key");
	await run("openssl", [
		...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
		...["-subj", "/CN=Cordon tests", "-days", "2", "-addext", `subjectAltName=${names.join(",")}`],
		...["-keyout", keyFile, "-out", certFile],
	]);
	return { certFile, keyFile, ca: readFileSync(certFile, "utf8") };
}

/** A server that speaks TLS and nothing else. */
export async function startTlsRedis(
	t: Ends,
	certificate: Certificate,
	clientsNeedOne = false,
): Promise<RedisServer> {
	const { certFile, keyFile } = certificate;
	return RedisServer.start(t, {
		tls: true,
		conf: [
			`tls-cert-file ${certFile}`,
			`tls-key-file ${keyFile}`,
			`tls-ca-cert-file ${certFile}`,
			`tls-auth-clients ${clientsNeedOne ? "yes" : "no"}`,
		],
		cliArguments: ["--tls", "--cacert", certFile, "--cert", certFile, "--key", keyFile],
	});
}
