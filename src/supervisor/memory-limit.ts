import { totalmem } from "node:os";

/** Bytes that this process may take: the limit of its control group (container, systemd unit), else the machine's memory. */
export function memoryLimit(constrained = process.constrainedMemory(), machine = totalmem()): number {
	// Without a limit, Node says 0 or a number beyond all memory, by the version of control groups.
	return constrained > 0 && constrained < machine ? constrained : machine;
}
