// Programs of other packages that tests and benchmarks need.
import { spawnSync } from "node:child_process";
import { accessSync, constants, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fail } from "./prepare.mjs";

function isThere(program) {
	return (process.env.PATH ?? "").split(delimiter).some((folder) => {
		try {
			accessSync(join(folder, program), constants.X_OK);
			return true;
		} catch {
			return false;
		}
	});
}

/** Debian's tools ask this program whether a service may be started; without it, every one that is installed is. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/** Runs `install` so that none of the services in the packages starts, and would take a port that a test needs. */
function withoutServices(install) {
	let isOurs = false;
	try {
		writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
		isOurs = true;
	} catch (error) {
		// Whoever put one there has decided already.
		if (error.code !== "EEXIST") throw error;
	}
	try {
		return install();
	} finally {
		if (isOurs) rmSync(SERVICE_POLICY, { force: true });
	}
}

function apt(args) {
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const options = { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };
	const { status, stdout, stderr } = spawnSync("apt-get", ["-qq", "-y", ...args], options);
	return { ok: status === 0, output: `${stdout ?? ""}${stderr ?? ""}` };
}

/**
 * Makes sure that programs are there, given with the Debian packages that bring them; root on Debian installs them.
 * Ends with a message otherwise: a test that cannot run has failed.
 */
export function ensureTools(packages, purpose) {
	const missing = () => Object.keys(packages).filter((program) => !isThere(program));
	const programs = missing();
	if (programs.length === 0) return;
	const names = [...new Set(programs.map((program) => packages[program]))];
	if (process.getuid?.() === 0 && isThere("apt-get")) {
		process.stderr.write(`cordon: installing ${names.join(", ")}, which ${purpose} …\n`);
		const install = () => withoutServices(() => apt(["install", "--no-install-recommends", ...names]));
		// The lists of a fresh image are empty.
		let { ok, output } = install();
		if (!ok && apt(["update"]).ok) ({ ok, output } = install());
		if (!ok) process.stderr.write(output);
	}
	const still = missing();
	if (still.length === 0) return;
	fail(
		`${still.join(" and ")} not found, which ${purpose}; on Debian and Ubuntu: apt-get install ${names.join(" ")}; ` +
			"elsewhere they are part of BIND, Knot DNS, OpenSSL, Redis, Prometheus, fstrm and dnstap-ldns",
	);
}
