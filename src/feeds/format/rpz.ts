/** Response policy zones as zone files (draft-vixie-dnsop-dns-rpz-00): QNAME and response address triggers, all actions. */
import type { NetworkRule, Rule, RuleAction } from "../../blocklist/rule.ts";
import { listedName } from "../../wire/domain.ts";
import { excerpt } from "../../wire/excerpt.ts";
import type { Line, LineReader } from "./line.ts";
import { triggerNetwork } from "./network.ts";
import { bad, NONE, refused, skipped } from "./outcome.ts";
import { encodeRdata, typeNumber } from "./rdata.ts";
import { EntryAssembler, type ZoneEntry } from "./zone-entry.ts";

/** A zone file may end within an entry; who reads it asks once more at its end. */
export interface ZoneReader extends LineReader {
	/** `bad` when a parenthesis is still open. */
	end(): Line;
}

/** Targets of a CNAME that are no names but actions (section 3 of the draft). */
const ACTIONS: ReadonlyMap<string, RuleAction> = new Map([
	["rpz-passthru", "allow"],
	["rpz-drop", "drop"],
	["rpz-tcp-only", "tcp-only"],
]);
/** Part of any signed zone, and never policy. */
const FURNITURE = new Set([
	"RRSIG",
	"NSEC",
	"NSEC3",
	"NSEC3PARAM",
	"DNSKEY",
	"DS",
	"CDS",
	"CDNSKEY",
	"ZONEMD",
]);
const ADDRESS_TRIGGER = /(?:^|\.)rpz-ip$/i;
const OTHER_TRIGGER = /(?:^|\.)(rpz-(?:client-ip|nsip|nsdname))$/i;
/** What a forwarder cannot know, and what it does not do. */
const WHY_SKIPPED: Readonly<Record<string, string>> = {
	"rpz-nsip": "looks at name servers, which only those who ask them see",
	"rpz-nsdname": "looks at name servers, which only those who ask them see",
	"rpz-client-ip": "is not supported",
};
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** RFC 2181, section 8. */
const LONGEST_TTL = 2 ** 31 - 1;
/** For records of a zone that states none. */
const DEFAULT_TTL = 300;

/** An owner, TTL and class read off an entry. */
interface ZoneRecord {
	readonly trigger: string;
	readonly ttl: number;
	readonly type: string;
	readonly data: readonly string[];
}

/** What a record says of whatever triggers it. */
type RpzPolicy = Pick<Rule & NetworkRule, "action" | "ranked" | "records">;

export function rpzReader(): ZoneReader {
	const zone = new PolicyZone();
	return { read: (line) => zone.read(line), end: () => zone.end() };
}

class PolicyZone {
	readonly #entries = new EntryAssembler();
	/** Without trailing dot, empty for the root; undefined for the zone's own name when the file never says it. */
	#origin: string | undefined;
	#apex: string | undefined;
	#soaSeen = false;
	#owner: string | undefined;
	#defaultTtl: number | undefined;
	#lastTtl: number | undefined;

	read(line: string): Line {
		const entry = this.#entries.push(line);
		if (entry === undefined) return NONE;
		if (typeof entry === "string") return bad(entry);
		if (!entry.sameOwner && entry.words[0]?.startsWith("$")) return this.#readDirective(entry.words);
		const record = this.#readRecord(entry);
		return "kind" in record ? record : this.#readPolicy(record);
	}

	end(): Line {
		return this.#entries.open ? bad("the file ends within parentheses") : NONE;
	}

	#readDirective(words: readonly string[]): Line {
		const [directive = "", value = ""] = words;
		switch (directive.toUpperCase()) {
			case "$ORIGIN": {
				const origin = this.#absolute(value);
				if (value === "" || origin === undefined) return bad("$ORIGIN needs a full name with a trailing dot");
				this.#origin = origin;
				// Until the SOA says where the zone begins.
				if (!this.#soaSeen) this.#apex = origin;
				return NONE;
			}
			case "$TTL":
				if (!isTtl(value)) return bad("$TTL needs a number of seconds, such as 300");
				this.#defaultTtl = seconds(value);
				return NONE;
			case "$INCLUDE":
			case "$GENERATE":
				return skipped(`${directive} is not supported`);
			default:
				return bad(`"${excerpt(directive, 40)}" is no directive of a zone file`);
		}
	}

	#readRecord(entry: ZoneEntry): ZoneRecord | Line {
		const { words } = entry;
		let i = 0;
		if (!entry.sameOwner) this.#owner = this.#ownerOf(words[i++] ?? "");
		let ttl: number | undefined;
		let zoneClass = "IN";
		// TTL and class come in either order, or not at all.
		for (; i < words.length; i++) {
			if (ttl === undefined && isTtl(words[i])) ttl = seconds(words[i]);
			else if (words[i].length <= 3 && /^(?:IN|CH|HS|ANY)$/i.test(words[i]))
				zoneClass = words[i].toUpperCase();
			else break;
		}
		const type = words[i]?.toUpperCase();
		if (type === undefined) return bad("no record type: an entry is NAME [TTL] [CLASS] TYPE DATA");
		if (ttl !== undefined) this.#lastTtl = ttl;
		if (type === "SOA") return this.#startZone(entry);
		if (this.#owner === undefined) return bad(this.#ownerFault(entry));
		if (zoneClass !== "IN") return skipped(`class ${zoneClass} is not the Internet's`);
		return {
			trigger: this.#owner,
			ttl: ttl ?? this.#defaultTtl ?? this.#lastTtl ?? DEFAULT_TTL,
			type,
			data: words.slice(i + 1),
		};
	}

	/** The owner of the SOA is the apex, to which all triggers are relative. */
	#startZone(entry: ZoneEntry): Line {
		if (!entry.sameOwner) {
			this.#apex = this.#absolute(entry.words[0] ?? "");
			// Owners without a dot behind them are relative to the zone even if the file names no origin.
			this.#origin ??= this.#apex;
		}
		this.#soaSeen = true;
		this.#owner = "";
		return NONE;
	}

	/** Lower case, no trailing dot, the root empty; undefined when it hangs on an unknown origin. */
	#absolute(name: string): string | undefined {
		if (name === "@") return this.#origin;
		if (name.endsWith(".")) return name.slice(0, -1).toLowerCase();
		if (this.#origin === undefined) return undefined;
		return (this.#origin === "" ? name : `${name}.${this.#origin}`).toLowerCase();
	}

	/** The owner relative to the apex, empty for the apex itself; undefined when it lies outside of the zone. */
	#ownerOf(name: string): string | undefined {
		if (this.#origin === this.#apex && !name.endsWith(".")) return name === "@" ? "" : name;
		const full = this.#absolute(name);
		const apex = this.#apex;
		if (full === undefined || apex === undefined) return undefined;
		if (full === apex) return "";
		if (apex === "") return full;
		return full.endsWith(`.${apex}`) ? full.slice(0, -apex.length - 1) : undefined;
	}

	#ownerFault(entry: ZoneEntry): string {
		if (entry.sameOwner) return "no owner: the entry before had none either, or a faulty one";
		const shown = `"${excerpt(entry.words[0] ?? "", 80)}"`;
		if (this.#apex === undefined)
			return `${shown} is a full name, and neither $ORIGIN nor a SOA says the zone's`;
		return `${shown} lies outside of the zone ${this.#apex}.; names of a policy zone have no trailing dot`;
	}

	#readPolicy(record: ZoneRecord): Line {
		const { trigger, type } = record;
		if (trigger === "" || FURNITURE.has(type)) return NONE;
		if (ADDRESS_TRIGGER.test(trigger)) return this.#readAddress(record);
		const other = OTHER_TRIGGER.exec(trigger)?.[1]?.toLowerCase();
		if (other !== undefined) return skipped(`the trigger ${other} ${WHY_SKIPPED[other]}`);
		const below = trigger.startsWith("*.");
		const text = below ? trigger.slice(2) : trigger;
		if (text === "*") return refused(".");
		const name = listedName(text);
		if (name === undefined) return refused(text);
		const policy = this.#policyOf(record, below ? undefined : name);
		if ("kind" in policy) return policy;
		return { kind: "rules", rules: [{ name, scope: below ? "below" : "exact", ...policy }] };
	}

	/** Addresses in answers (section 4.3 of the draft). */
	#readAddress(record: ZoneRecord): Line {
		const network = triggerNetwork(record.trigger.replace(/\.?rpz-ip$/i, ""));
		if (typeof network === "string") return bad(network);
		const policy = this.#policyOf(record, undefined);
		if ("kind" in policy) return policy;
		return { kind: "networks", networks: [{ network, ...policy }] };
	}

	#policyOf(record: ZoneRecord, self: string | undefined): RpzPolicy | Line {
		if (record.type === "CNAME") {
			const action = this.#actionOf(record.data, self);
			if (typeof action === "object") return action;
			if (action !== "data") return { action, ranked: true };
		}
		return this.#readData(record);
	}

	/** What a CNAME asks for. `self`: a name whose CNAME to itself is the oldest spelling of passthru. */
	#actionOf(data: readonly string[], self: string | undefined): RuleAction | Line {
		if (data.length !== 1) return bad("CNAME needs one name");
		const target = data[0].toLowerCase();
		if (target === ".") return "nxdomain";
		if (target === "*.") return "nodata";
		const full = target.endsWith(".");
		const first = target.split(".", 1)[0] ?? "";
		const rest = target.slice(first.length + 1, full ? -1 : undefined);
		if (full && rest === "" && first.startsWith("rpz-")) {
			return ACTIONS.get(first) ?? bad(`"${excerpt(target, 40)}" is no action of a policy zone`);
		}
		// Seen in the wild: the missing dot makes the action a name below the zone, and what was to pass is rewritten.
		const slipped = full ? rest === this.#apex || rest === this.#origin : rest === "";
		if (slipped && (ACTIONS.has(first) || first === "*")) {
			return bad(`the trailing dot is missing: write CNAME ${first}.`);
		}
		if (self !== undefined && full && target.slice(0, -1) === self) return "allow";
		return "data";
	}

	#readData(record: ZoneRecord): RpzPolicy | Line {
		const type = typeNumber(record.type);
		if (type === undefined) {
			// NS and DNAME cannot be policy at all (section 3.6 of the draft); the others we do not know how to write.
			return skipped(`records of type ${excerpt(record.type, 20)} are not supported as local data`);
		}
		const rdata = encodeRdata(type, record.data, this.#origin);
		if (typeof rdata === "string") return bad(rdata);
		return { action: "data", ranked: true, records: [{ type, ttl: record.ttl, rdata }] };
	}
}

function isTtl(word: string): boolean {
	const first = word.charCodeAt(0);
	return first >= 0x30 && first <= 0x39 && /^(?:\d+|(?:\d+[smhdw])+)$/i.test(word);
}

function seconds(text: string): number {
	let sum = 0;
	for (const [, number, unit] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
		sum += Number(number) * (SECONDS[unit?.toLowerCase() ?? ""] ?? 1);
	}
	return Math.min(sum, LONGEST_TTL);
}
