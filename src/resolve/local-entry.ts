/** Special names with their answers ready to be copied. */
import type { LocalSettings } from "../config/local-settings.ts";
import { EDE, FLAG, TYPE } from "../wire/codes.ts";
import { nameFromText } from "../wire/name.ts";
import { soaData } from "./sinkhole.ts";
import type { SpecialName } from "./special-names.ts";

/** Seconds: clients forget soon enough when a switch is turned or a zone gets a server. */
export const LOCAL_TTL = 600;

/** What is below an entry's own name: `BELOW.SAME` answers it like that name itself. */
export const BELOW = { NXDOMAIN: 0, NODATA: 1, SAME: 2, ORDINARY: 3 } as const;

export interface LocalEntry {
	/** Uncompressed. */
	readonly name: Uint8Array;
	readonly labels: number;
	/** Of the zone, which owns the SOA of negative answers. */
	readonly zoneLabels: number;
	/** Whether the name itself does not exist. */
	readonly isAbsent: boolean;
	readonly below: number;
	/** At the name itself. */
	readonly records: readonly { readonly type: number; readonly data: Uint8Array }[];
	/** The SOA of negative answers. */
	readonly soa: Uint8Array;
	/** For the header. */
	readonly flags: number;
	/** Whether the public DNS proves that the zone is not signed, which only its parent can. */
	readonly isDelegated: boolean;
}

function wireOf(text: string): Uint8Array {
	const wire = nameFromText(text);
	if (wire === undefined) throw new TypeError(`${text} is no domain name`);
	return wire;
}

const LOCALHOST = wireOf("localhost");
const LOOPBACK_V4 = Uint8Array.of(127, 0, 0, 1);
const LOOPBACK_V6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

export function entriesOf(special: SpecialName, settings: LocalSettings): readonly LocalEntry[] {
	const { name, kind } = special;
	const zone: LocalEntry = {
		name: wireOf(name),
		labels: name.split(".").length,
		zoneLabels: name.split(".").length,
		isAbsent: false,
		below: BELOW.NXDOMAIN,
		records: [],
		soa: soaData(LOCAL_TTL, name),
		flags: FLAG.AA,
		isDelegated: false,
	};
	const apex = [
		{ type: TYPE.SOA, data: zone.soa },
		// RFC 6303, section 3: the zone's own name, which has no address.
		{ type: TYPE.NS, data: zone.name },
	];
	switch (kind) {
		case "absent":
			return [{ ...zone, isAbsent: true }];
		case "canary":
			// The zone is somebody else's.
			return [{ ...zone, isAbsent: true, below: BELOW.ORDINARY, soa: soaData(LOCAL_TTL), flags: 0 }];
		case "empty":
			return [{ ...zone, records: apex, isDelegated: true }];
		case "loopback": {
			const records = [
				{ type: TYPE.A, data: LOOPBACK_V4 },
				{ type: TYPE.AAAA, data: LOOPBACK_V6 },
			];
			return [{ ...zone, records, below: BELOW.SAME }];
		}
		case "loopback-reverse":
			return [
				{ ...zone, records: apex, isDelegated: true },
				...pointers(zone, apex, name, special.pointer ?? name),
			];
		case "resolver": {
			// RFC 9462, section 4: without an encrypted service all of the zone is NODATA.
			const records = [...apex, { type: TYPE.RESINFO, data: resolverInfo(settings.infoUrl) }];
			return [{ ...zone, records, below: BELOW.NODATA }];
		}
	}
}

/** The name that leads back to localhost, and those between it and the zone, which exist but hold nothing. */
function pointers(
	zone: LocalEntry,
	apex: LocalEntry["records"],
	name: string,
	pointer: string,
): readonly LocalEntry[] {
	const ptr = { type: TYPE.PTR, data: LOCALHOST };
	if (pointer === name) return [{ ...zone, records: [ptr, ...apex], isDelegated: true }];
	const labels = pointer.split(".");
	return labels.slice(0, labels.length - zone.labels).map((_, i) => ({
		...zone,
		name: wireOf(labels.slice(i).join(".")),
		labels: labels.length - i,
		records: i === 0 ? [ptr] : [],
	}));
}

/** Info codes of the extended errors that we send, as RFC 9606, section 5, writes them: 15-18,21. */
function errorCodes(): string {
	const codes = [...new Set<number>(Object.values(EDE))].filter((code) => code >= 0).sort((a, b) => a - b);
	const ranges: [number, number][] = [];
	for (const code of codes) {
		const last = ranges.at(-1);
		if (last !== undefined && last[1] === code - 1) last[1] = code;
		else ranges.push([code, code]);
	}
	return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** In the form of a TXT record: each text with its length before it. */
function resolverInfo(infoUrl: string | undefined): Uint8Array {
	const texts = [`exterr=${errorCodes()}`, ...(infoUrl === undefined ? [] : [`infourl=${infoUrl}`])];
	return Uint8Array.from(
		texts.flatMap((text) => {
			const bytes = new TextEncoder().encode(text);
			return [bytes.length, ...bytes];
		}),
	);
}
