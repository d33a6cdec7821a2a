/** Whether the clock is right: signatures, certificates and what the pool keeps have times. */
import { formatSpan } from "../status/print.ts";
import { fault, note, ok, type Said, warning } from "./finding.ts";
import type { Check } from "./patient.ts";

const NTP = "timedatectl set-ntp true";
/** What the pool warns of as well. */
const MUCH_MS = 5000;
/** Signatures of DNSSEC and certificates fail. */
const FAR_MS = 600_000;

/** @param slackMs by which the comparison itself may be wrong. */
export function judgeClock(aheadMs: number, whose: string, slackMs: number): Said[] {
	const off = Math.abs(aheadMs);
	if (off <= MUCH_MS + slackMs) return [];
	const text = `this clock is ${formatSpan(off)} ${aheadMs > 0 ? "ahead of" : "behind"} that of ${whose}`;
	return [off > FAR_MS ? fault(text, NTP) : warning(text, NTP)];
}

const SANE_FROM = Date.UTC(2025, 0, 1);

export const CLOCK: Check = {
	name: "clock",
	async look({ now, platform }) {
		if (now() < SANE_FROM) {
			return [fault(`this clock says ${new Date(now()).toISOString()}, which is long over`, NTP)];
		}
		const how =
			platform === "linux"
				? await import("../../sockets/clock.ts").then(
						({ isClockSynchronised }) => isClockSynchronised(),
						() => undefined,
					)
				: undefined;
		if (how === undefined) return [note("whether the clock is kept right by NTP is not told here")];
		return [
			how
				? ok("the clock is kept right by NTP")
				: warning("nothing keeps the clock right: the kernel says that it is not synchronised", NTP),
		];
	},
};
