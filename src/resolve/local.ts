/** Names that are answered here, whatever the blocklist, the cache and the upstreams would say. */
import type { LocalSettings } from "../config/local-settings.ts";
import type { ZoneSettings } from "../config/upstream-settings.ts";
import { HEADER_BYTES, RCODE, TYPE } from "../wire/codes.ts";
import { type DomainName, nameFromText } from "../wire/name.ts";
import { beginReply, POINTER_TO_QUESTION, putRecord } from "../wire/reply.ts";
import { SuffixTable } from "../wire/suffix-table.ts";
import { type Answer, VIA } from "./answer.ts";
import { BELOW, entriesOf, LOCAL_TTL, type LocalEntry } from "./local-entry.ts";
import type { Query } from "./query.ts";
import { soaData } from "./sinkhole.ts";
import { SPECIAL_NAMES, type SpecialName } from "./special-names.ts";

const POINTER = 0xc000;
const SINGLE_LABEL_SOA = soaData(LOCAL_TTL);

/** Types that speak of a zone: with them a name of one label is a top-level domain. */
const ZONE_TYPES: ReadonlySet<number> = new Set([
	TYPE.NS,
	TYPE.SOA,
	TYPE.DS,
	TYPE.DNSKEY,
	TYPE.RRSIG,
	TYPE.NSEC,
	TYPE.NSEC3PARAM,
	TYPE.CDS,
	TYPE.CDNSKEY,
	TYPE.CSYNC,
	TYPE.ZONEMD,
]);

/** The special names that are answered here under these settings. */
export function namesAnswered(
	settings: LocalSettings,
	zones: readonly Pick<ZoneSettings, "names">[],
): readonly SpecialName[] {
	const elsewhere = zones.flatMap((zone) => zone.names);
	return SPECIAL_NAMES.filter(
		(special) =>
			settings[special.switch] &&
			!elsewhere.some((name) => special.name === name || special.name.endsWith(`.${name}`)),
	);
}

export class Local {
	readonly #table: SuffixTable;
	/** Undefined: a name that goes to a server of its own. */
	readonly #entries: readonly (LocalEntry | undefined)[];
	readonly #keepsSingleLabels: boolean;

	/** `seed`: of the name hashes. */
	constructor(settings: LocalSettings, zones: readonly Pick<ZoneSettings, "names">[], seed: number) {
		const entries = namesAnswered(settings, zones).flatMap((special) => entriesOf(special, settings));
		const elsewhere = zones.flatMap((zone) => zone.names.flatMap((name) => nameFromText(name) ?? []));
		this.#table = new SuffixTable([...entries.map((entry) => entry.name), ...elsewhere], seed);
		this.#entries = [...entries, ...elsewhere.map(() => undefined)];
		this.#keepsSingleLabels = settings.singleLabel;
	}

	/** Whether a question for this name, of whatever type, may not go upstream. */
	keeps(name: DomainName): boolean {
		const found = this.#table.find(name);
		if (found < 0) return name.labels === 1 && this.#keepsSingleLabels;
		const entry = this.#entries[found];
		return entry !== undefined && (entry.below !== BELOW.ORDINARY || name.labels === entry.labels);
	}

	/** @returns whether it answered the query. */
	check(query: Query, answer: Answer): boolean {
		const { name, type } = query;
		const found = this.#table.find(name);
		if (found < 0) return name.labels === 1 && this.#keepsSingleLabels && checkSingleLabel(query, answer);
		const entry = this.#entries[found];
		if (entry === undefined) return type === TYPE.DS && this.#checkParent(query, answer);
		if (name.labels > entry.labels) {
			if (entry.below === BELOW.ORDINARY) return false;
			if (entry.below !== BELOW.SAME) {
				negative(query, answer, entry, entry.below === BELOW.NXDOMAIN ? RCODE.NXDOMAIN : RCODE.NOERROR);
				return true;
			}
		} else if (type === TYPE.DS && query.dnssecOk && entry.isDelegated) {
			// RFC 8375, section 4: those who validate need the parent's proof that the zone is not signed.
			return false;
		}
		if (entry.isAbsent) negative(query, answer, entry, RCODE.NXDOMAIN);
		else if (!positive(query, answer, entry)) negative(query, answer, entry, RCODE.NOERROR);
		return true;
	}

	/** The DS of a zone that has a server stands in its parent (RFC 4035, section 3.1.4.1), which may be kept here. */
	#checkParent(query: Query, answer: Answer): boolean {
		const found = this.#table.find(query.name, 1);
		const parent = found < 0 ? undefined : this.#entries[found];
		if (parent === undefined || parent.below === BELOW.ORDINARY) return false;
		negative(query, answer, parent, RCODE.NOERROR);
		return true;
	}
}

/** ANY gets the first RRset (RFC 8482, section 4.1). */
function positive(query: Query, answer: Answer, entry: LocalEntry): boolean {
	for (const record of entry.records) {
		if (record.type !== query.type && query.type !== TYPE.ANY) continue;
		beginReply(answer, query, RCODE.NOERROR, entry.flags);
		putRecord(answer, 6, POINTER_TO_QUESTION, record.type, LOCAL_TTL, record.data);
		answer.via = VIA.local;
		return true;
	}
	return false;
}

function negative(query: Query, answer: Answer, entry: LocalEntry, rcode: number): void {
	const { name } = query;
	beginReply(answer, query, rcode, entry.flags);
	// The zone's name is the end of the question's (RFC 2308, section 3: its SOA goes along).
	const zone = POINTER | (HEADER_BYTES + name.starts[name.labels - entry.zoneLabels]);
	putRecord(answer, 8, zone, TYPE.SOA, LOCAL_TTL, entry.soa);
	answer.via = VIA.local;
}

/**
 * NODATA rather than NXDOMAIN: the label may be a top-level domain, and NXDOMAIN would deny all below it (RFC 8020,
 * section 2) to a resolver that asks through us.
 */
function checkSingleLabel(query: Query, answer: Answer): boolean {
	if (ZONE_TYPES.has(query.type)) return false;
	beginReply(answer, query, RCODE.NOERROR);
	putRecord(answer, 8, POINTER_TO_QUESTION, TYPE.SOA, LOCAL_TTL, SINGLE_LABEL_SOA);
	answer.via = VIA.local;
	return true;
}
