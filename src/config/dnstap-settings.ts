/** What goes to a receiver of dnstap, as the program uses it. */
import { hostname } from "node:os";
import { type DnstapAddress, parseDnstapAddress } from "./address.ts";
import { parsed } from "./parsed.ts";
import type { Config } from "./schema.ts";
import { parseSize } from "./units.ts";
import { type DnstapMessage, VIAS, type Via } from "./vocabulary.ts";

export interface DnstapSettings {
	readonly to: DnstapAddress;
	readonly messages: readonly DnstapMessage[];
	/** One bit for each of VIAS. */
	readonly vias: number;
	/** One exchange in so many. */
	readonly sample: number;
	/** Empty: not told. */
	readonly identity: string;
	/** Undefined: the program's own. */
	readonly version: string | undefined;
	readonly bufferBytes: number;
}

/** Undefined: off. */
export function toDnstap({ log: { dnstap } }: Config): DnstapSettings | undefined {
	if (dnstap.to === "off") return undefined;
	const vias: readonly Via[] = dnstap.only.length === 0 ? VIAS : dnstap.only;
	return {
		to: parsed(parseDnstapAddress(dnstap.to), dnstap.to),
		messages: dnstap.messages,
		vias: vias.reduce((bits, via) => bits | (1 << VIAS.indexOf(via)), 0),
		sample: dnstap.sample,
		identity: dnstap.identity ?? hostname(),
		version: dnstap.version,
		bufferBytes: parsed(parseSize(dnstap.buffer), dnstap.buffer),
	};
}
