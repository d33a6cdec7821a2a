/** A receiver of dnstap that throws away what it gets. */
import { type ChildProcess, spawn } from "node:child_process";
import { installed } from "./program.ts";

let running: ChildProcess | undefined;
process.once("exit", () => running?.kill("SIGKILL"));

/** Its path; undefined when it is not installed. */
export function receiverFile(): string | undefined {
	return installed("fstrm_capture");
}

/** Listens at the unix socket `path`, in place of the one before, on the cores that this process is on. */
export function startReceiver(path: string): void {
	running?.kill("SIGKILL");
	const taken = ["-t", "protobuf:dnstap.Dnstap", "-u", path, "-w", "/dev/null"];
	running = spawn(receiverFile() ?? "fstrm_capture", taken, { stdio: "ignore" });
}
