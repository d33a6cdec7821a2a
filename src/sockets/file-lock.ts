/** Locks on open files, by flock(2): the kernel lets go of them when the process dies, in whatever container it lived. */
import * as libc from "./libc.ts";
import { LINUX } from "./libc.ts";

/**
 * Locks the file that `fd` has open, for as long as it is open; does not wait.
 *
 * @returns `taken`: somebody else has it. `unsupported`: this file system knows no locks.
 */
export function lockFile(fd: number): "locked" | "taken" | "unsupported" {
	if (libc.flock(fd, LINUX.LOCK_EX | LINUX.LOCK_NB) === 0) return "locked";
	const error = libc.lastError();
	return error === "EWOULDBLOCK" || error === "EAGAIN" ? "taken" : "unsupported";
}
