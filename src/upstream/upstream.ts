/** One upstream: the ways to it, and what is known of it. */
import type { UpstreamServer } from "../config/upstream-settings.ts";
import type { Carrier } from "./carrier.ts";
import { Health } from "./health.ts";
import { CaseKeeping } from "./random-case.ts";

export class Upstream {
	/** Its place in the configuration. */
	readonly number: number;
	/** Where it is counted. */
	readonly slot: number;
	/** The label in metrics and logs. */
	readonly name: string;
	readonly health = new Health();
	readonly caseKeeping = new CaseKeeping();
	readonly first: Carrier;
	/** For answers too large for UDP, or doubtful. */
	readonly stream: Carrier;

	constructor(server: UpstreamServer, number: number, slot: number, first: Carrier, stream: Carrier) {
		this.number = number;
		this.slot = slot;
		this.name = server.name;
		this.first = first;
		this.stream = stream;
	}
}
