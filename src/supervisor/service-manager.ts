/**
 * What systemd, or whoever else started us as a service, wants to know: sd_notify(3). Without NOTIFY_SOCKET nobody does,
 * and nothing is said.
 */
import type { Log } from "../observe/log.ts";

export interface ServiceManagerParts {
	readonly env: NodeJS.ProcessEnv;
	/** One datagram to a socket by its path, or its abstract name behind `@`. @returns whether it went out. */
	readonly send: (path: string, text: string) => boolean;
	readonly log: Log;
}

export class ServiceManager {
	readonly #parts: ServiceManagerParts;
	readonly #path: string;
	#watchdog: NodeJS.Timeout | undefined;
	#isUnheard = false;

	constructor(parts: ServiceManagerParts) {
		this.#parts = parts;
		this.#path = parts.env.NOTIFY_SOCKET ?? "";
	}

	/** Serving, with this to show for it. Also the end of what `reloading` began. */
	ready(status: string): void {
		this.#say("READY=1", `STATUS=${status}`, `MAINPID=${process.pid}`);
	}

	reloading(status: string): void {
		const now = process.hrtime.bigint() / 1000n;
		this.#say("RELOADING=1", `MONOTONIC_USEC=${now}`, `STATUS=${status}`);
	}

	stopping(): void {
		this.#say("STOPPING=1", "STATUS=finishing what is in flight");
	}

	/** The service is another process from now on: only the main process may say so where NotifyAccess is main. */
	succeededBy(pid: number): void {
		this.#say(`MAINPID=${pid}`);
	}

	/** Tells the watchdog, twice as often as it wants to hear, that all is well, as long as it is. */
	watch(isWell: (patienceMs: number) => Promise<boolean>): void {
		const { env, log } = this.#parts;
		const microseconds = Number(env.WATCHDOG_USEC ?? 0);
		const isForUs = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
		if (!(microseconds > 0) || !isForUs || this.#watchdog !== undefined) return;
		const everyMs = Math.max(Math.floor(microseconds / 2000), 1);
		const look = async (): Promise<void> => {
			if (await isWell(everyMs)) this.#say("WATCHDOG=1");
			else log.error("a worker hangs; the service manager's watchdog is not told that all is well");
		};
		this.#watchdog = setInterval(() => void look(), everyMs);
		void look();
	}

	#say(...lines: readonly string[]): void {
		if (this.#path === "") return;
		const { send, log } = this.#parts;
		// A line break would begin another assignment.
		const text = lines.map((line) => line.replaceAll("\n", " ")).join("\n");
		if (send(this.#path, text)) return;
		if (!this.#isUnheard) log.warn("the service manager cannot be told", { NOTIFY_SOCKET: this.#path });
		this.#isUnheard = true;
	}
}
