/** The Cordon that runs with this configuration, if one does. */
import type { NodeStatus } from "../../observe/status.ts";
import { readVersion } from "../../version.ts";
import { adminUrlOf } from "../admin-address.ts";
import { AdminClient, NotReachable, Refused } from "../admin-client.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import type { Check, Patient } from "./patient.ts";
import { lockHolder } from "./running-process.ts";

export function judgeStatus(status: NodeStatus, version: string): Said[] {
	const said: Said[] = [];
	if (!status.ready) {
		const mend = "cordon status, and the log of the server";
		said.push(warning(`the running Cordon is not ready: ${status.waitingFor ?? "it is starting"}`, mend));
	}
	if (status.version !== version) {
		const text = `Cordon ${status.version} runs, and ${version} is installed`;
		said.push(warning(text, "systemctl restart cordon, at a time that suits"));
	}
	const silent = status.workers.filter(({ serving }) => !serving).length;
	if (silent > 0)
		said.push(
			warning(`${silent} of ${status.workers.length} workers do not answer`, "systemctl restart cordon"),
		);
	const restarts = status.workers.reduce((sum, worker) => sum + worker.restarts, 0);
	if (restarts > 0) {
		const mend = "the log says why, at level error: journalctl -u cordon -p err";
		said.push(warning(`workers crashed ${restarts} times since the start, and were started again`, mend));
	}
	if (status.pool !== undefined && !status.pool.up) {
		const why = status.pool.problem ?? "it cannot be reached";
		said.push(
			warning(
				`the shared pool is out of reach, answers go on from this node's copy: ${why}`,
				"cordon pool status",
			),
		);
	}
	const waiting = Object.values(status.pool?.held ?? {}).reduce((sum, count) => sum + count, 0);
	if (waiting > 0) said.push(note(`${waiting} things in the pool wait for a person`, "cordon pool held"));
	if (said.length > 0) return said;
	return [ok(`Cordon ${status.version} runs and is ready`)];
}

async function ask(patient: Patient): Promise<readonly Said[]> {
	const { loaded, timeoutMs } = patient;
	const pid = lockHolder(loaded.config.dataDir);
	if (loaded.config.listen.admin === false) {
		return [
			note(
				pid === undefined
					? "no Cordon runs, as far as can be told"
					: `Cordon runs (process ${pid}), and cannot be asked`,
				"listen.admin: 127.0.0.1:8053, so that it can be asked",
			),
		];
	}
	try {
		const status = await new AdminClient(adminUrlOf(loaded)).get("/api/v1/status", timeoutMs);
		if (!Array.isArray(status.workers) || typeof status.version !== "string") {
			return [fault("what answers on listen.admin is not Cordon", "listen.admin: another port")];
		}
		return judgeStatus(status as unknown as NodeStatus, readVersion());
	} catch (error) {
		if (!(error instanceof NotReachable) && !(error instanceof Refused)) throw error;
		if (pid === undefined) return [note("no Cordon runs with this configuration", "systemctl start cordon")];
		const text = `Cordon runs (process ${pid}), and does not answer on listen.admin: ${error.message}`;
		return [warning(text, "systemctl restart cordon, when its log does not say why")];
	}
}

/** Asks this machine only, so that it is done offline as well. */
export const RUNNING: Check = { name: "running", look: (patient) => ask(patient) };
