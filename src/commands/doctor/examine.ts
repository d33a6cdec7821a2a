/** All checks at once, each within its time. */
import { type Finding, note, type Said, warning } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";

/** Of what a check is given beyond the time of a single question. */
const GRACE = 3;

async function bounded(check: Check, patient: Patient): Promise<readonly Said[]> {
	const ended = new AbortController();
	const limitMs = patient.timeoutMs * GRACE;
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<readonly Said[]>((resolve) => {
		timer = setTimeout(() => {
			ended.abort();
			resolve([warning(`this was not known after ${limitMs / 1000} s, and was given up`)]);
		}, limitMs);
	});
	try {
		return await Promise.race([Promise.resolve(check.look(patient, ended.signal)), late]);
	} finally {
		clearTimeout(timer);
		ended.abort();
	}
}

async function examineOne(check: Check, patient: Patient, offline: boolean): Promise<readonly Said[]> {
	if (check.linux === true && patient.platform !== "linux") {
		return [note(`not looked at: only Linux tells, and this is ${patient.platform}`)];
	}
	if (check.network === true && offline) return [note("not looked at: --offline")];
	try {
		return await bounded(check, patient);
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const denied = code === "EACCES" || code === "EPERM";
		return denied
			? [
					note(
						`could not be looked at: ${message}`,
						"run cordon doctor as root, or as the user of the server",
					),
				]
			: [warning(`could not be looked at: ${message}`)];
	}
}

/** In the order of the checks. Never rejects, and ends in time. */
export async function examine(
	checks: readonly Check[],
	patient: Patient,
	offline: boolean,
): Promise<readonly Finding[]> {
	const found = await Promise.all(
		checks.map(async (check) => {
			const said = await examineOne(check, patient, offline);
			return said.map((one) => ({ check: check.name, ...one }));
		}),
	);
	return found.flat();
}
