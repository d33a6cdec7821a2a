/** Whether so many files may be open as connections and upstreams need. */
import { everyServer } from "../../config/upstream-settings.ts";
import { fault, ok, warning } from "./finding.ts";
import { kernelText } from "./kernel-text.ts";
import type { Check, Patient } from "./patient.ts";
import { lockHolder } from "./running-process.ts";

/** Of the program itself: libraries, log, pool, admin connections. */
const BASE = 320;
/** Of a worker: its loop, and for each address it listens on. */
const WORKER = 10;
const PER_ADDRESS = 3;
/** To one upstream, in one worker, when it is slow (upstream/udp.ts). */
const UPSTREAM_USUAL = 16;
const UPSTREAM_MOST = 256;

/** @returns how many are needed with quick upstreams, and when all of them are slow. */
export function filesNeeded({ settings }: Pick<Patient, "settings">): { usual: number; most: number } {
	const { workers, listen, upstreams } = settings;
	const servers = everyServer(upstreams).length;
	const fixed = BASE + listen.tcp.maxConnections + workers * (WORKER + PER_ADDRESS * listen.dns.length);
	return {
		usual: fixed + workers * servers * UPSTREAM_USUAL,
		most: fixed + workers * servers * UPSTREAM_MOST,
	};
}

/** The hard limit: Node raises its own soft one to it. Undefined when the kernel does not tell. */
function hardLimit(limits: string | undefined): number | undefined {
	const word = /^Max open files\s+\S+\s+(\S+)/m.exec(limits ?? "")?.[1];
	if (word === undefined) return undefined;
	return word === "unlimited" ? Number.POSITIVE_INFINITY : Number(word);
}

export const FILE_LIMIT: Check = {
	name: "files",
	linux: true,
	async look(patient) {
		const { proc } = patient;
		const running = lockHolder(patient.loaded.config.dataDir);
		const theirs =
			running === undefined ? undefined : hardLimit(await kernelText(`${proc}/${running}/limits`));
		const limit = theirs ?? hardLimit(await kernelText(`${proc}/self/limits`));
		if (limit === undefined) return [warning("the limit of open files is not known")];
		const whose = theirs === undefined ? "this shell" : `the running Cordon (process ${running})`;
		const { usual, most } = filesNeeded(patient);
		const said = `${limit} open files are allowed to ${whose}`;
		const mend = `LimitNOFILE=${Math.max(65_536, most)} in the unit of systemd, or ulimit -n before starting it`;
		if (limit >= most) return [ok(`${said}, and at most ${most} are needed`)];
		if (limit >= usual) {
			return [warning(`${said}, which are too few when all upstreams are slow at once (${most})`, mend)];
		}
		return [fault(`${said}, and listen.tcp.maxConnections with the upstreams needs ${usual}`, mend)];
	},
};
