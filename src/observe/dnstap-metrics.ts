/** The metrics of dnstap; all stay zero while log.dnstap is off. */
import { type Family, single } from "./family.ts";

export const DNSTAP_METRICS: readonly Family[] = [
	single(
		"gauge",
		"cordon_dnstap_up",
		"Whether a receiver of dnstap is connected and takes messages: 1 or 0.",
		({ status }) => status.scribe.dnstapUp,
	),
	single(
		"counter",
		"cordon_dnstap_frames_total",
		"Messages of dnstap given to the receiver.",
		({ status }) => status.scribe.dnstapSent,
	),
	{
		type: "counter",
		name: "cordon_dnstap_dropped_total",
		help: "Messages of dnstap that the receiver should have and has not: ring-full means that the thread which sends them came too late, slow that the receiver takes less than there is, disconnected that there is none or that they were under way when it went, crash that the thread died.",
		labels: ["reason"],
		read: ({ status: { scribe }, tally }) => [
			[{ reason: "ring-full" }, tally.number("dnstapRingFull")],
			[{ reason: "slow" }, scribe.dnstapSlow],
			[{ reason: "disconnected" }, scribe.dnstapDisconnected],
			[{ reason: "crash" }, scribe.dnstapCrash],
		],
	},
];
