/** The authority and the two resolvers that forward to it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../bench/cleanup.ts";
import { freePort } from "../bench/free-port.ts";
import { nsdConfig } from "../bench/nsd-config.ts";
import { firstAnswer } from "../bench/probe.ts";
import { Program } from "../bench/program.ts";
import { ROOT_ZONE, SIGNED_ZONE } from "./zone.ts";

const READY_MS = 15_000;
/** Programs of Debian's packages nsd, unbound and bind9-utils. */
export const NEEDED = ["nsd", "unbound", "dnssec-signzone", "dnssec-keygen"] as const;

export interface Ground {
	readonly cleanup: Cleanup;
	readonly directory: string;
}

function run(directory: string, file: string, ...words: readonly string[]): string {
	const { status, stdout, stderr, error } = spawnSync(file, words, { cwd: directory, encoding: "utf8" });
	if (status === 0) return stdout;
	throw new Error(`${file} ${words.join(" ")} failed: ${error?.message ?? stderr}`);
}

/** What the authority serves. */
export interface Authority {
	readonly port: number;
	/** The file with the DNSKEY record of signed.example, to be trusted. */
	readonly keyFile: string;
}

function signed(directory: string): { readonly zone: string; readonly keyFile: string } {
	const key = run(
		directory,
		"dnssec-keygen",
		"-q",
		"-a",
		"ECDSAP256SHA256",
		"-f",
		"KSK",
		"signed.example",
	).trim();
	const zone = join(directory, "signed.zone");
	writeFileSync(zone, SIGNED_ZONE + readFileSync(join(directory, `${key}.key`), "utf8"));
	run(
		directory,
		"dnssec-signzone",
		"-q",
		"-z",
		"-o",
		"signed.example",
		"-k",
		`${key}.private`,
		"signed.zone",
	);
	return { zone: `${zone}.signed`, keyFile: join(directory, `${key}.key`) };
}

export async function untilItAnswers(program: Program, what: string, port: number): Promise<void> {
	const reply = await firstAnswer(port, ["ns.zone.example"], ({ rcode }) => rcode === 0, READY_MS);
	if (reply === undefined) throw new Error(`${what} does not answer:\n${program.lastWords()}`);
}

export function startProgram(ground: Ground, what: string, file: string, words: readonly string[]): Program {
	const { cleanup, directory } = ground;
	const program = new Program(
		{ file, arguments: words, directory },
		{ cleanup, logFile: join(directory, `${what}.log`) },
	);
	// It ends with us, and does not keep us.
	program.child.unref();
	return program;
}

export async function startAuthority(ground: Ground): Promise<Authority> {
	const { directory } = ground;
	const port = await freePort();
	writeFileSync(join(directory, "root.zone"), ROOT_ZONE);
	const { zone: signedZone, keyFile } = signed(directory);
	const config = join(directory, "nsd.conf");
	writeFileSync(
		config,
		nsdConfig({
			directory,
			port,
			zones: [
				{ name: ".", file: "root.zone" },
				{ name: "signed.example.", file: signedZone },
			],
		}),
	);
	const nsd = startProgram(ground, "nsd", "nsd", ["-d", "-c", config]);
	await untilItAnswers(nsd, "nsd", port);
	return { port, keyFile };
}

/** Without validation, like Cordon's default; otherwise as it comes. */
export async function startUnbound(ground: Ground, authority: number): Promise<number> {
	const port = await freePort();
	const config = join(ground.directory, "unbound.conf");
	writeFileSync(
		config,
		`server:
  num-threads: 1
  interface: 127.0.0.1@${port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "${ground.directory}"
  pidfile: ""
  use-syslog: no
  do-not-query-localhost: no
  module-config: "iterator"
  access-control: 127.0.0.0/8 allow
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${authority}
`,
	);
	const unbound = startProgram(ground, "unbound", "unbound", ["-d", "-c", config]);
	await untilItAnswers(unbound, "Unbound", port);
	return port;
}

/** As it comes, but for `more` of the configuration. */
export async function startCordon(
	ground: Ground,
	main: string,
	authority: number,
	more: object = {},
): Promise<number> {
	const port = await freePort();
	const config = join(ground.directory, "cordon.yaml");
	mkdirSync(join(ground.directory, "data"));
	writeFileSync(
		config,
		JSON.stringify({
			listen: { dns: [`127.0.0.1:${port}`], admin: false },
			workers: 1,
			upstreams: { servers: [`udp://127.0.0.1:${authority}`] },
			dataDir: "data",
			...more,
		}),
	);
	const cordon = startProgram(ground, "cordon", process.execPath, [main, "serve", "--config", config]);
	await untilItAnswers(cordon, "Cordon", port);
	return port;
}
