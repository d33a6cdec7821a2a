/** How many packets may wait while a worker is busy. */
import { formatHostPort } from "../../config/address.ts";
import { isCapable } from "./capability.ts";
import { note, ok, type Said, warning } from "./finding.ts";
import { kernelNumber } from "./kernel-text.ts";
import type { Check, Patient } from "./patient.ts";
import { boundSockets } from "./socket-table.ts";

/** As sockets/open.ts asks for. */
const WANTED = 8 << 20;
/** What any Linux of the last ten years grants by default. */
const USUAL = 212_992;
const MEND = `printf 'net.core.rmem_max=${WANTED}\\nnet.core.wmem_max=${WANTED}\\n' > /etc/sysctl.d/90-cordon.conf && sysctl --system`;

async function lost({ settings, proc }: Patient): Promise<Said[]> {
	const sockets = (await boundSockets(proc)) ?? [];
	return settings.listen.dns.flatMap((endpoint) => {
		const own = sockets.filter(
			({ protocol, port, family, address, wildcard }) =>
				protocol === "UDP" &&
				port === endpoint.port &&
				family === endpoint.family &&
				(wildcard || address === endpoint.address),
		);
		const drops = own.reduce((sum, socket) => sum + socket.drops, 0);
		if (drops === 0) return [];
		const where = formatHostPort(endpoint);
		return [warning(`the kernel dropped ${drops} queries to ${where} whose buffers were full`, MEND)];
	});
}

export const SOCKET_BUFFERS: Check = {
	name: "buffers",
	linux: true,
	async look(patient) {
		const { proc } = patient;
		const drops = await lost(patient);
		const [receive, send] = await Promise.all([
			kernelNumber(`${proc}/sys/net/core/rmem_max`),
			kernelNumber(`${proc}/sys/net/core/wmem_max`),
		]);
		if (await isCapable(proc, "self", "NET_ADMIN")) {
			return [...drops, ok("this process may take socket buffers of 8 MiB, whatever the limits are")];
		}
		if (receive === undefined || send === undefined) {
			return [...drops, note("net.core.rmem_max is not told here, as in most containers", MEND)];
		}
		const least = Math.min(receive, send);
		if (least >= WANTED) return [...drops, ok("socket buffers of 8 MiB are granted")];
		const kib = Math.round(least / 1024);
		const said = `socket buffers are limited to ${kib} KiB in place of 8 MiB: bursts of queries are lost while a worker is busy`;
		return [...drops, least < USUAL ? warning(said, MEND) : note(said, MEND)];
	},
};
