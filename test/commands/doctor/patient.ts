/** A configuration, and a machine to look at: this one, or one that a test makes up in a folder. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Test } from "tap";
import { examine } from "../../../src/commands/doctor/examine.ts";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import type { Check, Patient } from "../../../src/commands/doctor/patient.ts";
import { doctor } from "../../../src/commands/doctor.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { toSettings } from "../../../src/config/settings.ts";
import { folder as ownFolder } from "../../scenario/cordon.ts";
import { Printed } from "../printed.ts";

export type Parts = Readonly<Record<string, unknown>>;

export interface Machine {
	/** Files of a machine that is made up: paths such as `proc/meminfo`. What is not there cannot be told. */
	readonly files?: Readonly<Record<string, string>>;
	readonly over?: Partial<Patient>;
}

/** Nobody else's ports, and no list: nothing to complain of. */
const BASE: Parts = {
	listen: { dns: ["127.0.0.1:0"], admin: "127.0.0.1:0" },
	dataDir: "data",
	workers: 1,
};

export function writeConfig(t: Test, config: Parts): { readonly folder: string; readonly path: string } {
	const folder = ownFolder(t);
	const path = join(folder, "cordon.yaml");
	writeFileSync(path, JSON.stringify({ ...BASE, ...config }));
	return { folder, path };
}

export async function patient(t: Test, config: Parts, { files, over }: Machine = {}): Promise<Patient> {
	const { folder, path } = writeConfig(t, config);
	const root = files === undefined ? "/" : join(folder, "machine");
	for (const [name, text] of Object.entries(files ?? {})) {
		mkdirSync(dirname(join(root, name)), { recursive: true });
		writeFileSync(join(root, name), text);
	}
	const loaded = await loadConfig({ path });
	return {
		loaded,
		settings: toSettings(loaded.config),
		...{ proc: join(root, "proc"), sys: join(root, "sys"), etc: join(root, "etc"), run: join(root, "run") },
		platform: process.platform,
		uid: process.getuid?.(),
		now: Date.now,
		timeoutMs: 10_000,
		...over,
	};
}

export async function look(check: Check, of: Patient, offline = false): Promise<readonly Finding[]> {
	return await examine([check], of, offline);
}

export function levels(findings: readonly Finding[]): string {
	return findings.map(({ level }) => level).join(" ");
}

export async function runDoctor(...argv: readonly string[]) {
	const printed = new Printed();
	const code = await doctor(argv, printed);
	return { code, out: printed.out, err: printed.err };
}
