/** `cordon doctor`: what keeps Cordon from serving well on this machine, and how it is mended. */
import { ConfigError } from "../config/fault.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import { toSettings } from "../config/settings.ts";
import { readVersion } from "../version.ts";
import { CHECKS } from "./doctor/checks.ts";
import { examine } from "./doctor/examine.ts";
import type { Finding, Level } from "./doctor/finding.ts";
import type { Check, Patient } from "./doctor/patient.ts";
import { printReport, reportOf } from "./doctor/report.ts";
import { parseTyped, type Typed, unknownWord } from "./options.ts";
import type { Output } from "./output.ts";
import { UsageError } from "./usage-error.ts";

const USAGE = `Usage: cordon doctor [CHECK...] [--config FILE] [--offline] [--all] [--json]

Looks at the configuration, this machine, and what both lead to: ports, privileges, limits, clock, disk, memory,
upstreams, lists, Redis, and how clients reach us. It changes nothing. With each finding it says what mends it.

  CHECK...       only these: ${CHECKS.map(({ name }) => name).join(", ")}
  --config FILE  the configuration; else CORDON_CONFIG, else config/cordon.yaml
  --offline      ask neither upstreams nor lists nor Redis
  --all          tell what is fine, too
  --timeout S    how long one question may take, in seconds; 3 by default
  --json         print one JSON object
  --help         print this

Exit code: 0 all is well, 1 warnings, 2 faults, 3 wrong usage. Notes are no warnings.
`;

const EXIT: Readonly<Record<Level, number>> = { ok: 0, note: 0, warning: 1, fault: 2 };
const WRONG_USAGE = 3;
const TIMEOUT_S = 3;
const MOST_TIMEOUT_S = 60;

function timeoutOf(typed: Typed): number {
	const text = typed.text("timeout") ?? String(TIMEOUT_S);
	const seconds = Number(text);
	if (!(seconds > 0 && seconds <= MOST_TIMEOUT_S)) {
		throw new UsageError(
			`--timeout ${text} has to be a number of seconds, above 0 and up to ${MOST_TIMEOUT_S}`,
		);
	}
	return seconds * 1000;
}

function wantedChecks(words: readonly string[]): readonly Check[] {
	const names = CHECKS.map(({ name }) => name);
	const unknown = words.find((word) => !names.includes(word));
	if (unknown !== undefined) throw new UsageError(`there is no check ${unknownWord(unknown, names)}`);
	return words.length === 0 ? CHECKS : CHECKS.filter(({ name }) => words.includes(name));
}

/** This machine, as the kernel tells of it. */
function patientOf(loaded: LoadedConfig, timeoutMs: number): Patient {
	return {
		loaded,
		settings: toSettings(loaded.config),
		proc: "/proc",
		sys: "/sys",
		etc: "/etc",
		run: "/run",
		platform: process.platform,
		uid: process.getuid?.(),
		now: Date.now,
		timeoutMs,
	};
}

/** Faults of the configuration are findings; nothing else can be looked at then. */
async function findings(
	path: string | undefined,
	checks: readonly Check[],
	offline: boolean,
	timeoutMs: number,
): Promise<{ readonly config: string; readonly found: readonly Finding[] }> {
	let loaded: LoadedConfig;
	try {
		loaded = await loadConfig({ path });
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		const mend = `cordon check --config ${error.path} tells all, with lines`;
		const found = error.faults.map(({ key, message }): Finding => {
			const text = key === "" ? `${error.path} ${message}` : `${key} ${message}`;
			return { check: "configuration", level: "fault", text, mend };
		});
		return { config: error.path, found };
	}
	return { config: loaded.path, found: await examine(checks, patientOf(loaded, timeoutMs), offline) };
}

/** Runs `cordon doctor` with the arguments behind it and returns the exit code. */
export async function doctor(argv: readonly string[], output: Output = process): Promise<number> {
	try {
		const typed = parseTyped(argv, {
			config: { type: "string", short: "c" },
			offline: { type: "boolean" },
			all: { type: "boolean" },
			timeout: { type: "string" },
			json: { type: "boolean" },
			help: { type: "boolean", short: "h" },
		});
		if (typed.isSet("help")) {
			output.stdout.write(USAGE);
			return 0;
		}
		const checks = wantedChecks(typed.words);
		const { config, found } = await findings(
			typed.text("config"),
			checks,
			typed.isSet("offline"),
			timeoutOf(typed),
		);
		const report = reportOf(config, readVersion(), found);
		output.stdout.write(
			typed.isSet("json")
				? `${JSON.stringify(report, undefined, 2)}\n`
				: printReport(report, typed.isSet("all")),
		);
		return EXIT[report.worst];
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		output.stderr.write(`cordon doctor: ${error.message}\nSee cordon doctor --help.\n`);
		return WRONG_USAGE;
	}
}
