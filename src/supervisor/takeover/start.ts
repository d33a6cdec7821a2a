/** SIGUSR2: a running Cordon starts its own successor, from the program as it lies on disk now. */
import { spawn } from "node:child_process";
import type { Log } from "../../observe/log.ts";

/** Of the service manager, meant for this process alone. */
const NOT_FOR_SUCCESSORS = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID"];

export class SuccessorStart {
	readonly #log: Log;
	#isUnderWay = false;

	constructor(log: Log) {
		this.#log = log;
	}

	/** It outlives this process, and prints where this one does. */
	start(configPath: string): void {
		const log = this.#log;
		if (this.#isUnderWay) {
			log.warn("a successor has been started already, and is not done yet");
			return;
		}
		this.#isUnderWay = true;
		const [, main = ""] = process.argv;
		const env = Object.fromEntries(
			Object.entries(process.env).filter(([name]) => !NOT_FOR_SUCCESSORS.includes(name)),
		);
		const child = spawn(
			process.execPath,
			[...process.execArgv, main, "serve", "--takeover", "--config", configPath],
			{ stdio: "inherit", detached: true, env },
		);
		child.on("spawn", () => log.info("starting a successor", { pid: child.pid, program: main }));
		child.on("error", (error) => {
			this.#isUnderWay = false;
			log.error("a successor cannot be started; this Cordon goes on", { program: main, why: error.message });
		});
		child.on("exit", (code, signal) => {
			this.#isUnderWay = false;
			log.error("the successor ended; this Cordon goes on. What the successor said stands above", {
				pid: child.pid,
				code: code ?? signal,
			});
		});
		child.unref();
	}
}
