import { markdownTable, whole } from "./results.ts";
import type { SteadyResult } from "./steady-load.ts";

export interface Event extends SteadyResult {
	readonly name: string;
	readonly times: number;
}

export function upgradeTable(events: readonly Event[], about: readonly string[]): string {
	const lost = events.reduce((sum, event) => sum + event.lost, 0);
	return [
		"## Queries lost while something happens",
		"",
		`Goal: none: ${lost === 0 ? "reached" : `missed, ${whole(lost)} lost`}.`,
		"",
		markdownTable(
			[
				"what happens",
				"times",
				"queries",
				"per second",
				"lost",
				"SERVFAIL and other",
				"average ms",
				"max ms",
			],
			events.map((event) => [
				event.name,
				whole(event.times),
				whole(event.sent),
				whole(event.perSecond),
				whole(event.lost),
				whole(event.wrong),
				event.averageMs.toFixed(2),
				whole(event.maxMs),
			]),
		),
		"",
		...about.map((line) => `- ${line.replace(" -- `", "`")}`),
		"",
	].join("\n");
}
